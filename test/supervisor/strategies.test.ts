import { describe, expect, test } from 'vitest';
import type { ChildOptions, Pool, StrategyName, Supervisor } from '../../src/index.ts';
import { errorOf, soon } from '../support/pools.ts';
import { child, fragile, namesOf, nextIn, openTree, pidOf } from '../support/trees.ts';

const pidsOf = async (tree: Supervisor): Promise<Record<string, number>> => {
  const pids = tree.children().map(async ({ id }) => [id, await pidOf(tree.pool(id))] as const);
  return Object.fromEntries(await Promise.all(pids));
};

/** Three children, of which the one in the middle can be made to fail. */
async function openThree(strategy: StrategyName, others: Partial<ChildOptions> = {}) {
  const breakable = fragile();
  const children = [child('a', others), { id: 'b', pool: breakable.pool }, child('c', others)];
  const tree = openTree({ strategy, children });
  await tree.ready();
  return { tree, ...breakable, b: tree.pool('b') };
}

describe('strategies', () => {
  test.each([
    ['one_for_one', ['b']],
    ['rest_for_one', ['b', 'c']],
    ['one_for_all', ['a', 'b', 'c']],
  ] as const)('%s restarts %j when b fails, in order, and no other', async (strategy, replaced) => {
    const { tree, crash, b } = await openThree(strategy);
    const before = await pidsOf(tree);
    const events = namesOf(tree, 'pool.closed', 'pool.ready', 'supervisor.restarting');
    const ready = nextIn(tree, 'pool.ready', ({ path }) => path === `root/${replaced.at(-1)}`);
    await crash(b);
    await ready;
    const after = await pidsOf(tree);

    const stopped = replaced.filter((id) => id !== 'b').toReversed();
    expect(events).toEqual([
      'pool.closed root/b',
      'supervisor.restarting root/b',
      ...stopped.map((id) => `pool.closed root/${id}`),
      ...replaced.map((id) => `pool.ready root/${id}`),
    ]);
    for (const id of ['a', 'b', 'c'] as const) expect(after[id] !== before[id]).toBe(replaced.includes(id as never));
    expect(tree.status().restarts).toBe(1);
  });

  test('what runs in a sibling that is restarted has its shutdown time to end, and what waits is run afterwards', async () => {
    const { tree, crash, b } = await openThree('one_for_all');
    const c = tree.pool('c');
    const running = c.exec('sleep 0.3; echo ended');
    const waiting = c.exec('echo waited');
    const ready = nextIn(tree, 'pool.ready', ({ path }) => path === 'root/c');
    await crash(b);
    const during = c.exec('echo during');

    const { stdout, pid } = await soon(running);
    expect(stdout).toBe('ended\n');
    await ready;
    expect((await soon(waiting)).stdout).toBe('waited\n');
    expect((await soon(during)).stdout).toBe('during\n');
    expect((await waiting).pid).not.toBe(pid);
  });

  test('what still runs in a sibling when its shutdown time is over is killed, and says that it was a restart', async () => {
    const { tree, crash, b } = await openThree('one_for_all', { shutdown: 100 });
    const c = tree.pool('c');
    const session = await c.acquire();
    const running = errorOf(session.exec(`trap '' INT TERM; sleep 600`));
    const behind = errorOf(session.exec('true'));
    const waiting = c.exec('echo waited');
    await crash(b);

    expect(await soon(running)).toMatchObject({ code: 'ERR_POOL_CLOSED', started: true });
    expect((await running).message).toContain('restarted');
    expect(await soon(behind)).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect((await soon(waiting)).stdout).toBe('waited\n');
    expect((await errorOf(session.exec('true'))).code).toBe('ERR_SESSION_LOST');
  });

  test('a temporary sibling is not restarted by one_for_all, and costs no intensity', async () => {
    const breakable = fragile();
    const children = [{ id: 'b', pool: breakable.pool }, child('t', { restart: 'temporary' }), child('c')];
    const tree = openTree({ strategy: 'one_for_all', intensity: 1, children });
    await tree.ready();
    const t = tree.pool('t');
    const ready = nextIn(tree, 'pool.ready', ({ path }) => path === 'root/c');
    await breakable.crash(tree.pool('b'));
    await ready;
    expect(tree.children().map(({ id }) => id)).toEqual(['b', 'c']);
    expect(tree.status()).toMatchObject({ restarts: 1, state: 'running' });
    expect((await errorOf(soon(t.exec('true')))).code).toBe('ERR_POOL_CLOSED');
    expect(() => tree.pool('t')).toThrow(/`?t`?/);
  });

  test('a second child that fails during a one_for_all restart counts again, and all are restarted again', async () => {
    const [first, second] = [fragile(), fragile()];
    const children = [{ id: 'a', pool: first.pool }, { id: 'b', pool: second.pool }, child('c')];
    const tree = openTree({ strategy: 'one_for_all', children });
    await tree.ready();
    const restarts = namesOf(tree, 'supervisor.restarting');
    // It starts well again only when its first attempt has failed.
    second.break();
    const failed = nextIn(tree, 'pool.failed', ({ path }) => path === 'root/b');
    void failed.then(second.mend);
    tree.pool('b').once('pool.failed', second.mend);
    const ready = nextIn(tree, 'pool.ready', ({ path }) => path === 'root/c');
    await first.crash(tree.pool('a'));
    await ready;
    expect(restarts).toEqual(['supervisor.restarting root/a', 'supervisor.restarting root/b']);
    expect(tree.children().map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(tree.status().restarts).toBe(2);
  });

  test('a pool that fails while other shells of it still work lets them end first', async () => {
    const breakable = fragile({ min: 2, max: 2 });
    const tree = openTree({ children: [{ id: 'x', pool: breakable.pool }] });
    await tree.ready();
    const pool: Pool = tree.pool('x');
    const restarting = nextIn(tree, 'supervisor.restarting');
    const running = pool.exec('sleep 0.3; echo ended');
    await breakable.crash(pool);
    const waiting = pool.exec('echo waited');
    expect((await running).stdout).toBe('ended\n');
    await restarting;
    expect((await waiting).stdout).toBe('waited\n');
    expect((await waiting).pid).not.toBe((await running).pid);
  });
});
