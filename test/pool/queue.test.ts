import { describe, expect, test } from 'vitest';
import type { Pool, Session } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';

/** A pool of one shell, and the lease that holds it. */
async function heldPool(options: Parameters<typeof openPool>[0] = {}): Promise<{ pool: Pool; lease: Session }> {
  const pool = openPool({ max: 1, ...options });
  // A first shell may take longer to start than the acquireTimeout of a test.
  await pool.ready();
  return { pool, lease: await pool.acquire() };
}

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
    const order: string[] = [];
    const runs = [
      pool.exec('true').then(() => order.push('exec')),
      pool.use(() => order.push('use')),
      pool.execAll(['true']).then(() => order.push('execAll')),
      pool.use(() => order.push('urgent'), { priority: 1 }),
    ];
    await lease.release();
    await Promise.all(runs);
    expect(order).toEqual(['urgent', 'exec', 'use', 'execAll']);
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

describe('an AbortSignal', () => {
  test('takes a command out of the queue with ERR_ABORTED, its reason, and nothing run', async () => {
    const { pool, lease } = await heldPool();
    const started = record(pool, 'command.started');
    const abort = new AbortController();
    const waiting = pool.exec('echo waits', { signal: abort.signal });
    const behind = pool.exec('echo behind');
    abort.abort(new Error('enough'));
    const error = await errorOf(waiting);

    expect(error).toMatchObject({ code: 'ERR_ABORTED', started: false, cause: { message: 'enough' } });
    expect(waiting.state).toBe('ended');
    expect(pool.status().queued).toBe(1);
    await lease.release();
    expect((await behind).stdout).toBe('behind\n');
    expect(started.map(({ command }) => command)).toEqual(['echo behind']);
  });

  test('takes a lease out of the queue', async () => {
    const { pool, lease } = await heldPool();
    const abort = new AbortController();
    const waiting = errorOf(pool.acquire({ signal: abort.signal }));
    abort.abort();
    expect((await waiting).code).toBe('ERR_ABORTED');
    await lease.release();
    expect((await pool.exec('echo free')).stdout).toBe('free\n');
  });

  test('takes execAll out of the queue', async () => {
    const { pool, lease } = await heldPool();
    const abort = new AbortController();
    const waiting = errorOf(pool.execAll(['echo 1'], { signal: abort.signal }));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'ERR_ABORTED', started: false });
    await lease.release();
  });

  test('that has aborted refuses at once, and starts no shell', async () => {
    const pool = openPool();
    const signal = AbortSignal.abort(new Error('before'));
    for (const call of [
      pool.exec('true', { signal }),
      pool.acquire({ signal }),
      pool.execAll(['true'], { signal }),
      pool.use(() => {}, { signal }),
    ])
      expect(await errorOf(call as PromiseLike<unknown>)).toMatchObject({
        code: 'ERR_ABORTED',
        cause: { message: 'before' },
      });
    expect(pool.status().size).toBe(0);
  });

  test('interrupts a running command, and keeps the shell and its state', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec('state=kept');
    const abort = new AbortController();
    const started = nextEvent(pool, 'command.started');
    const running = pool.exec('echo begun; sleep 600', { signal: abort.signal });
    const begun = new Promise<void>((resolve) => {
      running.output$.subscribe(() => resolve());
    });
    await started;
    await begun;
    abort.abort('stop');
    const error = await errorOf(running);

    expect(error).toMatchObject({
      code: 'ERR_ABORTED',
      started: true,
      rung: 'interrupt',
      stateLost: false,
      cause: 'stop',
      stdout: 'begun\n',
    });
    expect((await pool.exec('echo $state')).stdout).toBe('kept\n');
  });

  test('interrupts a command that was written a moment ago, whatever the shell is at', async () => {
    const pool = openPool({ max: 1, killGrace: 3_000 });
    await pool.exec('state=kept');
    for (let n = 0; n < 30; n++) {
      const run = pool.exec('sleep 600');
      run.abort();
      expect(await errorOf(run)).toMatchObject({ code: 'ERR_ABORTED', rung: 'interrupt', stateLost: false });
    }
    expect((await pool.exec('echo $state')).stdout).toBe('kept\n');
  });

  test('kills what ignores the interrupt after killGrace, and says that the state is lost', async () => {
    const pool = openPool({ max: 1, killGrace: 100 });
    const abort = new AbortController();
    const running = pool.exec(`trap '' INT; echo begun; sleep 600`, { signal: abort.signal });
    const begun = new Promise<void>((resolve) => {
      running.output$.subscribe(() => resolve());
    });
    await begun;
    const lost = nextEvent(pool, 'shell.invalid');
    abort.abort();

    expect(await errorOf(soon(running))).toMatchObject({ code: 'ERR_ABORTED', rung: 'kill', stateLost: true });
    expect((await lost).reason).toBe('state-lost');
    expect((await pool.exec('echo next')).stdout).toBe('next\n');
  });

  test('that aborts after the end changes nothing', async () => {
    const pool = openPool();
    const abort = new AbortController();
    const result = await pool.exec('echo 1', { signal: abort.signal });
    abort.abort();
    expect(result.stdout).toBe('1\n');
    expect((await pool.exec('echo 2')).stdout).toBe('2\n');
  });
});
