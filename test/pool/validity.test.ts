import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { bash, command, sh, type Pool, type PoolOptions } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';
import { isRunning } from '../support/processes.ts';

type InvalidatePattern = NonNullable<PoolOptions['invalidateOn']>[number];

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** Why shells left, in order. */
function removals(pool: Pool): { reason: string; cause: string | undefined; pid: number | undefined }[] {
  const seen: { reason: string; cause: string | undefined; pid: number | undefined }[] = [];
  pool.on('shell.invalid', ({ reason, cause, pid }) => seen.push({ reason, cause, pid }));
  return seen;
}

const expired = { stream: 'stderr', pattern: /session expired/i } as const;

describe.each(dialects)('invalidateOn with %s()', (_, dialect) => {
  test('lets the result resolve with the reason, and replaces the shell', async () => {
    const pool = openPool({ shell: dialect(), min: 1, max: 1, invalidateOn: [expired] });
    await pool.ready();
    const invalid = nextEvent(pool, 'shell.invalid');
    const gone = nextEvent(pool, 'shell.destroyed');
    const result = await pool.exec('echo whole; echo "Session Expired" >&2; (exit 4)');

    expect(result).toMatchObject({ stdout: 'whole\n', stderr: 'Session Expired\n', exitCode: 4, shellExited: false });
    expect(result.invalid).toBe('stderr matched /session expired/i');
    expect(await invalid).toMatchObject({ reason: 'pattern-matched', cause: result.invalid, pid: result.pid });
    expect(await gone).toMatchObject({ reason: 'pattern-matched', pid: result.pid });
    const next = await soon(pool.exec('echo on'));
    expect(next).toMatchObject({ stdout: 'on\n' });
    expect(next.pid).not.toBe(result.pid);
    expect(next.invalid).toBeUndefined();
    expect(isRunning(result.pid!)).toBe(false);
  });

  test('runs the destroy commands: the shell is still in step', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({
      shell: dialect(),
      max: 1,
      invalidateOn: [expired],
      destroy: [`echo "bye $WHO" >>${file}`],
    });
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.exec('WHO=me; echo session expired >&2');
    await gone;
    expect(lines(file)).toEqual(['bye me']);
  });
});

describe('invalidateOn', () => {
  const say = {
    stdout: 'echo GONE',
    stderr: 'echo GONE >&2',
    both: 'echo GONE; echo GONE >&2',
    neither: 'echo fine; echo fine >&2',
  };
  const onAny = 'stdout or stderr';

  test.each<[stream: InvalidatePattern['stream'], on: 'match' | 'noMatch', said: keyof typeof say, verdict?: string]>([
    ['stdout', 'match', 'stdout', 'stdout matched /GONE/'],
    ['stdout', 'match', 'stderr'],
    ['stdout', 'match', 'neither'],
    ['stderr', 'match', 'stderr', 'stderr matched /GONE/'],
    ['stderr', 'match', 'stdout'],
    ['any', 'match', 'stdout', `${onAny} matched /GONE/`],
    ['any', 'match', 'stderr', `${onAny} matched /GONE/`],
    ['any', 'match', 'both', `${onAny} matched /GONE/`],
    ['any', 'match', 'neither'],
    ['stdout', 'noMatch', 'stdout'],
    ['stdout', 'noMatch', 'stderr', 'stdout did not match /GONE/'],
    ['stderr', 'noMatch', 'stderr'],
    ['stderr', 'noMatch', 'stdout', 'stderr did not match /GONE/'],
    ['any', 'noMatch', 'stdout'],
    ['any', 'noMatch', 'stderr'],
    ['any', 'noMatch', 'neither', `${onAny} did not match /GONE/`],
  ])('on %s with %s and the word on %s', async (stream, on, said, verdict) => {
    const pool = openPool({ max: 1, invalidateOn: [{ stream, pattern: /GONE/, on }] });
    const result = await pool.exec(say[said]);
    expect(result.invalid).toBe(verdict);
    const { pid } = await pool.exec(say[said]);
    expect(pid === result.pid).toBe(verdict === undefined);
  });

  test('takes match for the default of on', async () => {
    const pool = openPool({ max: 1, invalidateOn: [{ stream: 'any', pattern: /GONE/, on: undefined }] });
    expect((await pool.exec('echo fine')).invalid).toBeUndefined();
    expect((await pool.exec('echo GONE')).invalid).toBeDefined();
  });

  test('names the first of several patterns that speaks against the shell', async () => {
    const pool = openPool({
      max: 1,
      invalidateOn: [
        { stream: 'stdout', pattern: /never/ },
        { stream: 'stdout', pattern: /b/ },
        { stream: 'stdout', pattern: /a/ },
      ],
    });
    expect((await pool.exec('echo ab')).invalid).toBe('stdout matched /b/');
    expect((await pool.exec('echo a')).invalid).toBe('stdout matched /a/');
    expect((await pool.exec('echo c')).invalid).toBeUndefined();
  });

  test('takes a pattern as text, with its flags', async () => {
    const pool = openPool({ max: 1, invalidateOn: [{ stream: 'stdout', pattern: '/^a\\/b$/im' }] });
    expect((await pool.exec('echo x; echo A/B')).invalid).toBe(String.raw`stdout matched /^a\/b$/im`);
    expect((await pool.exec('echo xA/B')).invalid).toBeUndefined();
  });

  test.each([[/GONE/g], [/GONE/y], [/GONE/gy], ['/GONE/g'], ['/GONE/y']])(
    'does not remember where %s last matched',
    async (pattern) => {
      const pool = openPool({ max: 1, invalidateOn: [{ stream: 'stdout', pattern }] });
      for (let n = 0; n < 4; n++) expect((await pool.exec('echo GONE')).invalid).toBe('stdout matched /GONE/');
    },
  );

  test("leaves the caller's own RegExp as it is", async () => {
    const pattern = /GONE/g;
    pattern.lastIndex = 2;
    const pool = openPool({ max: 1, invalidateOn: [{ stream: 'stdout', pattern }] });
    expect((await pool.exec('echo GONE')).invalid).toBeDefined();
    expect(pattern.lastIndex).toBe(2);
  });

  test('looks at what maxBuffer kept, and at nothing else', async () => {
    const pool = openPool({ max: 1, maxBuffer: 10, invalidateOn: [{ stream: 'stdout', pattern: /GONE/ }] });
    const cut = await pool.exec('printf "%050d" 0; echo GONE');
    expect(cut.truncated).toBeTruthy();
    expect(cut.invalid).toBeUndefined();
    expect((await pool.exec('printf "%050d" 0; printf GONE', { overflow: 'tail' })).invalid).toBe(
      'stdout matched /GONE/',
    );
  });

  test('looks at decoded text, also with encoding: "buffer"', async () => {
    const pool = openPool({ max: 1, encoding: 'buffer', invalidateOn: [{ stream: 'stdout', pattern: /^日本$/m }] });
    const result = await pool.exec('echo 日本');
    expect(Buffer.isBuffer(result.stdout)).toBe(true);
    expect(result.invalid).toBe('stdout matched /^日本$/m');
  });

  test('does not look at init and destroy', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({
      max: 1,
      init: ['echo GONE', async (shell) => void (await shell.exec('echo GONE >&2'))],
      destroy: ['echo GONE', `echo bye >>${file}`],
      invalidateOn: [{ stream: 'any', pattern: /GONE/ }],
    });
    const left = removals(pool);
    await pool.ready();
    expect((await pool.exec('echo fine')).invalid).toBeUndefined();
    await pool.close();
    expect(left).toEqual([]);
    expect(lines(file)).toEqual(['bye']);
  });

  test('has the shell out of use before anybody sees the result', async () => {
    const pool = openPool({ min: 2, max: 2, invalidateOn: [expired] });
    await pool.ready();
    const states: (string | undefined)[] = [];
    const stateOf = (pid: number | undefined): void =>
      void states.push(pool.status().shells.find((shell) => shell.pid === pid)?.state);
    pool.on('command.finished', ({ pid }) => stateOf(pid));
    pool.results$.subscribe(({ pid }) => stateOf(pid));
    const result = await pool.exec('echo session expired >&2');
    stateOf(result.pid);

    expect(states).toHaveLength(3);
    // The borrower lets go between the two: `invalid` until then, and then `destroying`.
    for (const state of states) expect(state).not.toMatch(/idle|busy/);
    const next = await pool.exec('echo on');
    expect(next.pid).not.toBe(result.pid);
    expect(next.invalid).toBeUndefined();
  });

  test('is told before the result: shell.invalid comes before command.finished', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    await pool.ready();
    const events = record(pool, 'shell.invalid', 'command.finished');
    const result = await pool.exec('echo session expired >&2');
    expect(events.map(({ type }) => type)).toEqual(['shell.invalid', 'command.finished']);
    expect(events[1]).toMatchObject({ result: { invalid: result.invalid } });
  });

  test('replaces the shell at once, with nobody waiting, and counts no failed start', async () => {
    const pool = openPool({ min: 1, max: 1, restart: { attempts: 1 }, invalidateOn: [expired] });
    await pool.ready();
    for (let n = 0; n < 3; n++) {
      const replaced = nextEvent(pool, 'shell.idle', ({ pid }) => !pool.status().shells.some((s) => s.pid !== pid));
      const { pid } = await pool.exec('echo session expired >&2');
      expect((await replaced).pid).not.toBe(pid);
    }
    expect(pool.status().state).toBe('ready');
  });

  test('gives what waits in the queue another shell', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const runs = [pool.exec('A=1; echo session expired >&2'), pool.exec('echo "[$A]"'), pool.exec('echo "[$A]"')];
    const [first, second, third] = await soon(Promise.all(runs));
    expect(first!.invalid).toBeDefined();
    expect([second!.stdout, third!.stdout]).toEqual(['[]\n', '[]\n']);
    expect(second!.pid).toBe(third!.pid);
    expect(second!.pid).not.toBe(first!.pid);
  });

  test('in a session: the result resolves, all later calls get ERR_SESSION_LOST', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const session = await pool.acquire();
    const runs = [session.exec('echo session expired >&2'), session.exec('echo waits')];
    const [first, behind] = await Promise.allSettled(runs);
    expect(first).toMatchObject({ status: 'fulfilled', value: { exitCode: 0, invalid: expect.any(String) } });
    expect(behind).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SESSION_LOST', started: false } });
    expect(await errorOf(session.exec('echo later'))).toMatchObject({ code: 'ERR_SESSION_LOST', started: false });
    await soon(session.release());
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('in execAll: what follows gets ERR_SESSION_LOST', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const results = await pool.execAll(['echo session expired >&2', 'echo never'], { reject: false });
    expect(results.map(({ invalid, error }) => [invalid !== undefined, error?.code])).toEqual([
      [true, undefined],
      [false, 'ERR_SESSION_LOST'],
    ]);
  });

  test('also judges a command that failed with reject: true, and its error says so', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const error = await errorOf(pool.exec('echo session expired >&2; (exit 1)', { reject: true }));
    expect(error).toMatchObject({ code: 'ERR_COMMAND_FAILED', invalid: 'stderr matched /session expired/i' });
  });

  test('also judges a command that was stopped, and its error says so', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const left = removals(pool);
    const error = await errorOf(pool.exec('echo session expired >&2; sleep 600', { timeout: 1_000 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', rung: 'interrupt', stateLost: false });
    expect(left).toMatchObject([{ reason: 'pattern-matched' }]);
    expect(error.invalid).toBe('stderr matched /session expired/i');
  });

  test('does not change why a shell left that exited by itself', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const left = removals(pool);
    const result = await pool.exec('echo session expired >&2; exit 3');
    expect(result).toMatchObject({ exitCode: 3, shellExited: true });
    expect(left).toMatchObject([{ reason: 'exited' }]);
  });

  test.each([
    [[expired.pattern], /`invalidateOn\.0\.stream`.*to be given/],
    [expired, /`invalidateOn`.*array/],
    [[{ stream: 'out', pattern: /a/ }], /`invalidateOn\.0\.stream`.*'stdout', 'stderr', 'any'.*`'out'`/],
    [[expired, { stream: 'any', pattern: 'a' }], /`invalidateOn\.1\.pattern`.*RegExp.*`'a'`/],
    [[{ stream: 'any', pattern: '/(/' }], /`invalidateOn\.0\.pattern`.*RegExp/],
    [[{ stream: 'any' }], /`invalidateOn\.0\.pattern`.*to be given/],
    [[{ stream: 'any', pattern: /a/, on: 'miss' }], /`invalidateOn\.0\.on`.*'match', 'noMatch'/],
    [[{ stream: 'any', pattern: /a/, flags: 'i' }], /Unknown option `invalidateOn\.0\.flags`/],
  ])('refuses %o by name at construction', (invalidateOn, message) => {
    const make = (): Pool => openPool({ invalidateOn: invalidateOn as never });
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });
});

describe('maxUses', () => {
  test('replaces a shell after as many commands', async () => {
    const pool = openPool({ max: 1, maxUses: 3 });
    const left = removals(pool);
    const pids: (number | undefined)[] = [];
    for (let n = 0; n < 7; n++) pids.push((await pool.exec('true')).pid);
    expect(pids.map((pid) => [...new Set(pids)].indexOf(pid))).toEqual([0, 0, 0, 1, 1, 1, 2]);
    expect(left.map(({ reason }) => reason)).toEqual(['max-uses', 'max-uses']);
  });

  test('does so with a queue waiting, which loses nothing and runs in order', async () => {
    const pool = openPool({ max: 1, maxUses: 2, restart: { attempts: 1 } });
    const runs = Array.from({ length: 9 }, (_, n) => pool.exec(`echo ${n}`));
    const results = await soon(Promise.all(runs));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(results.map((_, n) => `${n}`));
    const pids = results.map(({ pid }) => pid);
    expect(pids.map((pid) => [...new Set(pids)].indexOf(pid))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4]);
  });

  test('of 1 gives every command a shell of its own', async () => {
    const pool = openPool({ max: 2, maxUses: 1 });
    const results = await soon(Promise.all(Array.from({ length: 6 }, () => pool.exec('echo "[$A]"; A=1'))));
    expect(results.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 6 }, () => '[]\n'));
    expect(new Set(results.map(({ pid }) => pid)).size).toBe(6);
  });

  test('counts the commands of users only, however they end', async () => {
    const pool = openPool({
      max: 1,
      maxUses: 3,
      init: ['true', async (shell) => void (await shell.execAll(['true', 'true', 'true']))],
    });
    const left = removals(pool);
    await pool.ready();
    expect(pool.status().shells[0]!.uses).toBe(0);
    await pool.exec('(exit 1)');
    await errorOf(pool.exec('sleep 600', { timeout: 50 }));
    expect(pool.status().shells[0]!.uses).toBe(2);
    expect(left).toEqual([]);
    await pool.exec('true');
    expect(left).toMatchObject([{ reason: 'max-uses' }]);
  });

  test('does not count commands that never reached the shell', async () => {
    const pool = openPool({ max: 1, maxUses: 2, policy: { deny: [/no/] } });
    await pool.ready();
    await errorOf(pool.exec('no'));
    await errorOf(pool.exec('true', { signal: AbortSignal.abort() }));
    await pool.exec('true');
    expect(pool.status().shells[0]!.uses).toBe(1);
  });

  test('is not looked at within a lease, but at its end', async () => {
    const pool = openPool({ max: 1, maxUses: 2 });
    const left = removals(pool);
    const session = await pool.acquire();
    for (let n = 0; n < 5; n++) expect((await session.exec('echo $$')).stdout).toBe(`${session.pid}\n`);
    expect(left).toEqual([]);
    await session.release();
    expect(left).toMatchObject([{ reason: 'max-uses', pid: session.pid }]);
    expect((await soon(pool.exec('echo $$'))).pid).not.toBe(session.pid);
  });

  test('is not looked at within execAll', async () => {
    const results = await openPool({ max: 1, maxUses: 2 }).execAll(['A=1', 'true', 'true', 'echo $A']);
    expect(results.at(-1)!.stdout).toBe('1\n');
  });

  test('runs destroy in each shell that it replaces', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ max: 1, maxUses: 1, destroy: [`echo $$ >>${file}`] });
    const { pid } = await pool.exec('true');
    // With one slot, a second command runs only when the first shell is gone.
    await pool.exec('true');
    expect(lines(file)[0]).toBe(`${pid}`);
  });

  test('keeps min shells', async () => {
    const pool = openPool({ min: 1, max: 1, maxUses: 1 });
    await pool.ready();
    const { pid } = await pool.exec('true');
    const { shells } = await statusWhere(pool, ({ idle, shells: all }) => idle === 1 && all[0]?.pid !== pid);
    expect(shells).toHaveLength(1);
  });
});

describe('maxLifetime', () => {
  test('replaces a shell that is idle, with the destroy commands run', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ min: 1, max: 1, maxLifetime: 200, destroy: [`echo $$ >>${file}`] });
    const invalid = nextEvent(pool, 'shell.invalid');
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.ready();
    const { pid } = pool.status().shells[0]!;
    expect(await invalid).toMatchObject({ reason: 'max-lifetime', pid });
    expect(await gone).toMatchObject({ reason: 'max-lifetime', pid });
    expect(lines(file)[0]).toBe(`${pid}`);
    expect((await statusWhere(pool, ({ idle }) => idle === 1)).shells[0]!.pid).not.toBe(pid);
  });

  test('lets a busy shell finish its command, and then replaces it', async () => {
    const pool = openPool({ max: 1, maxLifetime: 100 });
    const left = removals(pool);
    const result = await pool.exec('sleep 0.5; echo whole');
    expect(result).toMatchObject({ stdout: 'whole\n', exitCode: 0, shellExited: false });
    expect(left).toMatchObject([{ reason: 'max-lifetime', pid: result.pid }]);
    expect((await soon(pool.exec('echo on'))).pid).not.toBe(result.pid);
  });

  test('lets a lease go on, also between its commands, and replaces its shell at the end', async () => {
    const pool = openPool({ max: 1, maxLifetime: 100 });
    const left = removals(pool);
    const session = await pool.acquire();
    await session.exec('A=1; sleep 0.5');
    expect((await session.exec('echo $A')).stdout).toBe('1\n');
    expect(left).toEqual([]);
    await session.release();
    expect(left).toMatchObject([{ reason: 'max-lifetime', pid: session.pid }]);
  });

  test('is jittered by up to 2.5 % less, never more', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    try {
      const pool = openPool({ shell: sh(), min: 20, max: 20, maxLifetime: 1_000_000 });
      await statusWhere(pool, ({ idle }) => idle === 20);
      const lifetimes = timers.mock.calls.map(([, ms]) => ms ?? 0).filter((ms) => ms > 500_000);
      expect(lifetimes).toHaveLength(20);
      for (const ms of lifetimes) {
        expect(ms).toBeGreaterThanOrEqual(975_000);
        expect(ms).toBeLessThanOrEqual(1_000_000);
      }
      // Twenty numbers by chance: they are not all within a tenth of their range.
      expect(Math.max(...lifetimes) - Math.min(...lifetimes)).toBeGreaterThan(2_500);
    } finally {
      timers.mockRestore();
    }
  });

  test.each([[2 ** 31], [Infinity]])('of %d sets no timer', async (maxLifetime) => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    try {
      const pool = openPool({ max: 1, maxLifetime: maxLifetime * 1.1 });
      await pool.exec('true');
      expect(timers.mock.calls.filter(([, ms]) => (ms ?? 0) > 2 ** 30)).toEqual([]);
      expect((await pool.exec('echo on')).stdout).toBe('on\n');
    } finally {
      timers.mockRestore();
    }
  });

  test('counts no failed start, however short', async () => {
    const pool = openPool({ min: 1, max: 1, maxLifetime: 1, restart: { attempts: 1 } });
    const left = removals(pool);
    await statusWhere(pool, () => left.length >= 3);
    expect(new Set(left.map(({ reason }) => reason))).toEqual(new Set(['max-lifetime']));
    expect(pool.status().state).not.toBe('failed');
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });
});

describe('session.invalidate', () => {
  test('between commands takes the shell from busy straight to invalid: it is never idle again', async () => {
    const pool = openPool({ max: 1 });
    const session = await pool.acquire();
    await session.exec('true');
    const events = record(pool, 'shell.idle', 'shell.invalid', 'shell.destroying');
    const gone = nextEvent(pool, 'shell.destroyed');
    session.invalidate();
    await gone;
    expect(events.map(({ type }) => type)).toEqual(['shell.invalid', 'shell.destroying']);
  });

  test('wins over maxUses, and its reason and cause are in the events', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ max: 1, maxUses: 1, destroy: [command`echo bye >>${file}`] });
    const left = removals(pool);
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.use(async (session) => {
      await session.exec('true');
      session.invalidate('stale login');
      session.invalidate('again');
    });
    expect(await gone).toMatchObject({ reason: 'invalidated' });
    expect(left).toMatchObject([{ reason: 'invalidated', cause: 'stale login' }]);
    expect(lines(file)).toEqual(['bye']);
  });

  test('while a command runs whose output matches: the first reason stays, and the result has its own', async () => {
    const pool = openPool({ max: 1, invalidateOn: [expired] });
    const left = removals(pool);
    const session = await pool.acquire();
    const run = session.exec('sleep 0.1; echo session expired >&2');
    session.invalidate('stale login');
    expect((await soon(run)).invalid).toBe('stderr matched /session expired/i');
    await soon(session.release());
    expect(left).toMatchObject([{ reason: 'invalidated', cause: 'stale login' }]);
  });
});
