import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';

/** Retries at once. */
const quick = { backoff: { initial: 0, jitter: 0 } };

describe('restart', () => {
  test('waits longer after each failed start', async () => {
    const pool = openPool({
      init: ['false'],
      restart: { attempts: 4, backoff: { initial: 40, factor: 3, max: 200, jitter: 0 } },
    });
    const starts = record(pool, 'shell.spawning');
    const losses = record(pool, 'shell.invalid');
    await errorOf(pool.ready());

    const waits = [1, 2, 3].map((n) => starts[n]!.at - losses[n - 1]!.at);
    // Clocks of 1 ms: a wait may look 2 ms shorter than it was.
    [40, 120, 200].forEach((least, index) => expect(waits[index]).toBeGreaterThanOrEqual(least - 2));
  });

  test('tries one shell at a time after a failure', async () => {
    const pool = openPool({ min: 4, max: 4, init: ['false'], restart: { ...quick, attempts: 6 } });
    await errorOf(pool.ready());
    expect(pool.metrics().shells.spawned).toBeLessThanOrEqual(4 + 5);
    expect(pool.metrics().shells.spawned).toBeGreaterThanOrEqual(6);
  });

  test('forgets failures once a shell is ready, and what waited is served', async () => {
    const folder = temporaryFolder();
    // Fails twice, then works.
    const init = [`n=$(cat ${folder}/n 2>/dev/null || echo 0); echo $((n+1)) >${folder}/n; [ "$n" -ge 2 ]`];
    const pool = openPool({ max: 1, init, restart: { ...quick, attempts: 3 } });

    expect((await pool.exec('echo served')).stdout).toBe('served\n');
    expect(pool.metrics().shells).toMatchObject({ spawned: 3, ready: 1, invalid: 2 });
    expect(pool.status().state).toBe('ready');
  });

  test('refuses requests during cooldown, then tries one shell on the next request and recovers', async () => {
    const good = join(temporaryFolder(), 'good');
    const { inspect, cooled } = cooledWatch();
    const pool = openPool({ init: [`[ -e ${good} ]`], restart: { ...quick, attempts: 2, cooldown: 300 }, inspect });
    expect((await errorOf(pool.exec('echo a'))).code).toBe('ERR_POOL_FAILED');
    expect((await errorOf(pool.exec('echo b'))).code).toBe('ERR_POOL_FAILED');
    expect(pool.metrics().shells.spawned).toBe(2);

    writeFileSync(good, '');
    await soon(cooled);
    expect((await pool.exec('echo c')).stdout).toBe('c\n');
    expect(pool.metrics().shells.spawned).toBe(3);
    expect(pool.status().state).toBe('ready');
  });

  test('fails again after one more failed start following cooldown', async () => {
    const { inspect, cooled } = cooledWatch();
    const pool = openPool({ init: ['false'], restart: { ...quick, attempts: 3, cooldown: 200 }, inspect });
    await errorOf(pool.ready());
    await soon(cooled);
    const failed = nextEvent(pool, 'pool.failed');
    expect((await errorOf(soon(pool.exec('echo b')))).code).toBe('ERR_POOL_FAILED');
    await failed;
    expect(pool.metrics().shells.spawned).toBe(4);
  });

  test('serves ready, too, after cooldown', async () => {
    const good = join(temporaryFolder(), 'good');
    const { inspect, cooled } = cooledWatch();
    const pool = openPool({ init: [`[ -e ${good} ]`], restart: { attempts: 1, cooldown: 100 }, inspect });
    await errorOf(pool.ready());
    writeFileSync(good, '');
    await soon(cooled);
    await soon(pool.ready());
  });

  test('counts a shell that dies within a second of being ready, without a command, as a failed start', async () => {
    const pool = openPool({ min: 1, max: 1, restart: { ...quick, attempts: 3 } });
    const failed = nextEvent(pool, 'pool.failed');
    pool.on('shell.idle', ({ pid }) => process.kill(pid as number, 'SIGKILL'));
    expect((await failed).error).toMatchObject({ code: 'ERR_POOL_FAILED' });
    expect(pool.metrics().shells.spawned).toBe(3);
  });

  test('rejects what waits when the last shell of a failed pool dies', async () => {
    const cwd = temporaryFolder();
    const pool = openPool({ max: 2, cwd, restart: { attempts: 1 } });
    const lease = await pool.acquire();
    rmSync(cwd, { recursive: true });
    // The second shell cannot be started: the pool fails, while the first still lives.
    expect((await errorOf(pool.exec('echo a'))).code).toBe('ERR_POOL_FAILED');
    const waiting = errorOf(pool.exec('echo b'));
    await lease.exec('kill -9 $$');
    expect((await soon(waiting, 'the command that waits', 5_000)).code).toBe('ERR_POOL_FAILED');
  });
});

/** Tells when the pool's machine hears that `cooldown` is over. */
function cooledWatch(): { inspect: (event: InspectionEvent) => void; cooled: Promise<void> } {
  let tell = (): void => {};
  const cooled = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const inspect = (event: InspectionEvent): void => {
    if (event.type === '@xstate.event' && event.event.type === 'cooled') setImmediate(tell);
  };
  return { inspect, cooled };
}
