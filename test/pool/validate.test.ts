import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bash, sh, type IdleShell } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';
import { isRunning } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

describe.each(dialects)('validate with %s()', (_, dialect) => {
  test('is asked before every borrow of a shell but its first, and not between the commands of one', async () => {
    const uses: number[] = [];
    const pool = openPool({ shell: dialect(), max: 1, validate: (shell) => uses.push(shell.uses) > 0 });
    await pool.exec('true');
    expect(uses).toEqual([]);
    await pool.exec('true');
    await pool.execAll(['true', 'true']);
    await pool.use(async (session) => {
      await session.exec('true');
      await session.exec('true');
    });
    const session = await pool.acquire();
    await session.release();
    expect(uses).toEqual([1, 2, 4, 6]);
    expect(pool.metrics().shells.spawned).toBe(1);
  });

  test('can run commands in the shell, which nobody else hears of', async () => {
    const pool = openPool({
      shell: dialect(),
      max: 1,
      validate: async (shell) => (await shell.$`echo ${"it's"} $WHO`.text()) === "it's me",
    });
    await pool.exec('WHO=me');
    const ends = record(pool, 'command.started', 'command.finished', 'command.rejected');
    expect((await pool.exec('echo $WHO')).stdout).toBe('me\n');
    expect(ends.map(({ command }) => command)).toEqual(['echo $WHO', 'echo $WHO']);
    expect(pool.metrics().commands).toMatchObject({ submitted: 2, finished: 2 });
    expect(pool.status().shells[0]).toMatchObject({
      uses: 2,
      history: [{ command: 'WHO=me' }, { command: 'echo $WHO' }],
    });
  });
});

describe('validate', () => {
  test('gets the status of the shell, which is idle', async () => {
    const seen: unknown[] = [];
    const pool = openPool({
      max: 1,
      validate: ({ id, shellId, pid, uses, since, state, history }) => {
        seen.push({ id, shellId, pid, uses, state, age: Date.now() - since, last: history.at(-1)?.command });
        return true;
      },
    });
    const { pid } = await pool.exec('echo one');
    await pool.exec('true');
    expect(seen).toEqual([
      { id: 'shell.0', shellId: 'shell.0', pid, uses: 1, state: 'idle', age: expect.any(Number), last: 'echo one' },
    ]);
  });

  const says: [what: string, answer: (shell: IdleShell) => unknown, cause: string | RegExp][] = [
    ['false', () => false, 'validate said no'],
    ['a promise of false', async () => false, 'validate said no'],
    ['nothing', () => {}, 'validate gave `undefined` (undefined)'],
    ['a string', () => 'yes', "validate gave `'yes'` (string)"],
    ['a result', (shell) => shell.exec('false'), /^validate gave .* \(object\)$/],
    [
      'a throw',
      () => {
        throw new Error('no login');
      },
      'no login',
    ],
    ['a rejection', () => Promise.reject(new Error('no login')), 'no login'],
    ['a rejection after a command', async (shell) => shell.exec('false', { reject: true }), /exit code 1: false/],
  ];
  test.each(says)('takes %s for no: the shell is replaced, and the request gets another', async (_, answer, cause) => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ max: 1, destroy: [`echo "bye $WHO" >>${file}`], validate: answer as () => boolean });
    const first = await pool.exec('WHO=me');
    const invalid = nextEvent(pool, 'shell.invalid');
    const second = await soon(pool.exec('echo "[$WHO]"'));
    expect(second).toMatchObject({ stdout: '[]\n', exitCode: 0 });
    expect(second.pid).not.toBe(first.pid);
    const { reason, pid, cause: said } = await invalid;
    expect({ reason, pid }).toEqual({ reason: 'validate-failed', pid: first.pid });
    expect(said).toEqual(typeof cause === 'string' ? cause : expect.stringMatching(cause));
    expect(isRunning(first.pid!)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('bye me\n');
  });

  test('is asked too when one borrower follows the other at once', async () => {
    let asked = 0;
    const pool = openPool({ max: 1, validate: () => ++asked > 0 });
    await pool.ready();
    const texts = ['a', 'b', 'c', 'd', 'e'];
    const results = await Promise.all(texts.map((text) => pool.exec(`echo ${text}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(texts.map((text) => `${text}\n`));
    expect(asked).toBe(4);
  });

  test('that answers at once makes nobody wait', async () => {
    const pool = openPool({ max: 1, validate: () => true });
    await pool.exec('true');
    const queued = record(pool, 'command.queued');
    const run = pool.exec('true');
    expect(run.state).toBe('running');
    await run;
    expect(queued).toEqual([]);
  });

  test('keeps the shell idle while it takes its time: no busy edge, no other borrower, and no other shell is started', async () => {
    let answer = (_: boolean): void => {};
    const pool = openPool({
      max: 4,
      maxQueue: 0,
      validate: () => new Promise<boolean>((resolve) => void (answer = resolve)),
    });
    await pool.exec('true');
    pool.status();
    const events = record(pool, 'shell.busy', 'shell.spawning', 'pool.saturated');
    const run = pool.exec('echo whole');
    await new Promise((resolve) => setImmediate(resolve));
    expect(pool.status()).toMatchObject({ size: 1, idle: 1, busy: 0, queued: 1, shells: [{ state: 'idle', uses: 1 }] });
    expect(events).toEqual([]);
    answer(true);
    expect((await run).stdout).toBe('whole\n');
    expect(events.map(({ type }) => type)).toEqual(['shell.busy']);
  });

  test('is asked of no more free shells than requests wait', async () => {
    const asked: string[] = [];
    const pool = openPool({ min: 3, max: 3, validate: async (shell) => asked.push(shell.id) > 0 });
    await statusWhere(pool, ({ idle }) => idle === 3);
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    for (const lease of leases) await lease.release();
    await pool.exec('true');
    expect(asked).toEqual([leases[2].shellId]);
    await Promise.all([pool.exec('true'), pool.exec('true')]);
    expect(new Set(asked.slice(1)).size).toBe(2);
  });

  test('is asked of the next free shell when one is refused', async () => {
    const refused = new Set<string>();
    const pool = openPool({ min: 3, max: 3, validate: async (shell) => !refused.has(shell.id) });
    await statusWhere(pool, ({ idle }) => idle === 3);
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    for (const lease of leases) await lease.release();
    refused.add(leases[2].shellId).add(leases[1].shellId);
    expect((await soon(pool.exec('true'))).pid).toBe(leases[0].pid);
  });

  test('that does not wait for its command still has the shell until that has ended', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({
      max: 1,
      validate: (shell) => {
        void shell.exec(`sleep 0.2; echo validated >>${file}`);
        return true;
      },
    });
    await pool.exec('true');
    expect((await soon(pool.exec(`cat ${file}`))).stdout).toBe('validated\n');
  });

  test('has the shell no longer than it is asked', async () => {
    let kept: IdleShell | undefined;
    const pool = openPool({ max: 1, validate: (shell) => (kept = shell) !== undefined });
    await pool.exec('true');
    await pool.exec('true');
    expect(await errorOf(kept!.exec('echo mine'))).toMatchObject({ code: 'ERR_SESSION_RELEASED', started: false });
  });

  test('runs outside the async context of whoever borrows', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const pool = openPool({ max: 1, validate: () => seen.push(storage.getStore()) > 0 });
    await storage.run('caller', async () => {
      await pool.exec('true');
      await Promise.all([pool.exec('true'), pool.exec('true')]);
    });
    expect(seen).toEqual([undefined, undefined]);
  });

  test('lets 4 callers under load have right answers, each shell asked once for each borrow but its first', async () => {
    let asked = 0;
    const file = join(temporaryFolder(), 'never');
    const pool = openPool({
      min: 4,
      max: 4,
      validate: async (shell) => ++asked % 50 !== 0 && (await shell.exec(`test ! -e ${file}`)).exitCode === 0,
    });
    let next = 0;
    const call = async (): Promise<void> => {
      while (next < 600) {
        const token = `t${next++}`;
        const result = await pool.exec(`echo ${token}; echo ${token} >&2`);
        expect(result).toMatchObject({ stdout: `${token}\n`, stderr: `${token}\n`, exitCode: 0 });
      }
    };
    await soon(Promise.all(Array.from({ length: 4 }, call)));
    const refused = Math.floor(asked / 50);
    const { shells, commands } = pool.metrics();
    expect(commands).toMatchObject({ finished: 600, rejected: 0 });
    expect(shells.invalid).toBe(refused);
    // Every borrow was a first one, or asked for and granted; what was granted in vain went back.
    expect(asked - refused + shells.ready).toBeGreaterThanOrEqual(600);
    expect(existsSync(file)).toBe(false);
  });
});
