import { describe, expect, test } from 'vitest';
import { bash, sh } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

describe.each(dialects)('a shell of %s()', (_, dialect) => {
  test.each([
    ['exit 3', 3],
    ['exit', 0],
    ['set -e; false', 1],
    ['exec true', 0],
    ['exec sh -c "exit 9"', 9],
  ])(
    'that ends by `%s` gives its status, its whole output and shellExited, and is replaced',
    async (ending, exitCode) => {
      const pool = openPool({ shell: dialect(), max: 1 });
      const lost = nextEvent(pool, 'shell.invalid');
      const result = await soon(pool.exec(`echo out; echo err >&2; ${ending}`));

      expect(result).toMatchObject({ exitCode, shellExited: true, stdout: 'out\n', failed: exitCode !== 0 });
      expect(result.stderr).toMatch(/^err\n/);
      expect(result.signal).toBeUndefined();
      expect(result.error).toBeUndefined();
      expect((await lost).reason).toBe('exited');
      const next = await soon(pool.exec('echo next'));
      expect(next).toMatchObject({ stdout: 'next\n', exitCode: 0, shellExited: false });
      expect(next.pid).not.toBe(result.pid);
    },
  );

  test.each([
    ['kill -9 $$', 'SIGKILL'],
    ['kill -TERM $$', 'SIGTERM'],
    ['kill -HUP $$', 'SIGHUP'],
  ])('that dies of `%s` gives the signal, no status, its whole output and shellExited', async (ending, signal) => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const result = await soon(pool.exec(`echo out; echo err >&2; ${ending}; sleep 1; echo never`));

    expect(result).toMatchObject({ signal, shellExited: true, failed: true, stdout: 'out\n', stderr: 'err\n' });
    expect(result.exitCode).toBeUndefined();
    expect((await soon(pool.exec('echo next'))).stdout).toBe('next\n');
  });

  test('that ends after much output gives all of it', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const result = await soon(pool.exec('i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; exit 5'));
    expect(result.exitCode).toBe(5);
    expect(result.stdout.split('\n')).toHaveLength(20_001);
    expect(result.stdout).toMatch(/line 19999\n$/);
  });

  test('that is killed from outside while busy gives the signal and the output so far', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const run = pool.exec('echo begun; sleep 600');
    const begun = new Promise<void>((resolve) => {
      run.output$.subscribe(() => resolve());
    });
    await begun;
    const { pid } = pool.status().shells[0]!;
    const gone = nextEvent(pool, 'shell.destroyed');
    process.kill(pid, 'SIGKILL');

    expect(await soon(run)).toMatchObject({ signal: 'SIGKILL', shellExited: true, stdout: 'begun\n' });
    await gone;
    // `sleep` was of its group.
    expect(membersOf(pid)).toEqual([]);
    expect((await soon(pool.exec('echo next'))).stdout).toBe('next\n');
  });

  test('that is killed from outside while idle is replaced at once, and min is kept', async () => {
    const pool = openPool({ shell: dialect(), min: 2, max: 2 });
    await pool.ready();
    const { pid } = await pool.exec('true');
    const lost = nextEvent(pool, 'shell.invalid');
    const replaced = nextEvent(pool, 'shell.idle', (event) => event.pid !== pid);
    process.kill(pid as number, 'SIGKILL');

    expect(await lost).toMatchObject({ pid, reason: 'exited', cause: expect.stringContaining('SIGKILL') });
    await replaced;
    expect(await statusWhere(pool, ({ idle }) => idle === 2)).toMatchObject({ size: 2, state: 'ready' });
    expect(pool.status().lastError).toBeUndefined();
  });

  test('that is killed while idle is never lent again', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    for (let n = 0; n < 10; n++) {
      const { pid } = await pool.exec('true');
      process.kill(pid as number, 'SIGKILL');
      const result = await soon(pool.exec(`echo ${n}`), `command ${n}`);
      // It was written before the death was noticed, or it was not and another shell ran it.
      if (result.shellExited) expect(result).toMatchObject({ signal: 'SIGKILL', stdout: '' });
      else expect(result.stdout).toBe(`${n}\n`);
    }
  });

  test('that is lost takes no answer of another with it', async () => {
    const pool = openPool({ shell: dialect(), max: 2 });
    const runs = Array.from({ length: 40 }, (_, n) => pool.exec(n % 5 === 4 ? 'kill -9 $$' : `echo ${n}`));
    const results = await soon(Promise.all(runs));
    results.forEach((result, n) =>
      n % 5 === 4
        ? expect(result).toMatchObject({ signal: 'SIGKILL', shellExited: true })
        : expect(result).toMatchObject({ stdout: `${n}\n`, exitCode: 0, shellExited: false }),
    );
    expect(pool.status().state).not.toBe('failed');
  });
});

describe('a lost shell', () => {
  test('is what an unset variable makes of bash under set -u', async () => {
    const result = await soon(openPool().exec('echo out; set -u; echo $no_such_variable_here; echo never'));
    // As in `bash -c`.
    expect(result).toMatchObject({ exitCode: 127, shellExited: true, stdout: 'out\n' });
    expect(result.stderr).toContain('unbound variable');
  });

  test('is not counted as a failed start after a command', async () => {
    const pool = openPool({ max: 1, restart: { attempts: 1 } });
    const failed = record(pool, 'pool.failed');
    for (let n = 0; n < 5; n++) expect((await soon(pool.exec('exit 1'))).exitCode).toBe(1);
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
    expect(failed).toEqual([]);
  });

  test('while stopped by SIGSTOP is set going by a timeout, and kept', async () => {
    const pool = openPool({ max: 1 });
    const error = await errorOf(soon(pool.exec('kill -STOP $$; echo went on', { timeout: 100 })));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', rung: 'interrupt', stateLost: false, stdout: '' });
    expect((await soon(pool.exec('echo next'))).stdout).toBe('next\n');
  });

  test('is told by shell.invalid, shell.destroying and shell.destroyed, each once and with one reason', async () => {
    const pool = openPool({ max: 1 });
    const events = record(pool, 'shell.invalid', 'shell.destroying', 'shell.destroyed');
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.exec('exit 1');
    await gone;
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['shell.invalid', 'exited'],
      ['shell.destroying', 'exited'],
      ['shell.destroyed', 'exited'],
    ]);
  });

  test('takes with it what it left in its group', async () => {
    const pool = openPool({ max: 1 });
    const gone = nextEvent(pool, 'shell.destroyed');
    const { pid } = await soon(pool.exec('sleep 600 >/dev/null 2>&1 & exit 0'));
    await gone;
    expect(membersOf(pid as number)).toEqual([]);
  });
});
