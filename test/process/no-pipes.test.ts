import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, onTestFinished, test, vi, type MockInstance } from 'vitest';
import { bash, sh, type Logger } from '../../src/index.ts';
import { errorOf, openPool, record, soon } from '../support/pools.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

describe.each(dialects)('%s() where no pipes can be made', (_, dialect) => {
  test('answers rightly, but for /dev/stdout and /dev/stderr, and the log says so once for the pool', async () => {
    refuseFolders();
    const { logger, warnings } = listeningLogger();
    const pool = openPool({ shell: dialect(), min: 3, max: 3, logger });
    await pool.ready();
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, n) => pool.exec(`echo o${n}; echo e${n} >&2; echo $(echo sub)`)),
    );
    expect(results.map(({ stdout, stderr }) => stdout + stderr)).toEqual(results.map((_, n) => `o${n}\nsub\ne${n}\n`));
    expect(await pool.exec('echo lost >/dev/stderr')).toMatchObject({ failed: true });
    expect(warnings).toEqual([expect.stringMatching(/cannot open \/dev\/stdout and \/dev\/stderr: no folder can be/)]);
  });
});

test('a mkfifo that does not work is another reason for it', async () => {
  failMkfifo(Infinity, 'ENOENT');
  const { logger, warnings } = listeningLogger();
  const pool = openPool({ logger });
  expect((await pool.exec('echo o; echo e >&2')).stderr).toBe('e\n');
  expect(warnings).toEqual([expect.stringMatching(/cannot open .* mkfifo does not work/)]);
});

test('where pipes can be made the log says nothing', async () => {
  const { logger, warnings } = listeningLogger();
  const pool = openPool({ logger });
  expect((await pool.exec('echo e >/dev/stderr')).stderr).toBe('e\n');
  expect(warnings).toEqual([]);
});

test.each(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])(
  'a mkfifo that cannot be started for %s is a failed start, which is made again: with pipes',
  async (code) => {
    failMkfifo(2, code);
    const { logger, warnings } = listeningLogger();
    const pool = openPool({ logger, restart: { attempts: 3, backoff: { initial: 1 } } });
    const lost = record(pool, 'shell.invalid');
    expect((await soon(pool.exec('echo e >/dev/stderr'))).stderr).toBe('e\n');
    expect(lost.map(({ reason }) => reason)).toEqual(['spawn-failed', 'spawn-failed']);
    expect(pool.status().lastError).toMatchObject({ code: 'ERR_SPAWN', message: expect.stringContaining(code) });
    expect(warnings).toEqual([]);
  },
);

test('a lack that does not pass fails the pool after its attempts, and not at once', async () => {
  failMkfifo(Infinity, 'EMFILE');
  const pool = openPool({ restart: { attempts: 3, backoff: { initial: 1 } } });
  const error = await errorOf(soon(pool.exec('true')));
  expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_SPAWN' } });
  expect(pool.metrics().shells.spawned).toBe(3);
});

/** As on a system whose every temporary folder is read-only. */
function refuseFolders(): void {
  replace(vi.spyOn(fs, 'mkdtempSync')).mockImplementation(() => {
    throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
  });
}

/** The first so many starts of `mkfifo` fail, as Node's `spawn` does: some codes are thrown, others are an event. */
function failMkfifo(times: number, code: string): void {
  const { spawn } = childProcess;
  let failed = 0;
  replace(vi.spyOn(childProcess, 'spawn')).mockImplementation(((path: string, ...rest: [string[], object]) => {
    if (!path.endsWith('mkfifo') || failed++ >= times) return spawn(path, ...rest);
    const error = Object.assign(new Error(`spawn ${path} ${code}`), { code });
    if (code === 'ENOMEM') throw error;
    const child = new EventEmitter();
    process.nextTick(() => child.emit('error', error));
    return child;
  }) as typeof spawn);
}

/** For those who have imported it by name too, until the test ends. */
function replace<Spy extends MockInstance>(spy: Spy): Spy {
  onTestFinished(() => {
    spy.mockRestore();
    syncBuiltinESMExports();
  });
  syncBuiltinESMExports();
  return spy;
}

function listeningLogger(): { logger: Logger; warnings: string[] } {
  const warnings: string[] = [];
  const none = (): void => {};
  const warn = (_: object, message = ''): void => void warnings.push(message);
  return { logger: { debug: none, info: none, warn, error: none }, warnings };
}
