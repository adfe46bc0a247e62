import { expect, test } from 'vitest';
import { createSupervisor, type ChildOptions } from '../../src/index.ts';
import { openTree } from '../support/trees.ts';

/** Pools that start no process before they are used. */
const lazy = (count: number): ChildOptions[] => Array.from({ length: count }, (_, n) => ({ id: `c${n}`, pool: {} }));

test('counts are exact at 2,000 children, also when they end, leave and come back', async () => {
  const children = lazy(2_000).map((child, n): ChildOptions => {
    if (n % 10 === 0) return { id: child.id, supervisor: {} };
    return { ...child, restart: n % 2 === 0 ? 'temporary' : 'permanent' };
  });
  const tree = openTree({ children, intensity: 10_000 });
  await tree.ready();
  expect(tree.count()).toEqual({ specs: 2_000, active: 2_000, supervisors: 200, workers: 1_800 });
  const pools = children.filter(({ pool }) => pool).map(({ id }) => tree.pool(id));
  await Promise.all(pools.map((pool) => pool.close()));
  // The temporary ones have left, the others were started again.
  expect(tree.count()).toEqual({ specs: 1_200, active: 1_200, supervisors: 200, workers: 1_000 });
  const half = tree.children().filter((_, n) => n % 2 === 0);
  await Promise.all(half.map(({ id }) => tree.terminateChild(id)));
  expect(tree.count()).toEqual({ specs: 1_200, active: 600, supervisors: 200, workers: 1_000 });
  expect(tree.children()).toHaveLength(1_200);
  await tree.close();
  expect(tree.count()).toEqual({ specs: 1_200, active: 0, supervisors: 200, workers: 1_000 });
});

test('starting and stopping takes linear time from 500 to 5,000 pools', async () => {
  /** CPU time in ms. */
  const life = async (count: number): Promise<number> => {
    const children = lazy(count);
    const before = process.cpuUsage();
    const tree = createSupervisor({ logger: false, children });
    await tree.ready();
    expect(tree.count().active).toBe(count);
    await tree.close();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  await life(500);
  const small = Math.min(await life(500), await life(500));
  // Three times the linear time leaves room for caches and the collector; what is quadratic takes ten times.
  expect(await life(5_000)).toBeLessThan(small * 10 * 3);
}, 300_000);
