import { describe, expect, test } from 'vitest';
import { bash, sh, type PoolOptions } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, soon } from '../support/pools.ts';

/** Retries at once. */
const quick = { backoff: { initial: 0, jitter: 0 } };

describe('a shell that cannot be started', () => {
  test.each<[string, PoolOptions, RegExp]>([
    ['for lack of its program', { shell: bash({ path: '/no/such/bash' }) }, /\/no\/such\/bash.*no such program/],
    ['for lack of its program on the PATH', { shell: bash({ path: 'no-such-bash' }) }, /no-such-bash.*no such program/],
    ['for lack of its folder', { cwd: '/no/such/folder' }, /\/no\/such\/folder.*no such folder/],
    ['since its cwd cannot be looked at', { cwd: `/${'x'.repeat(300)}` }, /ENAMETOOLONG/],
    ['since its cwd is a file', { cwd: '/etc/passwd' }, /\/etc\/passwd.*not a folder/],
    ['since its program is a folder', { shell: sh({ path: '/tmp' }) }, /\/tmp/],
    ['since its program may not be executed', { shell: sh({ path: '/etc/passwd' }) }, /\/etc\/passwd/],
  ])('%s fails the pool at once with ERR_SPAWN as the cause', async (_, options, message) => {
    // A second try would come too late for this test.
    const pool = openPool({ max: 4, restart: { backoff: { initial: 600_000, max: 600_000 } }, ...options });
    const failed = nextEvent(pool, 'pool.failed');
    const [first, second, ready] = await Promise.all([
      errorOf(pool.exec('echo a')),
      errorOf(pool.acquire()),
      errorOf(pool.ready()),
    ]);

    for (const error of [first, second, ready, (await failed).error]) {
      expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', started: false, cause: { code: 'ERR_SPAWN' } });
      expect((error.cause as Error).message).toMatch(message);
    }
    expect(pool.status()).toMatchObject({ state: 'failed', lastError: { code: 'ERR_SPAWN' } });
    expect((await errorOf(pool.exec('echo later'))).code).toBe('ERR_POOL_FAILED');
  });

  test('as a program that is no shell fails with ERR_INIT and what it said', async () => {
    const pool = openPool({
      shell: bash({ path: '/bin/sh', args: ['-c', 'echo "not today" >&2; exit 9'] }),
      restart: { ...quick, attempts: 2 },
    });
    const error = await errorOf(soon(pool.ready()));
    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_INIT' } });
    expect((error.cause as Error).message).toMatch(/exit code 9, and said: not today$/);
    expect(pool.metrics().shells.spawned).toBe(2);
  });

  // It may end before the first task is given to it, or while that is written, or after.
  test.each(['', 'sleep 0.002; ', 'sleep 0.005; '])(
    'fails with what it said, masked, whenever it ends: %s',
    async (first) => {
      const options: PoolOptions = {
        shell: sh({ path: '/bin/sh', args: ['-c', `${first}echo "not today, tomorrow" >&2; exit 9`] }),
        restart: { attempts: 1 },
        redact: [/tomorrow/],
      };
      for (let round = 0; round < 20; round++) {
        const { cause } = await errorOf(openPool(options).exec('echo a'));
        expect((cause as Error).message).toMatch(/exit code 9, and said: not today, \*\*\*$/);
      }
    },
  );

  test('as a program that says nothing fails after initTimeout', async () => {
    const pool = openPool({
      shell: bash({ path: 'sleep', args: ['600'] }),
      initTimeout: 300,
      restart: { attempts: 1 },
    });
    const error = await errorOf(soon(pool.ready()));
    expect(error.cause).toMatchObject({ code: 'ERR_INIT' });
  });
});

describe('ready', () => {
  test('resolves when one shell has been idle, with min: 0', async () => {
    const pool = openPool({ min: 0 });
    await pool.ready();
    expect(pool.status()).toMatchObject({ state: 'ready', size: 1, idle: 1 });
  });

  test('resolves when min shells have been idle', async () => {
    const pool = openPool({ min: 3, max: 4 });
    await pool.ready();
    expect(pool.status()).toMatchObject({ state: 'ready', idle: 3 });
  });

  test('resolves at once in a pool that is ready, and for every caller', async () => {
    const pool = openPool({ min: 1 });
    await Promise.all([pool.ready(), pool.ready()]);
    await pool.ready();
  });

  test('rejects with ERR_ABORTED and the reason when its signal aborts, and the pool goes on', async () => {
    const pool = openPool({ init: ['sleep 600'] });
    const abort = new AbortController();
    const spawning = nextEvent(pool, 'shell.initializing');
    const ready = pool.ready({ signal: abort.signal });
    await spawning;
    abort.abort(new Error('tired'));

    expect(await errorOf(ready)).toMatchObject({ code: 'ERR_ABORTED', cause: { message: 'tired' } });
    expect(pool.status().state).toBe('starting');
  });

  test('rejects with ERR_ABORTED for a signal that has aborted', async () => {
    expect((await errorOf(openPool().ready({ signal: AbortSignal.abort() }))).code).toBe('ERR_ABORTED');
  });

  test('rejects with ERR_POOL_CLOSED when the pool closes first, and afterwards', async () => {
    const pool = openPool({ init: ['sleep 600'] });
    const ready = errorOf(pool.ready());
    await pool.close({ force: true });
    expect((await ready).code).toBe('ERR_POOL_CLOSED');
    expect((await errorOf(pool.ready())).code).toBe('ERR_POOL_CLOSED');
  });
});
