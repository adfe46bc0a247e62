import { describe, expect, test } from 'vitest';
import { errorOf, soon } from '../support/pools.ts';
import { child, fragile, nextIn, openTree, pidOf } from '../support/trees.ts';

describe('requests of a supervised pool', () => {
  test('ready() before it has started has it start a shell, though min is 0', async () => {
    const tree = openTree({ children: [child('a'), { id: 'lazy', pool: {} }] });
    const pool = tree.pool('lazy');
    await soon(pool.ready());
    expect(pool.status()).toMatchObject({ state: 'ready', idle: 1 });
  });

  test('made before it has started wait for it', async () => {
    const tree = openTree({ children: [child('slow', { pool: { min: 1, init: ['sleep 0.2'] } }), child('a')] });
    const pool = tree.pool('a');
    expect(pool.status().state).toBe('starting');
    const order: string[] = [];
    tree.pool('slow').once('pool.ready', () => order.push('slow'));
    const results = await soon(
      Promise.all([pool.exec('echo exec'), pool.ready(), pool.use((session) => session.exec('echo used'))]),
    );
    order.push('a');
    expect(results[0].stdout + results[2].stdout).toBe('exec\nused\n');
    expect(order).toEqual(['slow', 'a']);
  });

  test('made while it is being restarted wait for it, in their order', async () => {
    const breakable = fragile();
    const tree = openTree({ intensity: 1_000, children: [{ id: 'x', pool: breakable.pool }] });
    await tree.ready();
    const pool = tree.pool('x');
    const before = await pidOf(pool);
    breakable.break();
    const failed = nextIn(tree, 'pool.failed');
    await pool.exec('exit 1');
    await failed;
    const order: number[] = [];
    const runs = [1, 2, 3].map((n) => pool.exec('echo $$').then(({ pid }) => (order.push(n), pid)));
    const lease = pool.acquire();
    const ready = pool.ready();
    await nextIn(tree, 'supervisor.restarting');
    expect(pool.status()).toMatchObject({ state: 'starting', queued: 4 });
    breakable.mend();
    const pids = await soon(Promise.all(runs));
    await soon(ready);
    await (await soon(lease)).release();
    expect(order).toEqual([1, 2, 3]);
    expect(new Set(pids).size).toBe(1);
    expect(pids).not.toContain(before);
  });

  test('wait no longer than acquireTimeout, and can be aborted', async () => {
    const breakable = fragile();
    const tree = openTree({ intensity: 1_000_000, children: [{ id: 'x', pool: breakable.pool }] });
    await tree.ready();
    const pool = tree.pool('x');
    breakable.break();
    const failed = nextIn(tree, 'pool.failed');
    await pool.exec('exit 1');
    await failed;
    const timedOut = errorOf(pool.exec('true', { acquireTimeout: 100 }));
    const controller = new AbortController();
    const aborted = errorOf(pool.acquire({ signal: controller.signal }));
    controller.abort();
    expect(await soon(timedOut)).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', started: false });
    expect((await soon(aborted)).code).toBe('ERR_ABORTED');
  });

  test('get ERR_POOL_FAILED with the story when its supervisor gives up', async () => {
    const breakable = fragile();
    const tree = openTree({ intensity: 2, children: [{ id: 'x', pool: breakable.pool }] });
    await tree.ready();
    const pool = tree.pool('x');
    breakable.break();
    const failed = nextIn(tree, 'pool.failed');
    await pool.exec('exit 1');
    await failed;
    const calls = [pool.exec('true'), pool.acquire(), pool.ready(), pool.execAll(['true'])];
    const errors = await soon(Promise.all(calls.map((call) => errorOf(call as PromiseLike<unknown>))));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', started: false });
      expect(error.message).toMatch(/root\/x is gone: The supervisor root gave up: more than 2 restarts/);
    }
    expect(pool.status()).toMatchObject({ state: 'failed', queued: 0 });
  });

  test('that waited are run by a pool that its user closed and its supervisor starts again', async () => {
    const tree = openTree({ children: [child('x')] });
    await tree.ready();
    const pool = tree.pool('x');
    const before = await pidOf(pool);
    const running = pool.exec('sleep 0.2; echo running');
    const queued = pool.exec('echo queued');
    const closed = pool.close();
    const during = pool.exec('echo during');
    expect((await running).stdout).toBe('running\n');
    await soon(closed);
    expect((await soon(queued)).stdout).toBe('queued\n');
    expect((await soon(during)).pid).not.toBe(before);
  });

  test('respect maxQueue while there is no shell', async () => {
    const tree = openTree({
      children: [child('slow', { pool: { min: 1, init: ['sleep 0.2'] } }), { id: 'x', pool: { max: 1, maxQueue: 1 } }],
    });
    const pool = tree.pool('x');
    const runs = [pool.exec('echo 1'), pool.exec('echo 2')];
    expect((await errorOf(pool.exec('echo 3'))).code).toBe('ERR_QUEUE_FULL');
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
  });
});

describe('requests of a pool during a restart of several', () => {
  /** All are being restarted; the last takes its time, and the one in the middle is stopped. */
  async function restartAll() {
    const breakable = fragile();
    const slow = child('slow', { pool: { min: 1, init: ['sleep 0.3'] } });
    const children = [{ id: 'x', pool: breakable.pool }, child('b', { restart: 'transient' }), slow];
    const tree = openTree({ strategy: 'one_for_all', children });
    await tree.ready();
    const stopped = nextIn(tree, 'pool.closed', ({ pool }) => pool === 'b');
    await breakable.crash(tree.pool('x'));
    await stopped;
    return { tree, b: tree.pool('b') };
  }

  test('are refused when it turns out not to come back', async () => {
    const { tree, b } = await restartAll();
    // A normal exit of its next run, before that has started.
    await soon(b.close());
    const waiting = errorOf(b.exec('true'));
    expect(tree.status().state).toBe('restarting');
    await tree.ready();
    expect(await soon(waiting)).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect(tree.children()[1]).toMatchObject({ state: 'stopped', lastExit: { reason: 'normal' } });
  });

  test('wait when it is to be started as soon as the others have', async () => {
    const breakable = fragile();
    const slow = child('slow', { pool: { min: 1, init: ['sleep 0.3'] } });
    const children = [child('b'), { id: 'x', pool: breakable.pool }, slow];
    const tree = openTree({ strategy: 'rest_for_one', children });
    await tree.ready();
    const b = tree.pool('b');
    await tree.terminateChild('b');
    const stopped = nextIn(tree, 'pool.closed', ({ pool }) => pool === 'slow');
    await breakable.crash(tree.pool('x'));
    await stopped;
    const back = tree.restartChild('b');
    const waiting = b.exec('echo back');
    expect(tree.children()[0]?.state).toBe('waiting');
    expect((await soon(waiting)).stdout).toBe('back\n');
    expect(await back).toBe(b);
  });

  test('are refused at once after terminateChild, and wait again after restartChild', async () => {
    const { tree, b } = await restartAll();
    await soon(tree.terminateChild('b'));
    expect((await errorOf(b.exec('true'))).code).toBe('ERR_POOL_CLOSED');
    expect(tree.status().state).toBe('restarting');
    const back = tree.restartChild('b');
    expect((await soon(b.exec('echo back'))).stdout).toBe('back\n');
    expect(await back).toBe(b);
    await tree.ready();
  });
});

describe('close of a supervised pool', () => {
  test('before it has started closes its first run', async () => {
    const children = [child('slow', { pool: { min: 1, init: ['sleep 0.2'] } }), child('x', { restart: 'transient' })];
    const tree = openTree({ children });
    const pool = tree.pool('x');
    await soon(pool.close());
    expect(pool.status().state).toBe('closed');
    await tree.ready();
    expect(tree.children()[1]).toMatchObject({ state: 'stopped', lastExit: { reason: 'normal' } });
    await soon(pool.close());
  });

  test('with force kills what runs, and is a normal exit all the same', async () => {
    const tree = openTree({ children: [child('x', { restart: 'transient' })] });
    await tree.ready();
    const pool = tree.pool('x');
    const started = nextIn(tree, 'command.started');
    const running = errorOf(pool.exec('sleep 600'));
    await started;
    await soon(pool.close({ force: true }));
    expect((await running).code).toBe('ERR_POOL_CLOSED');
    expect(tree.children()[0]).toMatchObject({ state: 'stopped', lastExit: { reason: 'normal' } });
  });
});

test('close of a supervisor within a tree is a normal exit: a permanent one is started again', async () => {
  const tree = openTree({ children: [{ id: 'o365', supervisor: { children: [child('mail')] } }] });
  await tree.ready();
  const o365 = tree.supervisor('o365');
  const before = await pidOf(o365.pool('mail'));
  const restarting = nextIn(tree, 'supervisor.restarting');
  await soon(o365.close());
  expect(await restarting).toMatchObject({ childId: 'o365', reason: 'normal' });
  await soon(o365.ready());
  expect(await pidOf(o365.pool('mail'))).not.toBe(before);
  expect(tree.tree().children[0]).toMatchObject({ id: 'o365', state: 'running', restarts: 1 });
});

test('the actor of a pool is that of its present run, and there is none before the first', async () => {
  const tree = openTree({ children: [child('x'), { id: 'o365', supervisor: {} }] });
  const pool = tree.pool('x');
  expect(() => pool.actor).toThrow(/before its supervisor has started it/);
  expect(() => tree.supervisor('o365').actor).toThrow(/before the first start/);
  await tree.ready();
  const { actor } = pool;
  expect(actor.system).toBe(tree.actor.system);
  expect(tree.supervisor('o365').actor.system).toBe(tree.actor.system);
  await pool.close();
  await pool.ready();
  expect(pool.actor).not.toBe(actor);
});
