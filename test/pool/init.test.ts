import { describe, expect, test } from 'vitest';
import { bash, command, sh, type ShellAccess } from '../../src/index.ts';
import { errorOf, openPool, record, soon } from '../support/pools.ts';
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
