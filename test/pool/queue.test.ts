import { describe, expect, test } from 'vitest';
import type { Pool } from '../../src/index.ts';
import { errorOf, openPool, record, soon } from '../support/pools.ts';
import { heldPool } from './held-pool.ts';

describe('maxQueue', () => {
  test('refuses one request more with ERR_QUEUE_FULL, for exec, $, execAll, acquire and use', async () => {
    const { pool, lease } = await heldPool({ maxQueue: 2 });
    const waiting = [pool.exec('echo 1'), pool.exec('echo 2')];
    const refused = [
      pool.exec('echo 3'),
      pool.$`echo 3`,
      pool.execAll(['echo 3']),
      pool.acquire(),
      pool.use(() => {}),
    ].map((call) => errorOf(call as PromiseLike<unknown>));

    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({ code: 'ERR_QUEUE_FULL', started: false });
      expect(error.message).toContain('maxQueue (2)');
    }
    await lease.release();
    expect((await Promise.all(waiting)).map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
    expect((await pool.exec('echo 4')).stdout).toBe('4\n');
  });

  test('0 refuses what would have to wait for a busy shell', async () => {
    const { pool, lease } = await heldPool({ maxQueue: 0 });
    const second = pool.exec('echo 2');
    const outcome = await Promise.race([errorOf(second), lease.release().then(() => undefined)]);
    await second.catch(() => {});
    expect(outcome).toMatchObject({ code: 'ERR_QUEUE_FULL' });
  });

  test('0 lets through what a free shell can run at once', async () => {
    const pool = openPool({ max: 1, maxQueue: 0 });
    await pool.ready();
    expect((await pool.exec('echo 1')).stdout).toBe('1\n');
    expect((await pool.exec('echo 2')).stdout).toBe('2\n');
  });

  test('gives its place back when one that waits is aborted', async () => {
    const { pool, lease } = await heldPool({ maxQueue: 1 });
    const waiting = pool.exec('echo 1');
    waiting.abort();
    await errorOf(waiting);
    const next = pool.exec('echo 2');
    await lease.release();
    expect((await next).stdout).toBe('2\n');
  });
});

describe('acquireTimeout', () => {
  test.each([
    ['exec', (pool: Pool) => pool.exec('echo 1')],
    ['$', (pool: Pool) => pool.$`echo 1`],
    ['execAll', (pool: Pool) => pool.execAll(['echo 1'])],
    ['acquire', (pool: Pool) => pool.acquire()],
    ['use', (pool: Pool) => pool.use(() => {})],
  ])('of the pool ends the wait of %s with ERR_ACQUIRE_TIMEOUT', async (_, call) => {
    const { pool, lease } = await heldPool({ acquireTimeout: 60 });
    const error = await errorOf(soon(call(pool) as PromiseLike<unknown>));
    expect(error).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', started: false });
    expect(error.message).toContain('60 ms');
    expect(pool.status().queued).toBe(0);
    await lease.release();
    expect((await pool.exec('echo later')).stdout).toBe('later\n');
  });

  test.each([
    ['exec', (pool: Pool) => pool.exec('echo 1', { acquireTimeout: 20 })],
    ['$', (pool: Pool) => pool.$({ acquireTimeout: 20 })`echo 1`],
    ['execAll', (pool: Pool) => pool.execAll(['echo 1'], { acquireTimeout: 20 })],
    ['acquire', (pool: Pool) => pool.acquire({ acquireTimeout: 20 })],
    ['use', (pool: Pool) => pool.use(() => {}, { acquireTimeout: 20 })],
  ])('of a call of %s wins over that of the pool', async (_, call) => {
    const { pool, lease } = await heldPool({ acquireTimeout: 600_000 });
    expect((await errorOf(soon(call(pool) as PromiseLike<unknown>))).message).toContain('20 ms');
    await lease.release();
  });

  test('does not count while the command runs', async () => {
    const pool = openPool({ acquireTimeout: 5_000 });
    await pool.ready();
    expect((await pool.exec('sleep 0.2; echo done', { acquireTimeout: 50 })).stdout).toBe('done\n');
  });

  test('counts while the first shell starts', async () => {
    const pool = openPool({ init: ['sleep 600'] });
    expect((await errorOf(soon(pool.exec('echo 1', { acquireTimeout: 50 })))).code).toBe('ERR_ACQUIRE_TIMEOUT');
  });

  test('resolves with the error with reject: false', async () => {
    const { pool, lease } = await heldPool();
    const result = await pool.exec('echo 1', { acquireTimeout: 10, reject: false });
    expect(result.error).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT' });
    expect(result.exitCode).toBeUndefined();
    await lease.release();
  });
});

describe('the queue', () => {
  test('is first in, first out', async () => {
    const { pool, lease } = await heldPool();
    const started = record(pool, 'command.started');
    const runs = Array.from({ length: 30 }, (_, n) => pool.exec(`echo ${n}`));
    await lease.release();
    await Promise.all(runs);
    expect(started.map(({ command }) => command)).toEqual(Array.from({ length: 30 }, (_, n) => `echo ${n}`));
  });

  test('serves the higher priority first, and first in first out within it', async () => {
    const { pool, lease } = await heldPool();
    const started = record(pool, 'command.started');
    const priorities = [0, 5, -1, 5, 0, 2.5, -1, 10];
    const runs = priorities.map((priority, n) => pool.exec(`echo ${n}`, { priority }));
    await lease.release();
    await Promise.all(runs);
    expect(started.map(({ command }) => command)).toEqual([7, 1, 3, 5, 0, 4, 2, 6].map((n) => `echo ${n}`));
  });

  test('has leases and commands in one line', async () => {
    const { pool, lease } = await heldPool();
    const started = record(pool, 'command.started');
    const runs = [
      pool.exec('echo exec'),
      pool.use((session) => session.exec('echo use')),
      pool.execAll(['echo execAll']),
      pool.use((session) => session.exec('echo urgent'), { priority: 1 }),
    ];
    await lease.release();
    await Promise.all(runs);
    expect(started.map(({ command }) => command)).toEqual(['echo urgent', 'echo exec', 'echo use', 'echo execAll']);
  });

  test('tells what waits by command.queued, and nothing for what runs at once', async () => {
    const { pool, lease } = await heldPool();
    const queued = record(pool, 'command.queued');
    const waiting = pool.exec('echo waits');
    expect(waiting.state).toBe('queued');
    expect(queued).toMatchObject([{ command: 'echo waits', commandId: waiting.id }]);
    await lease.release();
    const { waitMs } = await waiting;
    expect(waitMs).toBeGreaterThan(0);
    await pool.exec('echo at once');
    expect(queued).toHaveLength(1);
  });
});
