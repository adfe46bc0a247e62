import { describe, expect, test } from 'vitest';
import type { IdleShell, PoolOptions } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, soon, statusWhere } from '../support/pools.ts';
import { isRunning, membersOf } from '../support/processes.ts';

/** A pool of one shell that was used once, whose `validate` answers when the test says so. */
async function openHeldPool(options: PoolOptions = {}) {
  const asked: { shell: IdleShell; answer: (yes: boolean) => void }[] = [];
  let tell = (): void => {};
  const pool = openPool({
    max: 1,
    validate: (shell) =>
      new Promise<boolean>((answer) => {
        asked.push({ shell, answer });
        tell();
      }),
    ...options,
  });
  const { pid } = await pool.exec('true');
  /** Resolves when `validate` is asked the next time. */
  const nextAsked = () => soon(new Promise<void>((resolve) => void (tell = resolve)), 'the next validation');
  return { pool, pid: pid!, asked, nextAsked };
}

describe('a validation that hangs', () => {
  test('is over after initTimeout: the shell is replaced, and the request gets another', async () => {
    const { pool, pid } = await openHeldPool({ initTimeout: 1_500 });
    const invalid = nextEvent(pool, 'shell.invalid');
    const result = await soon(pool.exec('echo on'));
    expect(result.stdout).toBe('on\n');
    expect(await invalid).toMatchObject({ pid, reason: 'validate-failed', cause: expect.stringContaining('1500 ms') });
    expect(membersOf(pid)).toEqual([]);
  });

  test('in a command is over after initTimeout too', async () => {
    const { pool, pid } = await openHeldPool({
      initTimeout: 1_500,
      validate: async (shell) => (await shell.exec('sleep 600')).exitCode === 0,
    });
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
    expect(membersOf(pid)).toEqual([]);
  });

  test.each(['exec', 'acquire'] as const)(
    'does not hang %s beyond acquireTimeout, and the shell goes back',
    async (how) => {
      const { pool, pid, asked } = await openHeldPool();
      const options = { acquireTimeout: 100 };
      const error = await errorOf(soon<unknown>(how === 'exec' ? pool.exec('true', options) : pool.acquire(options)));
      expect(error).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', started: false });
      expect(pool.status()).toMatchObject({ idle: 1, queued: 0 });
      asked[0]!.answer(true);
      const session = soon(pool.acquire());
      await new Promise((resolve) => setImmediate(resolve));
      asked[1]?.answer(true);
      expect((await session).pid).toBe(pid);
    },
  );
});

describe('an abort during a validation', () => {
  test.each(['exec', 'acquire'] as const)('of %s returns the shell to the free list', async (how) => {
    const { pool, pid, asked, nextAsked } = await openHeldPool();
    const controller = new AbortController();
    const { signal } = controller;
    const run = how === 'exec' ? pool.exec('true', { signal }) : pool.acquire({ signal });
    expect(asked).toHaveLength(1);
    controller.abort();
    expect((await errorOf(run)).code).toBe('ERR_ABORTED');
    asked[0]!.answer(true);
    await new Promise((resolve) => setImmediate(resolve));
    // Time passes for a free shell, so the next borrower has it asked again.
    const next = nextAsked();
    const result = pool.exec('echo on');
    await next;
    asked[1]!.answer(true);
    expect(await soon(result)).toMatchObject({ stdout: 'on\n', pid });
    expect(pool.metrics().shells.spawned).toBe(1);
  });

  test.each(['exec', 'acquire'] as const)('by validate itself ends %s, and the shell is free', async (how) => {
    const controller = new AbortController();
    const { pool, pid } = await openHeldPool({
      validate: () => {
        controller.abort();
        return true;
      },
    });
    const options = { signal: controller.signal, acquireTimeout: 50 };
    const run = how === 'exec' ? pool.exec('true', options) : pool.acquire(options);
    expect((await errorOf(soon<unknown>(run))).code).toBe('ERR_ABORTED');
    expect(pool.status()).toMatchObject({ idle: 1, busy: 0, queued: 0 });
    expect(await soon(pool.exec('sleep 0.2; echo on'))).toMatchObject({ stdout: 'on\n', pid });
    expect(pool.status()).toMatchObject({ idle: 1, busy: 0, queued: 0 });
  });

  test('gives the validated shell to whoever is next', async () => {
    const { pool, pid, asked } = await openHeldPool();
    const controller = new AbortController();
    const first = pool.exec('echo first', { signal: controller.signal });
    const second = pool.exec('echo second');
    controller.abort();
    expect((await errorOf(first)).code).toBe('ERR_ABORTED');
    asked[0]!.answer(true);
    expect(await soon(second)).toMatchObject({ stdout: 'second\n', pid });
    expect(asked).toHaveLength(1);
  });
});

describe('a shell that dies while it is validated', () => {
  test('is replaced, and the request gets another', async () => {
    const { pool, pid, asked } = await openHeldPool();
    const invalid = nextEvent(pool, 'shell.invalid');
    const run = pool.exec('echo on');
    process.kill(pid, 'SIGKILL');
    expect(await invalid).toMatchObject({ pid, reason: 'exited', cause: expect.stringContaining('SIGKILL') });
    // What validate says of it now is of no shell that lives.
    asked[0]!.answer(true);
    const result = await soon(run);
    expect(result).toMatchObject({ stdout: 'on\n', exitCode: 0 });
    expect(result.pid).not.toBe(pid);
  });

  test('by a command of validate is replaced too, and fails no pool', async () => {
    const { pool, pid } = await openHeldPool({
      restart: { attempts: 1 },
      validate: async (shell) => (await shell.exec('exit 3')).exitCode === 0,
    });
    const invalid = nextEvent(pool, 'shell.invalid');
    for (let n = 0; n < 4; n++) expect((await soon(pool.exec(`echo ${n}`))).stdout).toBe(`${n}\n`);
    expect(await invalid).toMatchObject({ pid, reason: 'exited' });
    expect(pool.status().state).not.toBe('failed');
  });
});

describe('close during a validation', () => {
  test('lets what waits for it have its turn', async () => {
    const { pool, asked } = await openHeldPool();
    const run = pool.exec('echo whole');
    const closed = pool.close();
    asked[0]!.answer(true);
    expect((await soon(run)).stdout).toBe('whole\n');
    await soon(closed);
    expect(pool.status().size).toBe(0);
  });

  test.each([{ force: true }, { timeout: 100 }])(
    'rejects what waits and ends with %o, though it never answers',
    async (how) => {
      const { pool, pid } = await openHeldPool({
        validate: async (shell) => (await shell.exec('sleep 600')).exitCode === 0,
      });
      const gone = nextEvent(pool, 'shell.destroyed');
      const refused = errorOf(pool.exec('echo never'));
      await soon(pool.close(how));
      expect(await refused).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
      expect(await gone).toMatchObject({ reason: 'pool-killed' });
      expect(isRunning(pid)).toBe(false);
    },
  );

  test('that nobody waits for any more interrupts it, and the shell ends in step', async () => {
    const { pool, pid } = await openHeldPool({
      destroyTimeout: 60_000,
      killGrace: 60_000,
      validate: async (shell) => (await shell.exec('sleep 600')).exitCode === 0,
    });
    const error = await errorOf(pool.exec('echo never', { acquireTimeout: 100 }));
    expect(error.code).toBe('ERR_ACQUIRE_TIMEOUT');
    const gone = nextEvent(pool, 'shell.destroyed');
    await soon(pool.close({ timeout: 60_000 }));
    expect(await gone).toMatchObject({ reason: 'pool-closed', pid });
  });
});

test('a validated shell is not handed out twice', async () => {
  const { pool, asked } = await openHeldPool({ max: 2 });
  const runs = [pool.exec('sleep 0.1; echo $$'), pool.exec('sleep 0.1; echo $$')];
  asked[0]!.answer(true);
  await statusWhere(pool, ({ busy }) => busy > 0);
  const pids = (await soon(Promise.all(runs))).map(({ stdout }) => stdout);
  expect(new Set(pids).size).toBe(2);
});
