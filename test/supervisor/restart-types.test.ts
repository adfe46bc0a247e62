import { describe, expect, test } from 'vitest';
import type { Pool, RestartType, Supervisor } from '../../src/index.ts';
import { errorOf, soon } from '../support/pools.ts';
import { child, fragile, namesOf, nextIn, openTree, pidOf, type Fragile } from '../support/trees.ts';

/** How a child can end: by whom, and what the supervisor calls it. */
const ends = {
  'a normal exit': { reason: 'normal', bring: (pool: Pool) => pool.close() },
  'a requested stop': { reason: 'shutdown', bring: (_: Pool, tree: Supervisor) => tree.terminateChild('x') },
  'a crash': { reason: 'crash', bring: (pool: Pool, _: Supervisor, { crash }: Fragile) => crash(pool) },
} as const;

type End = keyof typeof ends;

const restarted: Record<RestartType, readonly End[]> = {
  permanent: ['a normal exit', 'a crash'],
  transient: ['a crash'],
  temporary: [],
};

const cases = (Object.keys(restarted) as RestartType[]).flatMap((restart) =>
  (Object.keys(ends) as End[]).map((end) => ({ restart, end, comesBack: restarted[restart].includes(end) })),
);

describe('restart types', () => {
  test.each(cases.filter(({ comesBack }) => comesBack))('a $restart child is restarted after $end', async (given) => {
    const { bring, reason } = ends[given.end];
    const breakable = fragile();
    const tree = openTree({ children: [child('a'), { id: 'x', pool: breakable.pool, restart: given.restart }] });
    await tree.ready();
    const pool = tree.pool('x');
    const before = await Promise.all([pidOf(tree.pool('a')), pidOf(pool)]);
    const restarting = nextIn(tree, 'supervisor.restarting');
    await bring(pool, tree, breakable);

    expect(await restarting).toMatchObject({ supervisor: 'root', path: 'root', childId: 'x', reason, restarts: 1 });
    expect(tree.pool('x')).toBe(pool);
    const after = await Promise.all([pidOf(tree.pool('a')), pidOf(pool)]);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    await tree.ready();
    expect(tree.children()[1]).toMatchObject({ id: 'x', state: 'running', restarts: 1, lastExit: { reason } });
    expect(tree.status().restarts).toBe(1);
  });

  test.each(cases.filter(({ comesBack }) => !comesBack))(
    'a $restart child is not restarted after $end',
    async ({ restart, end }) => {
      const { bring, reason } = ends[end];
      const breakable = fragile();
      const tree = openTree({ children: [child('a'), { id: 'x', pool: breakable.pool, restart }] });
      await tree.ready();
      const restarts = namesOf(tree, 'supervisor.restarting');
      const pool = tree.pool('x');
      const closed = nextIn(tree, 'pool.closed');
      await bring(pool, tree, breakable);
      await closed;

      const [, x] = tree.children();
      if (restart === 'temporary') expect(x).toBeUndefined();
      else expect(x).toMatchObject({ state: 'stopped', restarts: 0, lastExit: { reason } });
      expect(tree.count()).toEqual({ specs: x ? 2 : 1, active: 1, supervisors: 0, workers: x ? 2 : 1 });
      const error = await errorOf(soon(pool.exec('true')));
      expect(error.code).toBe(reason === 'crash' ? 'ERR_POOL_FAILED' : 'ERR_POOL_CLOSED');
      expect(error.message).toContain('root/x');
      expect(pool.status()).toMatchObject({ state: reason === 'crash' ? 'failed' : 'closed', size: 0 });
      expect((await tree.pool('a').exec('echo lives')).stdout).toBe('lives\n');
      expect(restarts).toEqual([]);
      expect(tree.status().restarts).toBe(0);
    },
  );

  test('a supervised pool that has failed does not try again by itself, whatever its cooldown', async () => {
    const breakable = fragile({ restart: { attempts: 1, cooldown: 0 } });
    const tree = openTree({ children: [{ id: 'x', pool: breakable.pool, restart: 'temporary' }] });
    await tree.ready();
    const pool = tree.pool('x');
    const closed = nextIn(tree, 'pool.closed');
    await breakable.crash(pool);
    await closed;
    expect((await errorOf(pool.exec('true'))).code).toBe('ERR_POOL_FAILED');
    expect((await errorOf(pool.exec('true'))).cause).toMatchObject({ code: 'ERR_POOL_FAILED' });
    expect(pool.status()).toMatchObject({ state: 'failed', size: 0 });
  });
});
