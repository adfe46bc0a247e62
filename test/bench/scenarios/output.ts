import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'shellwright';
import { contest, type Figures } from '../contest.ts';
import { openPool } from '../peers/ours.ts';
import { atLeast, rowOf } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { OutputCheck } from './output-check.ts';

const MiB = 2 ** 20;
const piece = 16 * MiB;

/** Long output as it arrives, beside a bare read of the same from a child's stdout. */
export const output: Scenario = {
  name: '1 GiB of output, streamed',
  measure: async ({ quick }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const pool = await openPool(1);
    try {
      const bytes = randomBytes(piece);
      const file = join(folder, 'piece');
      writeFileSync(file, bytes);
      const files = Array.from({ length: (quick ? 256 : 1_024) / 16 }, () => file);
      const halves: [first: number, second: number][] = [];
      const rows = await contest({
        scenario: output.name,
        rounds: quick ? 2 : 7,
        ours: {
          name: 'ours',
          attempt: () => timed(bytes, files.length, (check) => streamed(pool, files, check), halves),
        },
        rivals: [
          {
            name: 'raw pipe read',
            goals: { 'MiB/s': atLeast(0.8) },
            attempt: () => timed(bytes, files.length, (check) => read(files, check)),
          },
        ],
      });
      return [
        ...rows,
        rowOf({
          scenario: output.name,
          quantity: 'RSS MiB',
          peer: 'its first half',
          goal: { atMost: 1.1, flat: true },
          ours: halves.map(([, second]) => second),
          theirs: halves.map(([first]) => first),
          wrong: rows.flatMap(({ wrong }) => wrong),
        }),
      ];
    } finally {
      await pool.close();
      rmSync(folder, { recursive: true });
    }
  },
};

async function timed(
  bytes: Buffer,
  pieces: number,
  run: (check: OutputCheck) => Promise<unknown>,
  halves?: [number, number][],
): Promise<Figures> {
  const check = new OutputCheck(bytes, pieces);
  const start = performance.now();
  await run(check);
  const elapsed = performance.now() - start;
  check.finish();
  halves?.push(check.rss);
  return { 'MiB/s': (pieces * piece) / MiB / (elapsed / 1_000) };
}

async function streamed(pool: Pool, files: readonly string[], check: OutputCheck): Promise<void> {
  const run = pool.exec(`cat ${files.join(' ')}`, { encoding: 'buffer', maxBuffer: 64 * 1024 });
  run.output$.subscribe(({ data }) => check.take(data));
  await run;
}

function read(files: readonly string[], check: OutputCheck): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('cat', files, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.on('data', (chunk: Buffer) => check.take(chunk));
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}
