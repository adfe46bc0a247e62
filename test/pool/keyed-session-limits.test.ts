import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { bash } from '../../src/index.ts';
import type { PoolContext } from '../../src/pool/context.ts';
import { KeepAlive } from '../../src/pool/keep-alive.ts';
import type { TakeShell } from '../../src/pool/keyed-lease.ts';
import { KeyedSessions } from '../../src/pool/keyed-sessions.ts';
import type { Session } from '../../src/pool/session.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';

describe('waiting for a keyed session', () => {
  test('ends with acquireTimeout and signal, each caller’s own, and another still gets it', async () => {
    const pool = openPool({ max: 1 });
    const lease = await pool.acquire();
    const controller = new AbortController();
    const impatient = errorOf(pool.session('ada', { acquireTimeout: 30 }));
    const aborting = errorOf(pool.session('ada', { signal: controller.signal }));
    const patient = pool.session('ada');
    expect(await impatient).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', started: false });
    controller.abort('enough');
    expect(await aborting).toMatchObject({ code: 'ERR_ABORTED', cause: 'enough', started: false });
    await lease.release();
    const session = await patient;
    expect([session.fresh, await session.exec('echo 1').text()]).toEqual([true, '1']);
  });

  test('takes no shell when everybody has given up', async () => {
    const pool = openPool({ max: 1 });
    const lease = await pool.acquire();
    const controller = new AbortController();
    const errors = [1, 2].map(() => errorOf(pool.session('ada', { signal: controller.signal })));
    controller.abort();
    for (const error of await Promise.all(errors)) expect(error.code).toBe('ERR_ABORTED');
    expect(pool.status().queued).toBe(0);
    await lease.release();
    expect(await pool.exec('true', { acquireTimeout: 5_000 })).toMatchObject({ pid: lease.pid });
    expect((await pool.session('ada')).fresh).toBe(true);
  });

  test('holds no shell when the last gives up in the moment in which there is one', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec('true');
    const controller = new AbortController();
    const error = errorOf(pool.session('ada', { signal: controller.signal }));
    expect(pool.status().busy).toBe(1);
    controller.abort();
    expect((await error).code).toBe('ERR_ABORTED');
    expect((await pool.exec('true', { acquireTimeout: 10_000 })).exitCode).toBe(0);
  });

  test('with a signal that is aborted already starts nothing', async () => {
    const pool = openPool({ max: 1 });
    expect((await errorOf(pool.session('ada', { signal: AbortSignal.abort() }))).code).toBe('ERR_ABORTED');
    expect(pool.status().size + pool.status().queued).toBe(0);
    const session = await pool.session('ada');
    expect((await errorOf(pool.session('ada', { signal: AbortSignal.abort() }))).code).toBe('ERR_ABORTED');
    expect((await session.exec('echo 1')).stdout).toBe('1\n');
  });

  test('is bounded where its set-up hangs, and its shell is not given on', async () => {
    // A folder is looked for in a function of the same name: as slow as a network can be.
    const pool = openPool({ max: 1, init: ['cd() { x=half; sleep 600; }'] });
    const { pid } = await pool.exec('true');
    const error = await soon(errorOf(pool.session('ada', { cwd: '/usr', acquireTimeout: 200 })));
    expect(error.code).toBe('ERR_ACQUIRE_TIMEOUT');
    const next = await soon(pool.exec('echo "[$x]"'));
    expect([next.stdout, next.pid === pid]).toEqual(['[]\n', false]);
  });

  test('has the limits of the pool: maxQueue, and acquireTimeout', async () => {
    const pool = openPool({ max: 1, maxQueue: 0 });
    const ada = await pool.session('ada');
    expect((await errorOf(pool.session('bob'))).code).toBe('ERR_QUEUE_FULL');
    expect((await pool.session('ada')).pid).toBe(ada.pid);
    const slow = openPool({ max: 1, acquireTimeout: 200 });
    await slow.ready();
    await slow.session('ada');
    expect((await errorOf(slow.session('bob'))).code).toBe('ERR_ACQUIRE_TIMEOUT');
  });

  test('rejects when the pool fails', async () => {
    const pool = openPool({ init: ['false'], restart: { attempts: 1 } });
    for (let n = 0; n < 2; n++) expect((await errorOf(pool.session('ada'))).code).toBe('ERR_POOL_FAILED');
  });
});

describe('when its pool closes, a keyed session', () => {
  test('that is idle ends at once', async () => {
    const pool = openPool({ max: 2 });
    const [ada, bob] = [await pool.session('ada'), await pool.session('bob')];
    const begun = performance.now();
    await pool.close({ timeout: 20_000 });
    expect(performance.now() - begun).toBeLessThan(10_000);
    for (const session of [ada, bob]) expect((await errorOf(session.exec('true'))).code).toBe('ERR_POOL_CLOSED');
    expect((await errorOf(pool.session('ada'))).code).toBe('ERR_POOL_CLOSED');
  });

  test('runs what was given to its end, and takes no more', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.session('ada');
    const runs = [session.exec('sleep 0.2; echo 1'), session.exec('echo 2')];
    const closed = pool.close();
    expect((await errorOf(session.exec('echo 3'))).code).toBe('ERR_POOL_CLOSED');
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
    await soon(closed);
  });

  test('that is only wanted yet is refused', async () => {
    const pool = openPool({ max: 1 });
    const lease = await pool.acquire();
    const wanted = errorOf(pool.session('ada'));
    const closed = pool.close();
    expect((await soon(wanted)).code).toBe('ERR_POOL_CLOSED');
    await lease.release();
    await soon(closed);
  });

  test('is killed with force, or when the time is over', async () => {
    for (const options of [{ force: true }, { timeout: 100 }]) {
      const pool = openPool({ max: 1 });
      const session = await pool.session('ada');
      const started = nextEvent(pool, 'command.started');
      const error = errorOf(session.exec('sleep 600'));
      await started;
      await soon(pool.close(options));
      expect((await error).code).toBe('ERR_POOL_CLOSED');
    }
  });
});

describe('many keys', () => {
  test('over time never see the state of each other, and leave no shell behind', async () => {
    const pool = openPool({ max: 3 });
    const ends = record(pool, 'shell.invalid');
    const state = new Map<string, string>();
    let mixed = 0;
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const key = `user-${n % 20}`;
        const session = await pool.session(key, { idleTimeout: 20 });
        if (session.fresh) state.delete(key);
        try {
          const { stdout } = await session.exec(`echo "\${who-}"; who=${key}`);
          if (![`${key}\n`, '\n'].includes(stdout)) mixed++;
          if (session.fresh && stdout !== '\n') mixed++;
        } catch (error) {
          // It was idle for too long between the two lines above.
          expect(error).toMatchObject({ code: 'ERR_SESSION_LOST' });
        }
      }),
    );
    expect(mixed).toBe(0);
    expect(new Set(ends.map(({ reason }) => reason))).toEqual(new Set(['session-ended']));
    await soon(pool.close());
  });

  test('are forgotten: 100,000 of them leave the heap flat, however they ended', { timeout: 300_000 }, async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const context = { options: { acquireTimeout: Infinity }, keepAlive: new KeepAlive(), dialect: bash() };
    const keyed = new KeyedSessions<string>(context as unknown as PoolContext);
    let made = 0;
    const lives = async (amount: number): Promise<number> => {
      for (let n = 0; n < amount; n++) {
        const controller = new AbortController();
        const opened = keyed.open(`user-${n}-${Math.random()}`, { signal: controller.signal }, () => standIn(n));
        if (n % 4 === 2) controller.abort();
        const session = await opened.catch(() => undefined);
        if (session) made++;
        if (n % 4 === 0) await session!.end();
        if (n % 4 === 1) session!.invalidate();
      }
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await lives(2_000);
    // Of each that stayed, 300 bytes at the least would be 30 MB.
    expect((await lives(100_000)) - before).toBeLessThan(5_000_000);
    expect(made).toBe(51_000);
  });
});

/** In place of a shell: one that is never there in a pool that waits, every fourth one. */
function standIn(n: number): TakeShell<string> {
  return async ({ signal }, onEnd) => {
    if (n % 4 === 3) throw new Error('no shell');
    if (n % 4 === 2)
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('over'))));
    return { idle: true, lost: false, invalidate: onEnd, retire: onEnd } as unknown as Session;
  };
}
