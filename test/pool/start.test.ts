import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { bash, command, sh, type PoolOptions, type ShellAccess } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;
/** Retries at once. */
const quick = { backoff: { initial: 0, jitter: 0 } };

describe.each(dialects)('init of %s()', (_, dialect) => {
  test('runs strings, commands and functions in order in each new shell, before it is available', async () => {
    const seen: string[] = [];
    const pool = openPool({
      shell: dialect(),
      min: 2,
      init: [
        'LOG=a',
        command`LOG=$LOG${"b'c"}`,
        async (shell: ShellAccess) => {
          expect(shell.pid).toBeGreaterThan(0);
          seen.push(shell.shellId);
          await shell.exec('LOG=${LOG}d');
          const word = await shell.$`echo ${'e f'}`.text();
          await shell.execAll([`LOG=$LOG${shell.quote(word)}`, 'export LOG']);
        },
        'LOG=${LOG}g',
      ],
    });
    await pool.ready();
    const outputs = await Promise.all([1, 2].map(() => pool.exec('printf %s "$LOG"')));

    expect(outputs.map(({ stdout }) => stdout)).toEqual(["ab'cde fg", "ab'cde fg"]);
    expect(outputs[0]!.pid).not.toBe(outputs[1]!.pid);
    expect(seen.toSorted()).toEqual(['shell.0', 'shell.1']);
  });

  test('counts neither as use nor as command', async () => {
    const pool = openPool({ shell: dialect(), init: ['echo loud', 'echo louder >&2'] });
    const events = record(pool, 'command.started', 'command.finished');
    await pool.ready();

    expect(events).toEqual([]);
    expect(pool.metrics().commands.submitted).toBe(0);
    expect(pool.status().shells[0]).toMatchObject({ uses: 0, history: [] });
    expect((await pool.exec('echo mine')).stdout).toBe('mine\n');
  });

  test('that fails fails the pool with ERR_INIT, status and stderr as the cause, after all attempts', async () => {
    const pool = openPool({
      shell: dialect(),
      init: ['echo first', 'echo "no such module" >&2; (exit 7)'],
      restart: { ...quick, attempts: 3 },
    });
    const error = await errorOf(pool.exec('echo never'));

    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', started: false, cause: { code: 'ERR_INIT', exitCode: 7 } });
    expect((error.cause as Error).message).toMatch(/exit code 7.*no such module/s);
    expect(pool.metrics().shells).toMatchObject({ spawned: 3, ready: 0, invalid: 3 });
    expect(pool.status()).toMatchObject({ state: 'failed', lastError: { code: 'ERR_INIT' } });
  });

  test('that ends the shell fails with ERR_INIT', async () => {
    const pool = openPool({ shell: dialect(), init: ['echo bye >&2; exit 4'], restart: { ...quick, attempts: 1 } });
    const error = await errorOf(pool.ready());
    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_INIT' } });
    expect((error.cause as Error).message).toMatch(/exit code 4.*bye/s);
  });

  test('that hangs fails with ERR_INIT after initTimeout, and leaves no process', async () => {
    const pool = openPool({
      shell: dialect(),
      init: ['sleep 600'],
      initTimeout: 300,
      restart: { ...quick, attempts: 2 },
    });
    const started = record(pool, 'shell.initializing');
    const lost = record(pool, 'shell.invalid');
    const error = await errorOf(soon(pool.ready()));

    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_INIT' } });
    expect((error.cause as Error).message).toContain('initTimeout');
    expect(lost.map(({ reason }) => reason)).toEqual(['init-timeout', 'init-timeout']);
    await pool.close();
    expect(started).toHaveLength(2);
    for (const { pid = 0 } of started) expect(membersOf(pid)).toEqual([]);
  });
});

describe('an init function', () => {
  test('that throws fails with ERR_INIT and the error as its cause', async () => {
    const mistake = new Error('no token');
    const pool = openPool({
      init: [
        () => {
          throw mistake;
        },
      ],
      restart: { attempts: 1 },
    });
    const error = await errorOf(pool.ready());
    expect(error.cause).toMatchObject({ code: 'ERR_INIT', cause: mistake });
    expect((error.cause as Error).message).toContain('no token');
  });

  test('that never settles fails after initTimeout', async () => {
    const pool = openPool({ init: [() => new Promise(() => {})], initTimeout: 200, restart: { attempts: 1 } });
    expect((await errorOf(soon(pool.ready()))).cause).toMatchObject({ code: 'ERR_INIT' });
  });

  test('may see a command fail without failing the start', async () => {
    let exitCode: number | undefined;
    const pool = openPool({
      init: [
        async (shell: ShellAccess) => {
          ({ exitCode } = await shell.exec('(exit 3)'));
        },
      ],
    });
    await pool.ready();
    expect(exitCode).toBe(3);
  });

  test('runs commands that were given at once in order', async () => {
    let outputs: string[] = [];
    const pool = openPool({
      init: [
        async (shell: ShellAccess) => {
          const runs = await Promise.all([shell.exec('n=1; echo $n'), shell.exec('n=$((n+1)); echo $n')]);
          outputs = runs.map(({ stdout }) => stdout);
        },
      ],
    });
    await pool.ready();
    expect(outputs).toEqual(['1\n', '2\n']);
  });

  test('gets a rejection and not a hang when the shell ends under it', async () => {
    const pool = openPool({
      init: [
        async (shell: ShellAccess) => {
          await shell.exec('exit 1');
          await shell.exec('echo more');
        },
      ],
      restart: { attempts: 1 },
    });
    expect((await errorOf(soon(pool.ready()))).cause).toMatchObject({ code: 'ERR_INIT' });
  });
});

describe('a shell that cannot be started', () => {
  test.each<[string, PoolOptions, RegExp]>([
    ['for lack of its program', { shell: bash({ path: '/no/such/bash' }) }, /\/no\/such\/bash.*no such program/],
    ['for lack of its program on the PATH', { shell: bash({ path: 'no-such-bash' }) }, /no-such-bash.*no such program/],
    ['for lack of its folder', { cwd: '/no/such/folder' }, /\/no\/such\/folder.*no such folder/],
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
    expect((error.cause as Error).message).toMatch(/exit code 9/);
    expect(pool.metrics().shells.spawned).toBe(2);
  });

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
