import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { bash, command, sh } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

function logFile(): { file: string; lines: () => string[] } {
  const file = join(temporaryFolder(), 'log');
  writeFileSync(file, '');
  return { file, lines: () => readFileSync(file, 'utf8').split('\n').filter(Boolean) };
}

describe.each(dialects)('reset by commands with %s()', (_, dialect) => {
  test('gives each of ten commands a clean state, in one shell', async () => {
    const pool = openPool({
      shell: dialect(),
      max: 4,
      maxQueue: 0,
      reset: ['cd /', command`unset LEFT ${['A', 'B']}`],
    });
    const pids = new Set<number | undefined>();
    for (let n = 0; n < 10; n++) {
      const { stdout, pid } = await pool.exec('echo "[$LEFT$A$B] $PWD"; LEFT=1 A=2 B=3; cd /usr');
      expect(stdout).toBe(n === 0 ? `[] ${process.cwd()}\n` : '[] /\n');
      pids.add(pid);
    }
    expect(pids.size).toBe(1);
    expect(pool.metrics()).toMatchObject({ commands: { submitted: 10 }, shells: { spawned: 1 } });
    expect(pool.status().shells[0]).toMatchObject({ uses: 10 });
  });

  test('comes after every kind of borrow, once for each', async () => {
    const { file, lines } = logFile();
    const pool = openPool({ shell: dialect(), max: 1, reset: [`echo reset >>${file}; LEFT=`] });
    const look = `echo "[$LEFT]" >>${file}; LEFT=1`;
    await pool.exec(look);
    await pool.execAll([look, look]);
    await pool.use((session) => session.exec(look));
    const session = await pool.acquire();
    await session.release();
    await pool.exec(look);
    expect(lines().slice(0, 9)).toEqual(['[]', 'reset', '[]', '[1]', 'reset', '[]', 'reset', 'reset', '[]']);
  });

  test('that fails has the shell replaced, in step, before anybody gets it', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      shell: dialect(),
      max: 1,
      reset: [`echo 1 >>${file}`, 'echo no such state >&2; (exit 5)', `echo never >>${file}`],
      destroy: [`echo bye >>${file}`],
    });
    const invalid = nextEvent(pool, 'shell.invalid');
    const [first, second] = await soon(Promise.all([pool.exec('LEFT=1'), pool.exec('echo "[$LEFT]"')]));
    expect(second).toMatchObject({ stdout: '[]\n', exitCode: 0 });
    expect(second.pid).not.toBe(first.pid);
    const { reason, cause, pid } = await invalid;
    expect({ reason, pid }).toEqual({ reason: 'reset-failed', pid: first.pid });
    expect(cause).toMatch(/^the command failed with exit code 5: echo no such state.*, and said: no such state$/);
    expect(lines().slice(0, 2)).toEqual(['1', 'bye']);
  });

  test('that hangs is over after initTimeout, and the shell is replaced', async () => {
    const pool = openPool({ shell: dialect(), max: 1, initTimeout: 1_500, reset: ['test -z "$STUCK" || sleep 600'] });
    const { pid } = await pool.exec('STUCK=1');
    const gone = nextEvent(pool, 'shell.destroyed');
    expect((await soon(pool.exec('echo "[$STUCK]"'))).stdout).toBe('[]\n');
    expect(await gone).toMatchObject({ reason: 'reset-failed', pid });
    expect(membersOf(pid!)).toEqual([]);
  });

  test.each([
    ['exit 3', 'exit code 3'],
    ['kill -9 $$', 'SIGKILL'],
  ])('that loses the shell by `%s` has it replaced, and fails no pool', async (how, cause) => {
    const pool = openPool({ shell: dialect(), max: 1, restart: { attempts: 1 }, reset: [how] });
    const events = record(pool, 'shell.invalid');
    for (let n = 0; n < 3; n++) expect((await soon(pool.exec(`echo ${n}`))).stdout).toBe(`${n}\n`);
    await vi.waitFor(() => expect(events).toHaveLength(3));
    for (const event of events)
      expect(event).toMatchObject({ reason: 'exited', cause: expect.stringContaining(cause) });
  });
});

describe('reset by commands', () => {
  test('is not waited for by release, but by the next borrower', async () => {
    const { file, lines } = logFile();
    const pool = openPool({ max: 1, reset: [`sleep 0.5; echo reset >>${file}`] });
    const session = await pool.acquire();
    const queued = pool.exec(`echo next >>${file}`);
    await session.release();
    expect(lines()).toEqual([]);
    expect(pool.status()).toMatchObject({ idle: 1, busy: 0, queued: 1, shells: [{ state: 'idle' }] });
    await soon(queued);
    expect(lines()).toEqual(['reset', 'next']);
  });

  test('is no busy edge and no saturation', async () => {
    const pool = openPool({ max: 1, reset: ['sleep 0.1'] });
    await pool.ready();
    const events = record(pool, 'shell.busy', 'shell.idle', 'pool.saturated');
    await pool.exec('true');
    await pool.exec('true');
    expect(events.map(({ type }) => type)).toEqual(['shell.busy', 'shell.idle', 'shell.busy', 'shell.idle']);
  });

  test('counts as a shell to come for maxQueue', async () => {
    const pool = openPool({ max: 1, maxQueue: 0, reset: ['sleep 0.05'] });
    for (let n = 0; n < 3; n++) expect((await pool.exec(`echo ${n}`)).stdout).toBe(`${n}\n`);
  });

  test('is left out for a shell that leaves anyway', async () => {
    const { file, lines } = logFile();
    const pool = openPool({ max: 1, maxUses: 2, reset: [`echo reset >>${file}`], destroy: [`echo bye >>${file}`] });
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.exec('true');
    await pool.exec('true');
    expect(await gone).toMatchObject({ reason: 'max-uses' });
    expect(lines()).toEqual(['reset', 'bye']);
  });

  test('is followed by a check that is due, and then by validate, before the shell is lent', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      max: 1,
      reset: [`echo reset >>${file}`],
      healthCheck: { interval: 50, timeout: 10_000, commands: [{ command: `echo check >>${file}` }] },
      validate: async (shell) => (await shell.exec(`echo validate >>${file}`)).exitCode === 0,
    });
    const session = await pool.acquire();
    await session.exec(`sleep 0.2; : >${file}`);
    const run = pool.exec(`echo user >>${file}`);
    await session.release();
    await soon(run);
    expect(lines().slice(0, 4)).toEqual(['reset', 'check', 'validate', 'user']);
  });

  test('does not take the name off what a job of the borrower says later', async () => {
    const { file } = logFile();
    const pool = openPool({ max: 1, reset: ['true', `cat ${file}`] });
    const late = nextEvent(pool, 'shell.late_output', ({ data }) => data.toString().includes('late'));
    const { id } = await pool.exec('(sleep 0.3; echo late) &');
    expect(await late).toMatchObject({ commandId: id });
  });

  test('is interrupted when the pool closes, and the shell ends in step', async () => {
    const { file, lines } = logFile();
    const pool = openPool({ max: 1, reset: ['sleep 600'], destroy: [`echo bye >>${file}`], destroyTimeout: 60_000 });
    await pool.exec('true');
    const gone = nextEvent(pool, 'shell.destroyed');
    await soon(pool.close({ timeout: 60_000 }));
    expect(await gone).toMatchObject({ reason: 'pool-closed' });
    expect(lines()).toEqual(['bye']);
  });

  test('of a shell that dies meanwhile keeps nobody waiting', async () => {
    const pool = openPool({ max: 1, reset: ['sleep 600'] });
    const { pid } = await pool.exec('true');
    const run = pool.exec('echo on');
    process.kill(pid!, 'SIGKILL');
    expect((await soon(run)).stdout).toBe('on\n');
  });

  test('lets 4 callers under load have clean states and right answers', async () => {
    const pool = openPool({ min: 4, max: 4, reset: ['LEFT='] });
    let next = 0;
    const call = async (): Promise<void> => {
      while (next < 600) {
        const token = `t${next++}`;
        expect((await pool.exec(`echo "${token}$LEFT"; LEFT=${token}`)).stdout).toBe(`${token}\n`);
      }
    };
    await soon(Promise.all(Array.from({ length: 4 }, call)));
    expect(pool.metrics()).toMatchObject({ commands: { finished: 600 }, shells: { invalid: 0 } });
  });
});

describe("reset: 'respawn'", () => {
  test.each(dialects)('gives every borrower of %s() a shell of its own, which ends in step', async (_, dialect) => {
    const { file, lines } = logFile();
    const pool = openPool({ shell: dialect(), max: 2, reset: 'respawn', destroy: [`echo "bye $LEFT" >>${file}`] });
    const left = record(pool, 'shell.invalid');
    const pids: (number | undefined)[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { stdout, pid } = await soon(pool.exec(`echo "[$LEFT]"; LEFT=${name}`));
      expect(stdout).toBe('[]\n');
      pids.push(pid);
    }
    await pool.use(async (session) => {
      await session.exec('LEFT=d');
      expect((await session.exec('echo $LEFT')).stdout).toBe('d\n');
      pids.push(session.pid);
    });
    expect(new Set(pids).size).toBe(4);
    expect(left.map(({ reason, pid }) => [reason, pid])).toEqual(pids.map((pid) => ['reset', pid]));
    await pool.close();
    expect(lines().toSorted()).toEqual(['bye a', 'bye b', 'bye c', 'bye d']);
  });

  test('keeps nobody waiting while there is a spare shell', async () => {
    const pool = openPool({ max: 4, spare: 2, reset: 'respawn' });
    const queued = record(pool, 'command.queued');
    const pids = new Set<number | undefined>();
    for (let n = 0; n < 6; n++) {
      await statusWhere(pool, ({ idle }) => idle >= 2);
      const results = await Promise.all([pool.exec('echo $LEFT; LEFT=1'), pool.exec('echo $LEFT; LEFT=1')]);
      for (const { stdout, pid } of results) {
        expect(stdout).toBe('\n');
        pids.add(pid);
      }
    }
    expect(queued).toEqual([]);
    expect(pids.size).toBe(12);
  });

  test('leaves a shell that nobody borrowed alone, also when it was checked', async () => {
    const pool = openPool({
      min: 1,
      max: 2,
      reset: 'respawn',
      healthCheck: { interval: 20, timeout: 10_000, commands: [{ command: 'true' }] },
    });
    const left = record(pool, 'shell.invalid');
    for (let n = 0; n < 3; n++) await nextEvent(pool, 'health.passed');
    expect(left).toEqual([]);
  });
});
