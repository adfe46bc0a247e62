import { describe, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/index.ts';
import { nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';
import { isRunning, membersOf } from '../support/processes.ts';

/** Holds every shell that `count` leases can get, gives their pids, and lets go of them in that order. */
async function touch(pool: Pool, count: number): Promise<number[]> {
  const leases = await Promise.all(Array.from({ length: count }, () => pool.acquire()));
  for (const lease of leases) await lease.exec(':');
  for (const lease of leases) await lease.release();
  return leases.map(({ pid }) => pid);
}

describe('min and max', () => {
  test('a pool starts nothing before it is asked with min: 0', () => {
    expect(openPool({ min: 0 }).status()).toMatchObject({ state: 'starting', size: 0, shells: [] });
  });

  test('a pool starts min shells by itself', async () => {
    const pool = openPool({ min: 2, max: 3 });
    expect(await statusWhere(pool, ({ idle }) => idle === 2)).toMatchObject({ size: 2, state: 'ready' });
  });

  test('an explicit min above the default max raises max', async () => {
    const pool = createPool({ min: 5, logger: false });
    try {
      await pool.ready();
      expect(pool.status().size).toBe(5);
    } finally {
      await pool.close();
    }
  });

  test('a pool starts as many shells as there is work for, and no more than max processes', async () => {
    const pool = openPool({ max: 3 });
    const alive = new Set<string>();
    let most = 0;
    pool.on('shell.spawning', ({ shellId }) => {
      alive.add(shellId);
      most = Math.max(most, alive.size);
    });
    pool.on('shell.destroyed', ({ shellId }) => alive.delete(shellId));
    // Every third command ends its shell, which counts until it is gone.
    const runs = Array.from({ length: 60 }, (_, n) => pool.exec(n % 3 === 0 ? `exit ${n}` : `echo ${n}`));
    const results = await soon(Promise.all(runs), 'the 60 commands');

    results.forEach((result, n) =>
      expect(result).toMatchObject(n % 3 === 0 ? { exitCode: n, shellExited: true } : { stdout: `${n}\n` }),
    );
    expect(most).toBe(3);
  });

  test('a pool starts one shell for commands that follow each other', async () => {
    const pool = openPool({ max: 4 });
    for (let n = 0; n < 20; n++) await pool.exec('true');
    expect(pool.metrics().shells.spawned).toBe(1);
  });

  test('a pool of max: 1 serves all that waits after a command ended its shell', async () => {
    const pool = openPool({ max: 1 });
    const [first, ...rest] = await soon(
      Promise.all([pool.exec('exit 3'), pool.exec('echo 2'), pool.exec('exit 4'), pool.exec('echo 4')]),
      'the commands behind `exit`',
    );
    expect(first).toMatchObject({ exitCode: 3, shellExited: true });
    expect(rest.map(({ stdout }) => stdout)).toEqual(['2\n', '', '4\n']);
  });
});

describe('spare', () => {
  test('keeps idle shells ahead of demand', async () => {
    const pool = openPool({ spare: 1, max: 3 });
    await statusWhere(pool, ({ idle }) => idle === 1);
    const first = await pool.acquire();
    await statusWhere(pool, ({ idle, busy }) => idle === 1 && busy === 1);
    const second = await pool.acquire();
    await statusWhere(pool, ({ idle, busy }) => idle === 1 && busy === 2);
    // `max` is reached: the last one goes, too.
    const third = await pool.acquire();
    expect(pool.status()).toMatchObject({ size: 3, idle: 0, busy: 3 });
    await Promise.all([first, second, third].map((lease) => lease.release()));
  });

  test('is not touched by idleTimeout', async () => {
    const pool = openPool({ spare: 1, max: 3, idleTimeout: 100 });
    const reaped = record(pool, 'shell.destroying');
    await touch(pool, 3);
    await statusWhere(pool, ({ size }) => size === 1);
    expect(reaped).toHaveLength(2);
    expect(pool.status()).toMatchObject({ idle: 1 });
  });
});

describe('idleTimeout', () => {
  test('ends idle shells down to min and not below', async () => {
    const pool = openPool({ min: 1, max: 3, idleTimeout: 100 });
    const destroyed = record(pool, 'shell.destroyed');
    const pids = await touch(pool, 3);
    const left = await statusWhere(pool, ({ size }) => size === 1);

    expect(destroyed.map(({ reason }) => reason)).toEqual(['idle-timeout', 'idle-timeout']);
    expect(pids.filter(isRunning)).toEqual([left.shells[0]?.pid]);
    // What min keeps is asked about again and again, and stays: the machine hears of it, the pool says no.
    const { pid } = await pool.exec('true');
    expect(pid).toBe(left.shells[0]?.pid);
    expect(pool.metrics().shells.spawned).toBe(3);
  });

  test('never ends the shells of min, however often it expires', async () => {
    let expired = 0;
    let tell = (): void => {};
    const thrice = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const pool = openPool({
      min: 1,
      max: 1,
      idleTimeout: 50,
      inspect: (event) => {
        if (event.type === '@xstate.event' && event.event.type === 'shell.idleTimeout' && ++expired === 3)
          setImmediate(tell);
      },
    });
    const destroying = record(pool, 'shell.destroying');
    await soon(thrice);
    expect(destroying).toEqual([]);
    expect(pool.status()).toMatchObject({ idle: 1 });
  });

  test('ends the last shell with min: 0, and the next command starts another', async () => {
    const pool = openPool({ idleTimeout: 50 });
    const gone = nextEvent(pool, 'shell.destroyed');
    const first = await pool.exec('true');
    await gone;
    expect(pool.status().size).toBe(0);
    expect(membersOf(first.pid as number)).toEqual([]);
    const second = await pool.exec('echo again');
    expect(second.stdout).toBe('again\n');
    expect(second.pid).not.toBe(first.pid);
  });

  test('does not end a shell that a lease holds', async () => {
    const pool = openPool({ max: 2, idleTimeout: 50 });
    const lease = await pool.acquire();
    const gone = nextEvent(pool, 'shell.destroyed');
    const other = await pool.exec('true');
    expect((await gone).pid).toBe(other.pid);
    expect((await lease.exec('echo held')).stdout).toBe('held\n');
    await lease.release();
  });

  test('Infinity never ends a shell', async () => {
    const events: string[] = [];
    const pool = openPool({
      idleTimeout: Infinity,
      inspect: (event) => {
        if (event.type === '@xstate.event') events.push(event.event.type);
      },
    });
    await pool.exec('true');
    pool.status();
    expect(events).not.toContain('idle.expired');
    expect(pool.status().size).toBe(1);
  });
});

describe('the free shells', () => {
  test('are lent most recently used first', async () => {
    const pool = openPool({ max: 3 });
    const pids = await touch(pool, 3);
    const leases = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
    expect(leases.map(({ pid }) => pid)).toEqual(pids.toReversed());
    // Once more, in another order.
    for (const index of [1, 0, 2]) await leases[index]!.release();
    expect((await pool.exec('true')).pid).toBe(leases[2]!.pid);
    expect((await pool.exec('true')).pid).toBe(leases[2]!.pid);
  });
});

describe('the busy edge', () => {
  test('is taken once for a run of awaited commands', async () => {
    const pool = openPool({ max: 1 });
    await pool.ready();
    const edges = record(pool, 'shell.busy', 'shell.idle');
    for (let n = 0; n < 50; n++) await pool.exec('true');
    expect(edges.map(({ type }) => type)).toEqual(['shell.busy']);
    const idle = nextEvent(pool, 'shell.idle');
    await idle;
    expect(edges.map(({ type }) => type)).toEqual(['shell.busy', 'shell.idle']);
  });

  test('is settled by status()', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec('true');
    expect(pool.status()).toMatchObject({ idle: 1, busy: 0, shells: [{ state: 'idle' }] });
  });

  test('holds for a whole lease, running or not', async () => {
    const pool = openPool({ max: 1 });
    await pool.ready();
    const edges = record(pool, 'shell.busy', 'shell.idle');
    const lease = await pool.acquire();
    await lease.exec('true');
    expect(pool.status()).toMatchObject({ idle: 0, busy: 1 });
    await lease.exec('true');
    const idle = nextEvent(pool, 'shell.idle');
    await lease.release();
    await idle;
    expect(edges.map(({ type }) => type)).toEqual(['shell.busy', 'shell.idle']);
  });

  test('is not seen when one borrower follows the other at once', async () => {
    const pool = openPool({ max: 1 });
    await pool.ready();
    const edges = record(pool, 'shell.busy', 'shell.idle');
    await Promise.all([pool.exec('true'), pool.execAll(['true', 'true']), pool.use((lease) => lease.exec('true'))]);
    await nextEvent(pool, 'shell.idle');
    expect(edges.map(({ type }) => type)).toEqual(['shell.busy', 'shell.idle']);
  });
});

describe('saturation', () => {
  test('is told once when work waits and every shell is taken, and its end once', async () => {
    const pool = openPool({ max: 1 });
    const lease = await pool.acquire();
    const events = record(pool, 'pool.saturated', 'pool.drained', 'pool.ready');
    const runs = [pool.exec('true'), pool.exec('true'), pool.exec('true')];
    expect(pool.status()).toMatchObject({ state: 'saturated', queued: 3 });
    const drained = nextEvent(pool, 'pool.drained');
    await lease.release();
    await Promise.all(runs);
    await drained;
    expect(events.map(({ type }) => type)).toEqual(['pool.saturated', 'pool.drained']);
    expect(pool.status()).toMatchObject({ state: 'ready', queued: 0 });
  });
});
