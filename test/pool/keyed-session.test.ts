import { describe, expect, test } from 'vitest';
import { secret, sh, type KeyedSession, type Session, type SessionOptions } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';

async function said(session: KeyedSession | Session, text: string): Promise<string> {
  return session.exec(text).text();
}

describe('pool.session', () => {
  test('is the same shell for the same key, with its state, and another for another', async () => {
    const pool = openPool();
    const ada = await pool.session('ada');
    await ada.exec('cd /usr; x=ada');
    const bob = await pool.session('bob');
    const again = await pool.session('ada');
    expect([ada.fresh, bob.fresh, again.fresh]).toEqual([true, true, false]);
    expect([again.id, again.pid, again.shellId, again.key]).toEqual([ada.id, ada.pid, ada.shellId, 'ada']);
    expect(bob.pid).not.toBe(ada.pid);
    expect(await said(again, 'echo $x $PWD')).toBe('ada /usr');
    expect(await said(bob, 'echo "[$x]"')).toBe('[]');
  });

  test('is a session in all else', async () => {
    const pool = openPool();
    const session: Session = await pool.session('ada');
    const events = record(pool, 'command.finished');
    expect(await session.$`printf '<%s>' ${"it's"}`.text()).toBe("<it's>");
    const results = await session.execAll(['x=1', 'echo $x']);
    expect(results.map(({ stdout, sessionId }) => [stdout, sessionId])).toEqual([
      ['', session.id],
      ['1\n', session.id],
    ]);
    expect(session.quote('a b')).toBe("'a b'");
    expect(events).toHaveLength(3);
    expect((await errorOf(session.execAll(['true', 5 as never]))).code).toBe('ERR_OPTIONS');
  });

  test('counts as a lease: it holds its shell, and status says for which key', async () => {
    const pool = openPool({ max: 1 });
    await pool.session('ada');
    expect(pool.status()).toMatchObject({ busy: 1, shells: [{ sessionKey: 'ada', state: 'busy' }] });
    expect((await errorOf(pool.exec('true', { acquireTimeout: 50 }))).code).toBe('ERR_ACQUIRE_TIMEOUT');
    expect((await errorOf(pool.session('bob', { acquireTimeout: 50 }))).code).toBe('ERR_ACQUIRE_TIMEOUT');
    expect((await pool.session('ada', { acquireTimeout: 50 })).fresh).toBe(false);

    const discreet = openPool({ max: 1, redact: [/ada/] });
    await discreet.session('ada');
    expect(discreet.status().shells[0]!.sessionKey).toBe('***');
  });

  test('made by many callers at once is one, and one of them is told that it is fresh', async () => {
    const pool = openPool({ max: 4 });
    const sessions = await Promise.all(Array.from({ length: 10 }, () => pool.session('ada')));
    expect(new Set(sessions.map(({ pid }) => pid)).size).toBe(1);
    expect(sessions.map(({ fresh }) => fresh)).toEqual([true, ...Array.from({ length: 9 }, () => false)]);
    expect(pool.metrics().shells.spawned).toBe(1);
  });

  test('runs the commands of all its callers in the order in which they were given', async () => {
    const pool = openPool();
    const [a, b] = await Promise.all([pool.session('ada'), pool.session('ada')]);
    const runs = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? a : b).exec(`x=$x.${n}; echo $x`));
    const results = await Promise.all(runs);
    expect(results.at(-1)!.stdout).toBe(`${Array.from({ length: 20 }, (_, n) => `.${n}`).join('')}\n`);
  });

  test.each<[unknown, unknown, RegExp]>([
    ['', {}, /key of pool\.session to be a non-empty string/],
    [7, {}, /key of pool\.session.*`7`/],
    [undefined, undefined, /key of pool\.session/],
    ['a', { idleTimeout: -1 }, /`idleTimeout` option of pool\.session/],
    ['a', { cwd: '' }, /`cwd` option of pool\.session/],
    ['a', { env: { 'A-B': 'x' } }, /`env` option of pool\.session.*names of letters/],
    ['a', { env: { __sw_s: 'x' } }, /`env` option of pool\.session/],
    ['a', { env: { A: 1 } }, /`env` option of pool\.session/],
    ['a', { timeout: 5 }, /Unknown option `timeout` of pool\.session/],
    ['a', [], /pool\.session to be an object of options/],
  ])('refuses the key %o with the options %o by name', async (key, options, message) => {
    const pool = openPool();
    const error = await errorOf(pool.session(key as string, options as SessionOptions));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toMatch(message);
    expect(pool.metrics().shells.spawned).toBe(0);
  });
});

describe('a keyed session', () => {
  test('ends when it was idle for idleTimeout, and its shell is nobody else’s', async () => {
    const pool = openPool({ max: 1 });
    const ended = nextEvent(pool, 'shell.invalid');
    const ada = await pool.session('ada', { idleTimeout: 100 });
    await ada.exec('x=ada');
    const waiting = pool.exec('echo "[$x]"');
    expect(await ended).toMatchObject({ reason: 'session-ended', cause: 'idle', pid: ada.pid });
    expect((await waiting).stdout).toBe('[]\n');
    const error = await errorOf(ada.exec('echo $x'));
    expect(error).toMatchObject({ code: 'ERR_SESSION_LOST', started: false });
    const again = await pool.session('ada');
    expect(again.fresh).toBe(true);
    expect(await said(again, 'echo "[$x]"')).toBe('[]');
  });

  test('is not idle while a command runs, and starts to be when the last has ended', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.session('ada', { idleTimeout: 50 });
    await session.exec('sleep 0.4');
    const [, second] = await Promise.all([session.exec('sleep 0.2'), session.exec('sleep 0.2; echo on')]);
    expect(second.stdout).toBe('on\n');
    expect((await nextEvent(pool, 'shell.invalid')).cause).toBe('idle');
  });

  test('has the idleTimeout of the call that said one last', async () => {
    const pool = openPool({ max: 1 });
    await pool.session('ada', { idleTimeout: 60_000 });
    const ended = nextEvent(pool, 'shell.invalid');
    await pool.session('ada', { idleTimeout: 20 });
    expect((await ended).reason).toBe('session-ended');
    const session = await pool.session('ada', { idleTimeout: Infinity });
    expect(session.fresh).toBe(true);
  });

  test('stays when a caller releases, who then cannot use it any more', async () => {
    const pool = openPool({ max: 1 });
    const [a, b] = await Promise.all([pool.session('ada'), pool.session('ada')]);
    let done = false;
    void a.exec('x=1; sleep 0.1').then(() => (done = true));
    await a.release();
    expect(done).toBe(true);
    await a.release();
    expect(await errorOf(a.exec('true'))).toMatchObject({ code: 'ERR_SESSION_RELEASED', started: false });
    expect((await errorOf(a.execAll(['true']))).code).toBe('ERR_SESSION_RELEASED');
    a.invalidate();
    expect(await said(b, 'echo $x')).toBe('1');
    expect((await pool.session('ada')).pid).toBe(b.pid);
  });

  test('that is ended lets run what was given, takes no more, and its shell is replaced', async () => {
    const pool = openPool({ max: 1 });
    const events = record(pool, 'shell.invalid');
    const [a, b] = await Promise.all([pool.session('ada'), pool.session('ada')]);
    const runs = [a.exec('x=1; sleep 0.1'), b.exec('echo $x')];
    const ended = a.end();
    const refused = [errorOf(a.exec('true')), errorOf(b.exec('true'))];
    const next = pool.session('ada');
    await soon(ended);
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(['', '1\n']);
    for (const error of await Promise.all(refused)) expect(error.code).toBe('ERR_SESSION_RELEASED');
    expect(events).toMatchObject([{ reason: 'session-ended', cause: 'ended' }]);
    expect(await said(await next, 'echo "[$x]"')).toBe('[]');
    await soon(a.end());
  });

  test.each([
    ['exits', 'exit 3'],
    ['is killed', 'kill -9 $$'],
  ])('whose shell %s loses what waits, and the next call makes a fresh one', async (_, end) => {
    const pool = openPool({ max: 2 });
    const session = await pool.session('ada');
    const last = session.exec(`x=1; ${end}`);
    const waiting = errorOf(session.exec('echo $x'));
    expect(await last).toMatchObject({ shellExited: true });
    expect(await waiting).toMatchObject({ code: 'ERR_SESSION_LOST', started: false });
    const next = await pool.session('ada');
    expect([next.fresh, await said(next, 'echo "[$x]"')]).toEqual([true, '[]']);
    expect((await errorOf(session.exec('true'))).code).toBe('ERR_SESSION_LOST');
  });

  test('that is invalidated while it runs is fresh for the next call at once', async () => {
    const pool = openPool({ max: 2 });
    const session = await pool.session('ada');
    const run = session.exec('sleep 0.2; echo end');
    session.invalidate('logged out');
    const next = await pool.session('ada');
    expect([next.fresh, next.pid === session.pid]).toEqual([true, false]);
    expect((await run).stdout).toBe('end\n');
    expect((await pool.session('ada')).pid).toBe(next.pid);
  });

  test('whose shell dies while it is idle is gone, and status knows', async () => {
    const pool = openPool({ max: 1 });
    const { pid } = await pool.session('ada');
    const gone = statusWhere(pool, ({ shells }) => shells.every(({ sessionKey }) => sessionKey === undefined));
    process.kill(pid, 'SIGKILL');
    await gone;
    expect((await pool.session('ada')).fresh).toBe(true);
  });
});

describe('a new keyed session', () => {
  test.each([undefined, sh()])(
    'begins in cwd with env, quoted, and keeps what it has when it is called again',
    async (shell) => {
      const folder = `${temporaryFolder()}/it's $HOME`;
      const pool = openPool({ shell, max: 1, policy: { deny: [/cd|export/] } });
      const events = record(pool, 'command.finished');
      await pool.exec(`mkdir "${folder.replace('$', String.raw`\$`)}"; GONE=1; A=0`);
      const env = { A: `it's "$HOME"`, TOKEN: secret('hunter2-tok'), GONE: undefined };
      const session = await pool.session('ada', { cwd: folder, env });
      expect(await said(session, 'pwd; sh -c \'echo "$A $TOKEN ${GONE-gone}"\'')).toBe(
        `${folder}\nit's "$HOME" hunter2-tok gone`,
      );
      await session.exec('A=changed; : hunter2-tok');
      const again = await pool.session('ada', { cwd: '/', env: { A: 'other' } });
      expect(await said(again, 'echo $A; pwd')).toBe(`changed\n${folder}`);
      expect(events.map(({ command }) => command).at(2)).toBe('A=changed; : ***');
      expect(pool.metrics().commands.submitted).toBe(4);
      expect(pool.status().shells[0]!.uses).toBe(4);
    },
  );

  test('begins where cwd is from the pool’s folder, wherever its shell was', async () => {
    const pool = openPool({ max: 1, cwd: '/usr' });
    await pool.exec('cd /');
    expect(await said(await pool.session('ada', { cwd: 'bin' }), 'pwd')).toBe('/usr/bin');
  });

  test('whose folder is not there is a clear error for all who wait, and the shell goes back', async () => {
    const pool = openPool({ max: 1 });
    const { pid } = await pool.exec('true');
    const errors = await Promise.all([1, 2].map(() => errorOf(pool.session('ada', { cwd: '/no where' }))));
    for (const error of errors) {
      expect(error.code).toBe('ERR_INIT');
      expect(error.message).toContain("cd -- '/no where'");
      expect(error.message).toContain('No such file');
    }
    expect((await pool.exec('true')).pid).toBe(pid);
    expect((await pool.session('ada')).fresh).toBe(true);
  });

  test('whose variable cannot be set is a clear error without its value, and the shell is replaced', async () => {
    const pool = openPool({ max: 1, init: ['readonly LOCKED=1'] });
    const { pid } = await pool.exec('true');
    const env = { A: secret('hunter2-tok'), LOCKED: secret('hunter3-tok') };
    const error = await errorOf(pool.session('ada', { env }));
    expect(error.code).toBe('ERR_INIT');
    expect(error.message).toContain('export A=*** && export LOCKED=***');
    expect(error.message).not.toMatch(/hunter/);
    const next = await pool.exec('echo "[$A]"');
    expect([next.stdout, next.pid === pid]).toEqual(['[]\n', false]);
  });
});
