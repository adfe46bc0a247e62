import { describe, expect, test } from 'vitest';
import { bash, sh, type Session } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { isRunning } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

describe.each(dialects)('a session of %s()', (_, dialect) => {
  test('keeps the state of its shell between commands', async () => {
    const pool = openPool({ shell: dialect() });
    const session = await pool.acquire();
    await session.exec('cd /; A="1 2"; f() { echo "f:$A:$1"; }; export B=3; umask 027; set -u');
    expect(await session.$`f ${'x y'}; pwd; printenv B; umask`.lines()).toEqual(['f:1 2:x y', '/', '3', '0027']);
    expect((await session.exec('(exit 5)')).exitCode).toBe(5);
    expect((await session.exec('echo $?')).stdout).toBe('5\n');
    await session.release();
  });

  test('runs calls given at once in order', async () => {
    const session = await openPool({ shell: dialect() }).acquire();
    const runs = Array.from({ length: 20 }, (_, n) => session.exec(`log="\${log-}${n},"; echo $log`));
    const results = await Promise.all(runs);
    expect(results.at(-1)?.stdout).toBe(`${Array.from({ length: 20 }, (_, n) => `${n},`).join('')}\n`);
    await session.release();
  });

  test('has execAll, $ and quote', async () => {
    const session = await openPool({ shell: dialect() }).acquire();
    const results = await session.execAll(['X=1', 'echo $X', '(exit 2)', 'echo after']);
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
      [0, ''],
      [0, '1\n'],
      [2, ''],
      [0, 'after\n'],
    ]);
    expect(await session.$`printf %s ${["a'b", '$X']}`.text()).toBe("a'b$X");
    expect(session.quote("it's")).toBe(String.raw`'it'\''s'`);
    await session.release();
  });

  test('is lost when a command ends its shell: that command resolves, all later get ERR_SESSION_LOST', async () => {
    const pool = openPool({ shell: dialect() });
    const session = await pool.acquire();
    const runs = [session.exec('echo last; exit 3'), session.exec('echo behind'), session.exec('echo behind that')];
    const [first, ...behind] = await Promise.allSettled(runs);

    expect(first).toMatchObject({ status: 'fulfilled', value: { stdout: 'last\n', exitCode: 3, shellExited: true } });
    for (const outcome of behind)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SESSION_LOST', started: false } });
    expect(await errorOf(session.exec('echo later'))).toMatchObject({ code: 'ERR_SESSION_LOST', started: false });
    expect(await errorOf(session.execAll(['echo later']))).toMatchObject({ code: 'ERR_SESSION_LOST' });
    await soon(session.release());
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('is lost when its shell is killed while nothing runs', async () => {
    const pool = openPool({ shell: dialect() });
    const session = await pool.acquire();
    await session.exec('true');
    const lost = nextEvent(pool, 'shell.invalid');
    process.kill(session.pid, 'SIGKILL');
    expect(await lost).toMatchObject({ pid: session.pid, reason: 'exited' });
    expect((await errorOf(session.exec('echo later'))).code).toBe('ERR_SESSION_LOST');
    await soon(session.release());
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('is lost when a timeout had to kill its shell', async () => {
    const pool = openPool({ shell: dialect(), killGrace: 50 });
    const session = await pool.acquire();
    const run = session.exec(`trap '' INT; sleep 600`, { timeout: 50 });
    const behind = errorOf(session.exec('echo behind'));
    expect(await errorOf(soon(run))).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'run', rung: 'kill', stateLost: true });
    expect((await soon(behind)).code).toBe('ERR_SESSION_LOST');
    await soon(session.release());
  });

  test('keeps its shell and state when a timeout only had to interrupt', async () => {
    const session = await openPool({ shell: dialect() }).acquire();
    await session.exec('A=kept');
    expect(await errorOf(session.exec('sleep 600', { timeout: 100 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      rung: 'interrupt',
      stateLost: false,
    });
    expect((await session.exec('echo $A')).stdout).toBe('kept\n');
    await session.release();
  });
});

describe('a session', () => {
  test('has its shell to itself', async () => {
    const pool = openPool({ max: 2 });
    const [a, b] = [await pool.acquire(), await pool.acquire()];
    expect(a.pid).not.toBe(b.pid);
    expect(a.id).not.toBe(b.id);
    await a.exec('X=a');
    await b.exec('X=b');
    expect((await a.exec('echo $X')).stdout).toBe('a\n');
    const waiting = pool.exec('echo $X-');
    expect(waiting.state).toBe('queued');
    await b.release();
    expect((await waiting).stdout).toBe('b-\n');
    await a.release();
  });

  test('names itself, its shell and its process in results and events', async () => {
    const pool = openPool();
    const events = record(pool, 'command.started', 'command.finished');
    const session = await pool.acquire();
    const result = await session.exec('echo $$');
    expect(result).toMatchObject({ sessionId: session.id, shellId: session.shellId, pid: session.pid });
    expect(Number(result.stdout)).toBe(session.pid);
    expect(events.map(({ sessionId, shellId }) => [sessionId, shellId])).toEqual([
      [session.id, session.shellId],
      [session.id, session.shellId],
    ]);
    await session.release();
    expect((await pool.exec('true')).sessionId).toBeUndefined();
  });

  test('takes a waiting command out of its line when that is aborted', async () => {
    const session = await openPool().acquire();
    const abort = new AbortController();
    const first = session.exec('sleep 0.1; echo first');
    const second = session.exec('echo second', { signal: abort.signal });
    const third = session.exec('echo third');
    abort.abort();
    expect(await errorOf(second)).toMatchObject({ code: 'ERR_ABORTED', started: false });
    expect((await first).stdout).toBe('first\n');
    expect((await third).stdout).toBe('third\n');
    await session.release();
  });
});

describe('release', () => {
  test('waits for what was given before it, and then gives the shell back', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    const finished = record(pool, 'command.finished');
    const runs = [session.exec('sleep 0.1; echo 1'), session.exec('echo 2')];
    const behind = pool.exec('echo 3');
    await session.release();
    expect(runs.map(({ state }) => state)).toEqual(['ended', 'ended']);
    await behind;
    expect(finished.map(({ result }) => result.stdout)).toEqual(['1\n', '2\n', '3\n']);
  });

  test('makes later calls reject with ERR_SESSION_RELEASED', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    const running = session.exec('sleep 0.05; echo ran');
    const released = session.release();
    const late = session.exec('echo late');
    expect(await errorOf(late)).toMatchObject({ code: 'ERR_SESSION_RELEASED', started: false });
    expect((await running).stdout).toBe('ran\n');
    await released;
    expect((await errorOf(session.exec('echo later'))).code).toBe('ERR_SESSION_RELEASED');
    expect((await errorOf(session.$`echo later`)).code).toBe('ERR_SESSION_RELEASED');
    expect((await errorOf(session.execAll(['echo later']))).code).toBe('ERR_SESSION_RELEASED');
  });

  test('can be called again, and gives the shell back once', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    await Promise.all([session.release(), session.release()]);
    await session.release();
    const [one, two] = [pool.acquire(), pool.acquire()];
    const first = await one;
    expect(pool.status().queued).toBe(1);
    await first.release();
    await (await two).release();
  });

  test('is what Symbol.asyncDispose does', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    await session[Symbol.asyncDispose]();
    expect((await errorOf(session.exec('true'))).code).toBe('ERR_SESSION_RELEASED');
    expect(pool.status()).toMatchObject({ idle: 1, busy: 0 });
  });

  test('is what await using does at the end of its block', async () => {
    const pool = openPool({ max: 1 });
    let kept: Session;
    {
      await using session = await pool.acquire();
      kept = session;
      await session.exec('true');
    }
    expect((await errorOf(kept.exec('true'))).code).toBe('ERR_SESSION_RELEASED');
  });
});

describe('invalidate', () => {
  test('makes later calls reject with ERR_SESSION_LOST, and the shell is replaced', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    await session.exec('A=stale');
    const invalid = nextEvent(pool, 'shell.invalid');
    const gone = nextEvent(pool, 'shell.destroyed');
    session.invalidate('stale login');
    expect(await invalid).toMatchObject({ reason: 'invalidated', cause: 'stale login', pid: session.pid });
    expect((await errorOf(session.exec('true'))).code).toBe('ERR_SESSION_LOST');
    await soon(session.release());
    await gone;
    expect(isRunning(session.pid)).toBe(false);
    expect((await pool.exec('echo "[$A]"')).stdout).toBe('[]\n');
  });

  test('lets what runs end', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    const running = session.exec('sleep 0.1; echo whole');
    session.invalidate();
    expect((await soon(running)).stdout).toBe('whole\n');
    await soon(session.release());
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('of a lease leaves min shells in the end, and is not a failed start', async () => {
    const pool = openPool({ min: 1, max: 1, restart: { attempts: 1 } });
    for (let n = 0; n < 3; n++) await pool.use((session) => session.invalidate());
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('after release does not touch the shell', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    await session.release();
    const lease = await pool.acquire();
    session.invalidate('too late');
    expect((await lease.exec('echo still mine')).stdout).toBe('still mine\n');
    await lease.release();
  });
});
