import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, shareReplay, skip, Subject } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';

/** Retries at once. */
const quick = { backoff: { initial: 0, jitter: 0 } };

describe('failed starts', () => {
  test('that were made together are one attempt: what one of them can do is done', async () => {
    const folder = temporaryFolder();
    // One of four can be started, and no other is tried while this test runs.
    const restart = { attempts: 2, backoff: { initial: 600_000, max: 600_000 } };
    const pool = openPool({ min: 4, max: 4, init: [`mkdir ${folder}/one`], restart });
    const failed = record(pool, 'pool.failed');
    const runs = Array.from({ length: 20 }, (_, n) => pool.exec(`echo ${n}`));
    const results = await soon(Promise.all(runs));
    expect(results.map(({ stdout }) => stdout)).toEqual(runs.map((_, n) => `${n}\n`));
    expect(failed).toEqual([]);
  });

  test('in a row fail the pool, and what waits is served by the shells that live', async () => {
    const folder = temporaryFolder();
    const pool = openPool({ max: 3, init: [`mkdir ${folder}/one`], restart: { ...quick, attempts: 3 } });
    const failed = nextEvent(pool, 'pool.failed');
    const lease = await pool.acquire();
    const waiting = [pool.exec('echo 1'), pool.use((session) => session.exec('echo 2')), pool.exec('echo 3')];
    expect((await failed).error).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_INIT' } });
    expect(pool.status()).toMatchObject({ state: 'failed', busy: 1, queued: 3 });
    // New ones are taken too; who wants the pool itself hears the truth.
    const later = pool.exec('echo 4');
    expect((await errorOf(soon(pool.ready()))).code).toBe('ERR_POOL_FAILED');
    await lease.release();
    const outputs = (await soon(Promise.all([...waiting, later]))).map(({ stdout }) => stdout);
    expect(outputs).toEqual(['1\n', '2\n', '3\n', '4\n']);
  });

  test('in a row are over for who waits for the pool to be ready when cooldown is and a shell lives', async () => {
    const folder = temporaryFolder();
    const { inspect, cooled } = cooledWatch();
    const restart = { ...quick, attempts: 2, cooldown: 100 };
    const pool = openPool({ max: 2, init: [`mkdir ${folder}/one`], restart, inspect });
    const failed = nextEvent(pool, 'pool.failed');
    const lease = await pool.acquire();
    const waiting = pool.exec('echo served');
    await failed;
    await soon(cooled());
    await soon(pool.ready());
    await lease.release();
    expect((await soon(waiting)).stdout).toBe('served\n');
  });

  test('in a row fail who waits for the pool to be ready, also while shells live', async () => {
    const folder = temporaryFolder();
    const pool = openPool({ min: 2, max: 2, init: [`mkdir ${folder}/one`], restart: { ...quick, attempts: 3 } });
    expect(await errorOf(soon(pool.ready()))).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_INIT' } });
    expect((await soon(pool.exec('echo served'))).stdout).toBe('served\n');
  });

  test('in a row fail what waits as soon as the last shell that lives is gone', async () => {
    const folder = temporaryFolder();
    const pool = openPool({ max: 2, init: [`mkdir ${folder}/one`], restart: { ...quick, attempts: 2 } });
    const failed = nextEvent(pool, 'pool.failed');
    const lease = await pool.acquire();
    const waiting = [errorOf(pool.exec('echo 1')), errorOf(pool.acquire())];
    await failed;
    await lease.exec('exit 3');
    for (const error of await soon(Promise.all(waiting)))
      expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', started: false, cause: { code: 'ERR_INIT' } });
  });

  test('do not add up where a start succeeds in between', async () => {
    const folder = temporaryFolder();
    // Of every three starts two fail; the third command of each shell ends it.
    const init = [`echo >>${folder}/starts; [ $(($(wc -l <${folder}/starts) % 3)) -eq 0 ]`];
    const pool = openPool({ max: 1, init, restart: { ...quick, attempts: 3 } });
    const failed = record(pool, 'pool.failed');
    for (let n = 0; n < 5; n++) expect((await soon(pool.exec('exit 7'))).exitCode).toBe(7);
    expect(pool.metrics().shells).toMatchObject({ ready: 5 });
    expect(failed).toEqual([]);
  });
});

describe('a failed pool after cooldown', () => {
  test('tries exactly one shell, whatever waits, min and spare say', async () => {
    const folder = temporaryFolder();
    const good = join(folder, 'good');
    const { inspect, cooled } = cooledWatch();
    const pool = openPool({
      min: 3,
      max: 6,
      spare: 1,
      init: [`[ -e ${good} ]; read x </dev/null; [ -e ${good} ]`],
      restart: { ...quick, attempts: 2, cooldown: 100 },
      inspect,
    });
    await errorOf(soon(pool.ready()));
    await soon(cooled());
    const starts = record(pool, 'shell.spawning');
    const failed = nextEvent(pool, 'pool.failed');
    const errors = Array.from({ length: 20 }, () => errorOf(pool.exec('true')));
    await failed;
    for (const { code } of await soon(Promise.all(errors))) expect(code).toBe('ERR_POOL_FAILED');
    expect(starts).toHaveLength(1);

    // And where that one succeeds, as many as are wanted.
    await soon(cooled());
    writeFileSync(good, '');
    const runs = Array.from({ length: 20 }, (_, n) => pool.exec(`echo ${n}`));
    expect((await soon(Promise.all(runs))).map(({ stdout }) => stdout)).toEqual(runs.map((_, n) => `${n}\n`));
    await statusWhere(pool, ({ idle, state }) => idle >= 4 && state === 'ready');
  });
});

describe('with one attempt', () => {
  const once = { attempts: 1, ...quick };

  test('a shell that dies early while it is leased and has run nothing is a failed start', async () => {
    const pool = openPool({ max: 1, restart: once });
    const failed = nextEvent(pool, 'pool.failed');
    const lease = await pool.acquire();
    process.kill(lease.pid, 'SIGKILL');
    expect((await failed).error.cause).toMatchObject({ message: expect.stringContaining('SIGKILL') });
    await soon(lease.release());
  });

  test.each<[string, (pid: number) => void]>([
    ['later than a second after it was ready', later],
    ['from a kill after it ran a command', () => {}],
  ])('a shell that dies idle %s is replaced at once and not counted', async (why, before) => {
    const pool = openPool({ min: 1, max: 1, restart: once });
    const failed = record(pool, 'pool.failed');
    await pool.ready();
    for (let round = 0; round < 3; round++) {
      const pid = pool.status().shells[0]?.pid ?? 0;
      if (why.includes('command')) await pool.exec('true');
      const replaced = nextEvent(pool, 'shell.idle', (event) => event.pid !== pid);
      before(pid);
      process.kill(pid, 'SIGKILL');
      await replaced;
    }
    expect(failed).toEqual([]);
    expect(pool.status().lastError).toBeUndefined();
  });
});

/** Lets the clock, and nothing else, go two seconds on for the rest of the test. */
function later(): void {
  const now = Date.now() + 2_000;
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
  onTestFinished(() => clock.mockRestore());
}

/** Tells when the pool's machine hears that `cooldown` is over, for the first time or once more. */
function cooledWatch(): { inspect: (event: InspectionEvent) => void; cooled: () => Promise<unknown> } {
  const heard = new Subject<void>();
  const told = heard.pipe(shareReplay());
  told.subscribe();
  let awaited = 0;
  const inspect = (event: InspectionEvent): void => {
    if (event.type === '@xstate.event' && event.event.type === 'cooled') setImmediate(() => heard.next());
  };
  return { inspect, cooled: () => firstValueFrom(told.pipe(skip(awaited++))) };
}
