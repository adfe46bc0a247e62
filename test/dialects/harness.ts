import { randomBytes } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type Dialect, type ExecResult, type Pool, type Session } from 'shellwright';
import { afterAll, beforeAll, expect } from 'vitest';
import { testSession } from '../support/run.ts';
import { differences, type Difference } from './differences.ts';

/** What the tests of a dialect work with: one pool in a folder of its own, for all tests of a `describe`. */
export interface Harness {
  readonly pool: Pool;
  /** Where its shells start; without links in its path. */
  readonly folder: string;
  /** An interrupt ends the program in the foreground only, and not the command: bash as `sh`. */
  readonly foregroundOnly: boolean;
  /** Whether the shell itself is otherwise there. */
  differs(what: Difference): boolean;
  /** A shell that only this test uses. */
  session(): Promise<Session>;
  /** A path in the folder that no other test uses. */
  fresh(): string;
}

/** To be called in a `describe`; what it gives is there when a test runs. */
export function harness(make: () => Dialect, foregroundOnly = false): Harness {
  let pool: Pool | undefined;
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'shellwright-contract-'));
    pool = createPool({ shell: make(), max: 2, logger: false, cwd: folder });
  });
  afterAll(async () => {
    await pool?.close({ force: true });
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get pool() {
      return pool as Pool;
    },
    get folder() {
      return folder;
    },
    foregroundOnly,
    differs: (what) => differences[what].shells.some((shell) => shell === make().name),
    session: () => testSession(pool as Pool),
    fresh: () => join(folder, randomBytes(6).toString('hex')),
  };
}

/** Exit code and output. */
export function outcome({ exitCode, stdout, stderr }: ExecResult): unknown[] {
  return [exitCode, stdout, stderr];
}

/** The next command runs, its stdin is empty, and its result is its own. */
export async function expectInStep(shell: Session): Promise<void> {
  expect(outcome(await shell.exec('cat; echo out; echo err >&2; (exit 9)'))).toEqual([9, 'out\n', 'err\n']);
  expect(outcome(await shell.exec('echo "$?"'))).toEqual([0, '9\n', '']);
}

/** The driver's own names and texts: they have no business in results. */
export const driverText = /__sw|builtin|command (?:printf|eval|cd|exec)|\bs[0-9a-f]{24}|shellwright-\w{6}\//;
