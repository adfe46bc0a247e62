import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command, type Pool, type PoolOptions } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, openPool, record, soon } from '../support/pools.ts';

type PolicyOptions = NonNullable<PoolOptions['policy']>;

function guarded(policy: PolicyOptions): Pool {
  return openPool({ max: 1, policy });
}

/** Of each command: what it said, or the code of its error. */
async function answers(pool: Pool, commands: readonly string[]): Promise<string[]> {
  const results = await Promise.all(commands.map((text) => pool.exec(text, { reject: false })));
  return results.map(({ stdout, error }) => error?.code ?? stdout.trim());
}

describe('policy', () => {
  test('denies what matches deny, and lets everything else run', async () => {
    const pool = guarded({ deny: [/\brm\b/, /shutdown/] });
    expect(await answers(pool, ['echo 1', 'rm -f x', 'echo 2', 'echo shutdown', 'echo charm'])).toEqual([
      '1',
      'ERR_POLICY',
      '2',
      'ERR_POLICY',
      'charm',
    ]);
  });

  test('lets only what matches allow run', async () => {
    const pool = guarded({ allow: [/^echo /, /^true$/] });
    expect(await answers(pool, ['echo 1', 'true', 'false', ' echo 2'])).toEqual(['1', '', 'ERR_POLICY', 'ERR_POLICY']);
  });

  test('looks at deny first: what is denied is not allowed, whatever allow says', async () => {
    const pool = guarded({ deny: [/secret/], allow: [/^echo /] });
    expect(await answers(pool, ['echo 1', 'echo secret', 'true'])).toEqual(['1', 'ERR_POLICY', 'ERR_POLICY']);
  });

  test('with an empty allow allows nothing', async () => {
    const pool = guarded({ allow: [] });
    expect(await answers(pool, ['echo 1', ':', ''])).toEqual(['ERR_POLICY', 'ERR_POLICY', 'ERR_POLICY']);
    expect((await errorOf(pool.exec('echo 1'))).message).toContain('(none)');
  });

  test.each<[PolicyOptions]>([[{}], [{ deny: [] }], [{ deny: undefined, allow: undefined }]])(
    '%o allows everything',
    async (policy) => {
      expect(await answers(guarded(policy), ['echo 1'])).toEqual(['1']);
    },
  );

  test.each([[/^echo/g], [/^echo/y], [/echo/gy], ['/^echo/g'], ['/^echo/y']])(
    'does not remember where %s last matched',
    async (pattern) => {
      const commands = Array.from({ length: 4 }, (_, n) => `echo ${n}`);
      expect(await answers(guarded({ allow: [pattern] }), commands)).toEqual(['0', '1', '2', '3']);
      expect(new Set(await answers(guarded({ deny: [pattern] }), commands))).toEqual(new Set(['ERR_POLICY']));
    },
  );

  test("is not moved by the lastIndex of the caller's RegExp, and does not move it", async () => {
    const pattern = /echo/g;
    const pool = guarded({ deny: [pattern] });
    pattern.lastIndex = 3;
    expect(await answers(pool, ['echo 1', 'echo 2'])).toEqual(['ERR_POLICY', 'ERR_POLICY']);
    expect(pattern.lastIndex).toBe(3);
  });

  test('is as it was at construction, whatever the caller does with the arrays later', async () => {
    const deny = [/one/];
    const allow = [/^echo/];
    const pool = guarded({ deny, allow });
    deny.pop();
    allow.push(/./);
    expect(await answers(pool, ['echo one', 'true'])).toEqual(['ERR_POLICY', 'ERR_POLICY']);
  });

  test('takes patterns as text, with their flags', async () => {
    const pool = guarded({ deny: ['/^RM\\b/i', '/a\\/b/'], allow: ['/^(echo|rm)/'] });
    expect(await answers(pool, ['echo 1', 'rm x', 'Rm x', 'echo a/b', 'true'])).toEqual([
      '1',
      'ERR_POLICY',
      'ERR_POLICY',
      'ERR_POLICY',
      'ERR_POLICY',
    ]);
  });

  test.each<[policy: unknown, message: RegExp]>([
    [{ deny: [/a/, 5] }, /`policy\.deny\.1`.*a RegExp.*`5` \(number\)/],
    [{ deny: ['rm'] }, /`policy\.deny\.0`.*'\/source\/flags'.*`'rm'` \(string\)/],
    [{ deny: ['//'] }, /`policy\.deny\.0`/],
    [{ allow: ['/(/'] }, /`policy\.allow\.0`.*valid.*`'\/\(\/'`/],
    [{ allow: ['/a/q'] }, /`policy\.allow\.0`/],
    [{ allow: ['/a/gg'] }, /`policy\.allow\.0`/],
    [{ allow: ['/a/uv'] }, /`policy\.allow\.0`/],
    [{ allow: [undefined] }, /`policy\.allow\.0`/],
    [{ allow: [null] }, /`policy\.allow\.0`/],
    [{ allow: [{ source: 'a', flags: '' }] }, /`policy\.allow\.0`/],
    [{ allow: /a/ }, /`policy\.allow`.*an array of patterns/],
    [{ allow: null }, /`policy\.allow`.*an array of patterns.*`null`/],
    [{ deny: 'rm' }, /`policy\.deny`.*an array of patterns/],
    [{ alow: [] }, /Unknown option `policy\.alow`/],
    ['/a/', /`policy`.*an object/],
    [null, /`policy`.*an object/],
    // Each would allow everything, had it been taken for a policy without lists.
    [[], /`policy`.*an object/],
    [/^git /, /`policy`.*an object/],
    [new Map([['allow', []]]), /`policy`.*an object/],
  ])('refuses %o by name at construction', (policy, message) => {
    const make = (): Pool => guarded(policy as PolicyOptions);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', started: false }));
  });
});

describe('a command that the policy refuses', () => {
  test('gets ERR_POLICY, with which pattern and which command, and nothing ran', async () => {
    const pool = guarded({ deny: [/\brm\b/] });
    const run = pool.exec('rm -rf /nowhere');
    const error = await errorOf(run);
    expect(error).toMatchObject({ code: 'ERR_POLICY', started: false });
    expect(error.message).toContain(String.raw`/\brm\b/`);
    expect(error.message).toContain('rm -rf /nowhere');
    expect(error.stdout).toBeUndefined();
    expect(run.state).toBe('ended');
  });

  test('takes no shell: none is started for it', async () => {
    const pool = guarded({ allow: [] });
    const events = record(pool);
    await errorOf(pool.exec('echo 1'));
    await errorOf(pool.$`echo 2`);
    await errorOf(pool.execAll(['echo 3']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(pool.status().size).toBe(0);
    expect(pool.metrics().shells.spawned).toBe(0);
    expect(events.filter(({ type }) => type.startsWith('shell.'))).toEqual([]);
  });

  test('does not wait for a shell either', async () => {
    const pool = guarded({ deny: [/no/] });
    const session = await pool.acquire();
    expect((await soon(errorOf(pool.exec('no')))).code).toBe('ERR_POLICY');
    expect((await soon(errorOf(pool.execAll(['true', 'no'])))).code).toBe('ERR_POLICY');
    expect(pool.status().queued).toBe(0);
    await session.release();
  });

  test('never rejects with reject: false', async () => {
    const result = await guarded({ allow: [] }).exec('echo 1', { reject: false });
    expect(result).toMatchObject({ command: 'echo 1', stdout: '', error: { code: 'ERR_POLICY', started: false } });
  });

  test('is one command.rejected, on results$ too, and counted as rejected', async () => {
    const pool = guarded({ deny: [/no/] });
    const events = record(pool, 'command.queued', 'command.started', 'command.finished', 'command.rejected');
    const results: unknown[] = [];
    pool.results$.subscribe((result) => results.push(result));
    await errorOf(pool.exec('no', { meta: { user: 'a' } }));
    expect(events).toMatchObject([
      {
        type: 'command.rejected',
        command: 'no',
        meta: { user: 'a' },
        error: { code: 'ERR_POLICY', started: false },
      },
    ]);
    expect(results).toMatchObject([{ command: 'no', error: { code: 'ERR_POLICY' } }]);
    expect(pool.metrics().commands).toMatchObject({ submitted: 1, rejected: 1, finished: 0 });
  });
});

describe('a batch', () => {
  test('of which one command is refused: nothing of it runs', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = guarded({ deny: [/no/] });
    const error = await errorOf(pool.execAll([`echo ran >>${file}`, 'true', 'no']));
    expect(error).toMatchObject({ code: 'ERR_POLICY', started: false });
    expect(error.message).toMatch(/: no$/);
    expect(existsSync(file)).toBe(false);
    expect(pool.metrics().shells.spawned).toBe(0);
  });

  test('of a session: nothing of it runs, and the session goes on', async () => {
    const pool = guarded({ deny: [/no/] });
    const session = await pool.acquire();
    expect(await errorOf(session.execAll(['A=1', 'no']))).toMatchObject({ code: 'ERR_POLICY', started: false });
    expect((await session.exec('echo "[$A]"')).stdout).toBe('[]\n');
    await session.release();
  });

  test('that is refused leaves a command.rejected for the audit, with its meta', async () => {
    const pool = guarded({ deny: [/no/] });
    const events = record(pool, 'command.rejected');
    await errorOf(pool.execAll(['true', 'no'], { meta: { user: 'a' } }));
    expect(events).toMatchObject([{ command: 'no', meta: { user: 'a' }, error: { code: 'ERR_POLICY' } }]);
    expect(pool.metrics().commands).toMatchObject({ submitted: 1, rejected: 1 });
  });

  test('that is allowed runs whole', async () => {
    const results = await guarded({ allow: [/^echo /] }).execAll(['echo 1', 'echo 2']);
    expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
  });
});

describe('what is checked', () => {
  test('in a session, each command', async () => {
    const pool = guarded({ deny: [/no/] });
    const session = await pool.acquire();
    const runs = [session.exec('echo 1', { reject: false }), session.exec('no', { reject: false })];
    const [one, two] = await Promise.all([...runs, session.exec('echo 3')]);
    expect([one?.stdout, two?.error?.code]).toEqual(['1\n', 'ERR_POLICY']);
    expect(await errorOf(session.$`no`)).toMatchObject({ code: 'ERR_POLICY', started: false });
    await session.release();
  });

  test('with pool.use, too', async () => {
    const pool = guarded({ deny: [/no/] });
    expect((await errorOf(pool.use((session) => session.exec('no')))).code).toBe('ERR_POLICY');
  });

  test('of $ and command: the text after quoting', async () => {
    const pool = guarded({ allow: [/^echo '[^']*'$/] });
    expect(await pool.$`echo ${'a b; rm x'}`.text()).toBe('a b; rm x');
    expect((await pool.exec(command`echo ${'$HOME'}`)).stdout).toBe('$HOME\n');
    expect((await errorOf(pool.$`echo ${"it's"}`)).code).toBe('ERR_POLICY');
    expect((await errorOf(pool.$`echo ${['a b', 'c d']}`)).code).toBe('ERR_POLICY');
    expect((await errorOf(pool.exec(command`echo ${command`rm x`}`))).code).toBe('ERR_POLICY');
    expect((await errorOf(pool.$({ timeout: 5_000 })`true`)).code).toBe('ERR_POLICY');
  });

  test('is the whole text: a line behind the first counts for a pattern without anchors, not for ^ and $', async () => {
    const pool = guarded({ allow: [/^echo \w+$/] });
    expect(await answers(pool, ['echo a', 'echo a\nrm x', 'rm x\necho a', 'echo a\n'])).toEqual([
      'a',
      'ERR_POLICY',
      'ERR_POLICY',
      'ERR_POLICY',
    ]);
  });

  test('are neither init nor destroy', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({
      max: 1,
      policy: { allow: [/^echo \$A$/] },
      init: ['A=from-init', async (shell) => void (await shell.$`B=${'x'}`)],
      destroy: [`printf bye >>${file}`],
    });
    expect((await pool.exec('echo $A')).stdout).toBe('from-init\n');
    expect((await errorOf(pool.exec('A=from-init'))).code).toBe('ERR_POLICY');
    await pool.close();
    expect(readFileSync(file, 'utf8')).toBe('bye');
  });

  test('is before everything else: also in a session that was released, and in a pool that is closed', async () => {
    const pool = guarded({ deny: [/no/] });
    const session = await pool.acquire();
    await session.release();
    expect((await errorOf(session.exec('no'))).code).toBe('ERR_POLICY');
    await pool.close();
    expect((await errorOf(pool.exec('no'))).code).toBe('ERR_POLICY');
    expect((await errorOf(pool.exec('yes'))).code).toBe('ERR_POOL_CLOSED');
  });
});

describe('known ways around a pattern, as docs/policy.md says', () => {
  test.each([
    [String.raw`r\m -f x`],
    [`'r'm -f x`],
    ['a=r; "${a}m" -f x'],
    [`eval "$(printf 'r%s -f x' m)"`],
    ['f() { command "$1"m -f x; }; f r'],
    [`$(printf '\\162\\155') -f x`],
    ['find . -maxdepth 0 -name x -delete'],
  ])('%s is not matched by /\\brm\\b/', async (text) => {
    const result = await openPool({ max: 1, cwd: temporaryFolder(), policy: { deny: [/\brm\b/] } }).exec(text);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('an allow pattern without an end lets anything follow', async () => {
    expect(await answers(guarded({ allow: [/^echo /] }), ['echo 1; echo 2'])).toEqual(['1\n2']);
  });
});
