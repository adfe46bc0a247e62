import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, openPool, record, soon } from '../support/pools.ts';
import { turns } from '../support/run.ts';

let warnings: Error[] = [];
beforeEach(() => {
  warnings = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
});

describe('one AbortSignal', () => {
  test('aborts 1,000 commands, running and waiting, without a warning, and keeps no listener', async () => {
    const pool = openPool({ max: 2 });
    await pool.ready();
    const { signal, abort } = controlled();
    const runs = Array.from({ length: 1_000 }, () => pool.exec('sleep 600', { signal }));
    expect(runs.filter(({ state }) => state === 'running').length).toBeGreaterThan(0);
    abort(new Error('all of it'));

    const errors = await soon(Promise.all(runs.map(errorOf)));
    expect(errors.map(({ code, cause }) => `${code}: ${(cause as Error).message}`)).toEqual(
      Array.from({ length: 1_000 }, () => 'ERR_ABORTED: all of it'),
    );
    await expectQuiet(signal);
  });

  test('is listened to once while 1,000 commands run that end by themselves, and not at all afterwards', async () => {
    const pool = openPool({ max: 2 });
    const { signal, abort } = controlled();
    const runs = Array.from({ length: 1_000 }, (_, n) => pool.exec(`echo ${n}`, { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    const results = await soon(Promise.all(runs));
    expect(results.map(({ stdout }) => stdout)).toEqual(runs.map((_, n) => `${n}\n`));
    await expectQuiet(signal);

    // It serves again.
    const run = pool.exec('sleep 600', { signal });
    abort('now');
    expect(await errorOf(soon(run))).toMatchObject({ code: 'ERR_ABORTED', cause: 'now' });
    await expectQuiet(signal);
  });

  test('ends waits for leases, for a session and for the pool, in any mixture', async () => {
    const pool = openPool({ max: 1, init: ['sleep 600'] });
    const { signal, abort } = controlled();
    const waits = Array.from({ length: 20 }, () => [
      pool.acquire({ signal }),
      pool.ready({ signal }),
      pool.use(() => {}, { signal }),
      pool.execAll(['true'], { signal }),
      pool.exec('true', { signal }),
    ]).flat();
    const outcomes = waits.map((wait) => errorOf(wait as PromiseLike<unknown>));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    abort('enough');
    for (const error of await soon(Promise.all(outcomes)))
      expect(error).toMatchObject({ code: 'ERR_ABORTED', started: false, cause: 'enough' });
    expect(pool.status().queued).toBe(0);
    await expectQuiet(signal);
  });

  test('that one command no longer needs still aborts the others', async () => {
    const pool = openPool({ max: 2 });
    const { signal, abort } = controlled();
    const long = pool.exec('sleep 600', { signal });
    await pool.exec('true', { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    abort('both');
    expect(await errorOf(soon(long))).toMatchObject({ code: 'ERR_ABORTED' });
    await expectQuiet(signal);
  });

  test('whose abort makes one command end another ends each once, the other for that reason', async () => {
    const pool = openPool({ max: 1 });
    const lease = await pool.acquire();
    const ends = record(pool, 'command.rejected');
    const { signal, abort } = controlled();
    const runs = [1, 2, 3].map((n) => pool.exec(`echo ${n}`, { signal }));
    // Its end is told while the signal is still telling.
    runs[0]?.output$.subscribe({ complete: () => runs[2]?.abort('by the first') });
    abort('by the signal');
    const errors = await soon(Promise.all(runs.map(errorOf)));
    expect(errors.map(({ cause }) => cause)).toEqual(['by the signal', 'by the signal', 'by the first']);
    expect(ends.map(({ command }) => command).toSorted()).toEqual(['echo 1', 'echo 2', 'echo 3']);
    await expectQuiet(signal);
    await lease.release();
  });
});

function controlled(): { signal: AbortSignal; abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

/** Node has had the time to warn, did not, and nothing listens any more. */
async function expectQuiet(signal: AbortSignal): Promise<void> {
  await turns(2);
  expect(warnings.map(String)).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
}
