import { describe, expect, test } from 'vitest';
import { bash, sh } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

describe.each(dialects)('close of a pool of %s()', (_, dialect) => {
  test('lets running, queued and leased work end, and refuses new work with ERR_POOL_CLOSED', async () => {
    const pool = openPool({ shell: dialect(), max: 2 });
    const lease = await pool.acquire();
    const running = pool.exec('sleep 0.2; echo running');
    const queued = Array.from({ length: 5 }, (_, n) => pool.exec(`echo ${n}`));
    const alsoQueued = pool.acquire();
    const closed = pool.close();

    for (const call of [
      pool.exec('true'),
      pool.$`true`,
      pool.execAll(['true']),
      pool.acquire(),
      pool.use(() => {}),
      pool.ready(),
    ])
      expect(await errorOf(call as PromiseLike<unknown>)).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect(pool.status().state).toBe('closing');
    expect((await lease.exec('echo leased')).stdout).toBe('leased\n');
    await lease.release();
    expect((await running).stdout).toBe('running\n');
    expect((await Promise.all(queued)).map(({ stdout }) => stdout)).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n']);
    await (await alsoQueued).release();
    await soon(closed);
    expect(pool.status()).toMatchObject({ state: 'closed', size: 0, idle: 0, busy: 0, queued: 0, shells: [] });
  });

  test('still starts shells for what waits', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const runs = [pool.exec('exit 1'), pool.exec('exit 2'), pool.exec('echo 3')];
    const closed = pool.close();
    const results = await soon(Promise.all(runs));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 2, 0]);
    expect(results[2]?.stdout).toBe('3\n');
    await soon(closed);
  });

  test('rejects what is left when timeout is over, kills it, and leaves no process', async () => {
    const pool = openPool({ shell: dialect(), max: 2 });
    const shells = record(pool, 'shell.initializing');
    const lease = await pool.acquire();
    const leased = pool.exec('echo begun; sleep 600 & sleep 600');
    const begun = new Promise<void>((resolve) => {
      leased.output$.subscribe(() => resolve());
    });
    const queued = errorOf(pool.exec('echo queued'));
    const inLease = errorOf(lease.exec(`trap '' INT TERM; sleep 600`));
    const behind = errorOf(lease.exec('echo behind'));
    const failed = errorOf(leased);
    await begun;
    await soon(pool.close({ timeout: 100 }));

    expect(await failed).toMatchObject({ code: 'ERR_POOL_CLOSED', started: true, stdout: 'begun\n', stateLost: true });
    expect(await inLease).toMatchObject({ code: 'ERR_POOL_CLOSED', started: true });
    expect(await queued).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect(await behind).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect(shells).toHaveLength(2);
    for (const { pid = 0 } of shells) expect(membersOf(pid)).toEqual([]);
    await soon(lease.release());
  });

  test('with force rejects and kills at once', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const started = nextEvent(pool, 'command.started');
    const running = errorOf(pool.exec('sleep 600'));
    const queued = errorOf(pool.exec('echo queued'));
    const waiting = errorOf(pool.acquire());
    const { pid = 0 } = await started;
    await soon(pool.close({ force: true }));

    expect(await running).toMatchObject({ code: 'ERR_POOL_CLOSED', started: true });
    expect(await queued).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect((await waiting).code).toBe('ERR_POOL_CLOSED');
    expect(membersOf(pid)).toEqual([]);
  });

  test('with force hurries a close under way', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const started = nextEvent(pool, 'command.started');
    const running = errorOf(pool.exec('sleep 600'));
    await started;
    const polite = pool.close({ timeout: 600_000 });
    await soon(Promise.all([pool.close({ force: true }), polite]));
    expect((await running).code).toBe('ERR_POOL_CLOSED');
  });

  test('with force hurries destroy commands under way', async () => {
    const pool = openPool({ shell: dialect(), min: 1, destroy: ['sleep 600'], destroyTimeout: 600_000 });
    await pool.ready();
    const destroying = nextEvent(pool, 'shell.destroying');
    const polite = pool.close({ timeout: 600_000 });
    await destroying;
    await soon(Promise.all([pool.close({ force: true }), polite]));
  });

  test('is bounded by timeout while destroy commands hang', async () => {
    const pool = openPool({ shell: dialect(), min: 1, destroy: ['sleep 600'], destroyTimeout: 600_000 });
    await pool.ready();
    await soon(pool.close({ timeout: 100 }));
    expect(pool.status().state).toBe('closed');
  });

  test('kills what commands left in their groups', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const { pid = 0 } = await pool.exec('sleep 600 >/dev/null 2>&1 & (sleep 600 >/dev/null 2>&1 &)');
    expect(membersOf(pid).length).toBeGreaterThanOrEqual(3);
    await soon(pool.close());
    expect(membersOf(pid)).toEqual([]);
  });
});

describe('close', () => {
  test('is idempotent, also when called at once and afterwards', async () => {
    const pool = openPool({ min: 1 });
    const events = record(pool, 'pool.closing', 'pool.closed');
    await Promise.all([pool.close(), pool.close(), pool.close({ timeout: 5 })]);
    await pool.close();
    await pool.close({ force: true });
    expect(events.map(({ type }) => type)).toEqual(['pool.closing', 'pool.closed']);
  });

  test('of a pool that never started anything resolves', async () => {
    const pool = openPool();
    await soon(pool.close());
    expect((await errorOf(pool.exec('true'))).code).toBe('ERR_POOL_CLOSED');
  });

  test('while the first shells start resolves, and leaves none', async () => {
    const pool = openPool({ min: 2 });
    const spawned = record(pool, 'shell.initializing');
    await soon(pool.close());
    expect(pool.status().size).toBe(0);
    for (const { pid = 0 } of spawned) expect(membersOf(pid)).toEqual([]);
  });

  test('while init hangs resolves at once when nothing waits', async () => {
    const pool = openPool({ min: 1, init: ['sleep 600'] });
    await nextEvent(pool, 'shell.initializing');
    await soon(pool.close({ timeout: 600_000 }));
  });

  test('of a failed pool resolves', async () => {
    const pool = openPool({ cwd: '/no/such/folder' });
    await errorOf(pool.ready());
    await soon(pool.close());
    expect((await errorOf(pool.exec('true'))).code).toBe('ERR_POOL_CLOSED');
  });

  test('rejects what waits when the shells fail while it drains', async () => {
    const pool = openPool({ init: ['sleep 0.1; false'], restart: { attempts: 2, backoff: { initial: 1 } } });
    const waiting = errorOf(pool.exec('echo never'));
    const closed = pool.close({ timeout: 600_000 });
    expect((await soon(waiting)).code).toBe('ERR_POOL_FAILED');
    await soon(closed);
  });

  test('with timeout: 0 rejects and kills at once', async () => {
    const pool = openPool();
    const started = nextEvent(pool, 'command.started');
    const running = errorOf(pool.exec('sleep 600'));
    await started;
    await soon(pool.close({ timeout: 0 }));
    expect((await running).code).toBe('ERR_POOL_CLOSED');
  });

  test('leaves a lease that is not released by nothing but its timeout', async () => {
    const pool = openPool();
    const lease = await pool.acquire();
    await soon(pool.close({ timeout: 50 }));
    expect(['ERR_SESSION_LOST', 'ERR_POOL_CLOSED']).toContain((await errorOf(lease.exec('true'))).code);
    await soon(lease.release());
  });

  test('completes events$, results$ and status$', async () => {
    const pool = openPool({ min: 1 });
    const completed: string[] = [];
    pool.events$.subscribe({ complete: () => completed.push('events') });
    pool.results$.subscribe({ complete: () => completed.push('results') });
    pool.status$.subscribe({ complete: () => completed.push('status') });
    await pool.exec('true');
    await pool.close();
    expect(completed.toSorted()).toEqual(['events', 'results', 'status']);
  });

  test('is what Symbol.asyncDispose does', async () => {
    const pool = openPool({ min: 1 });
    await pool[Symbol.asyncDispose]();
    expect(pool.status().state).toBe('closed');
  });
});
