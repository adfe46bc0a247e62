import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ExitKind, RestartType, Supervisor } from '../../src/index.ts';
import { errorOf, soon } from '../support/pools.ts';
import { isRunning, membersOf } from '../support/processes.ts';
import { child, fragile, namesOf, nextIn, openTree, pidOf } from '../support/trees.ts';

/** It ends for nothing but SIGKILL, and says when it is there. */
const stubborn = `trap '' INT TERM HUP; echo there; while :; do sleep 600; done`;

/** Has the pool of a child run it; resolves when it does, with what becomes of it. */
async function occupy(tree: Supervisor, id: string) {
  const run = tree.pool(id).exec(stubborn);
  const failed = errorOf(run);
  await new Promise<void>((resolve) => {
    run.output$.subscribe(() => resolve());
  });
  return { failed };
}

describe('shutdown', () => {
  test('a child that ignores TERM is killed at its deadline, and its siblings are not delayed', async () => {
    const children = [child('a'), child('b', { shutdown: 200 }), child('c')];
    const tree = openTree({ children });
    await tree.ready();
    const pids = await Promise.all(['a', 'b', 'c'].map((id) => pidOf(tree.pool(id))));
    const { failed } = await occupy(tree, 'b');
    const c = tree.pool('c').exec('echo c');
    const events = namesOf(tree, 'pool.closing', 'pool.closed');
    const at = performance.now();
    await soon(tree.close());

    expect(performance.now() - at).toBeGreaterThanOrEqual(199);
    expect((await c).stdout).toBe('c\n');
    expect(await failed).toMatchObject({ code: 'ERR_POOL_CLOSED', started: true, stdout: 'there\n' });
    expect(events.slice(0, 3)).toEqual(['pool.closing root/c', 'pool.closed root/c', 'pool.closing root/b']);
    // The next one is asked when its time was over, and not when it is gone at last.
    expect(events.indexOf('pool.closing root/a')).toBe(3);
    expect(tree.children().map(({ lastExit }) => lastExit?.reason)).toEqual(['shutdown', 'killed', 'shutdown']);
    expect(pids.flatMap(membersOf)).toEqual([]);
  });

  test('brutal_kill kills at once', async () => {
    const tree = openTree({ children: [child('a', { shutdown: 'brutal_kill' })] });
    await tree.ready();
    const { failed } = await occupy(tree, 'a');
    await soon(tree.terminateChild('a'));
    expect(await failed).toMatchObject({ code: 'ERR_POOL_CLOSED', started: true });
    expect(tree.children()[0]).toMatchObject({ state: 'stopped', lastExit: { reason: 'killed' } });
  });

  test('infinity waits for as long as it takes', async () => {
    const tree = openTree({ children: [child('a', { shutdown: 'infinity' })] });
    await tree.ready();
    const session = await tree.pool('a').acquire();
    let isOver = false;
    const over = tree.terminateChild('a').then(() => (isOver = true));
    for (let turn = 0; turn < 5; turn += 1) expect((await session.exec('sleep 0.05; echo on')).stdout).toBe('on\n');
    expect(isOver).toBe(false);
    await session.release();
    await soon(over);
  });

  test('close has a timeout for the whole tree, and force has none', async () => {
    for (const options of [{ timeout: 100 }, { force: true }]) {
      const children = [child('a', { shutdown: 'infinity' }), child('b', { shutdown: 'infinity' })];
      const tree = openTree({ children: [{ id: 'o365', supervisor: { children } }] });
      await tree.ready();
      const o365 = tree.supervisor('o365');
      const pids = await Promise.all(['a', 'b'].map((id) => pidOf(o365.pool(id))));
      const runs = await Promise.all([occupy(o365, 'a'), occupy(o365, 'b')]);
      await soon(tree.close(options));
      for (const { failed } of runs) expect((await failed).code).toBe('ERR_POOL_CLOSED');
      expect(pids.flatMap(membersOf)).toEqual([]);
      await tree.closed;
    }
  });

  test('a later close with force hurries an earlier one, and both resolve', async () => {
    const tree = openTree({ children: [child('a', { shutdown: 'infinity' })] });
    await tree.ready();
    const { failed } = await occupy(tree, 'a');
    const polite = tree.close();
    await soon(Promise.all([tree.close({ force: true }), polite, tree.close()]));
    expect((await failed).code).toBe('ERR_POOL_CLOSED');
    await tree.close();
  });

  test('close before anything has started lets accepted work of the first child end, and starts no other', async () => {
    const tree = openTree({ children: [child('a'), { id: 'b', supervisor: { children: [child('c')] } }] });
    const events = namesOf(tree, 'pool.closed', 'supervisor.started', 'supervisor.closed');
    const first = tree.pool('a').exec('echo first');
    const other = errorOf(tree.supervisor('b').pool('c').exec('true'));
    await soon(tree.close());
    expect((await first).stdout).toBe('first\n');
    expect(await other).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect(events).toEqual(['pool.closed root/a', 'supervisor.closed root']);
    expect(tree.count()).toEqual({ specs: 2, active: 0, supervisors: 1, workers: 1 });
  });

  test('await using closes the tree', async () => {
    let pid = 0;
    {
      await using tree = openTree({ children: [child('a')] });
      pid = await pidOf(tree.pool('a'));
      expect(isRunning(pid)).toBe(true);
    }
    expect(isRunning(pid)).toBe(false);
  });
});

describe('children that exit by themselves during shutdown', () => {
  const restartTypes: RestartType[] = ['permanent', 'transient', 'temporary'];
  const reasons: ExitKind[] = ['normal', 'shutdown', 'killed', 'crash'];
  const cases = restartTypes.flatMap((restart) => reasons.map((reason) => ({ restart, reason })));

  test.each(cases)(
    'a $restart child that ends with $reason does not break it, and its reason is reported',
    async ({ restart, reason }) => {
      const breakable = fragile();
      const shutdown = reason === 'killed' ? 'brutal_kill' : 5_000;
      const tree = openTree({
        children: [child('a'), { id: 'x', pool: breakable.pool, restart, shutdown }, child('c')],
      });
      await tree.ready();
      const restarts = namesOf(tree, 'supervisor.restarting');
      // While this one takes its time, the other one is not asked yet.
      const slow = tree.pool('c').exec('sleep 0.3');
      const closing = nextIn(tree, 'pool.closing', ({ pool }) => pool === 'c');
      const gone = nextIn(tree, 'pool.closed', ({ pool }) => pool === 'x');
      let told: ExitKind | undefined;
      tree.status$.subscribe(({ children }) => {
        told = children.find(({ id }) => id === 'x')?.lastExit?.reason ?? told;
      });
      const closed = tree.close();
      await closing;
      if (reason === 'normal') await tree.pool('x').close();
      if (reason === 'crash') await breakable.crash(tree.pool('x'));
      await slow;
      await gone;
      await soon(closed);
      await tree.closed;
      expect(restarts).toEqual([]);
      if (restart !== 'temporary') {
        expect(told).toBe(reason);
        expect(tree.children()[1]?.lastExit?.reason).toBe(reason);
      }
    },
  );
});

describe('after close', () => {
  // Timers: see test/stress/leaks.test.ts.
  test('no process, descriptor or listener is left, after restarts and orders too', async () => {
    const live = async (): Promise<number[]> => {
      const breakable = fragile();
      const children = [child('git'), { id: 'o365', supervisor: { children: [{ id: 'x', pool: breakable.pool }] } }];
      const tree = openTree({ strategy: 'one_for_all', children });
      await tree.ready();
      const groups: number[] = [];
      tree.on('shell.initializing', ({ pid = 0 }) => groups.push(pid));
      await breakable.crash(tree.supervisor('o365').pool('x'));
      await pidOf(tree.supervisor('o365').pool('x'));
      await tree.startChild(child('new'));
      await tree.terminateChild('git');
      await tree.restartChild('git');
      await tree.close();
      return groups;
    };
    const holdings = () => ({
      files: readdirSync('/proc/self/fd').length,
      listeners: process.listenerCount('exit'),
    });
    await live();
    const before = holdings();
    const groups = await live();
    expect(groups.length).toBeGreaterThanOrEqual(3);
    expect(groups.flatMap(membersOf)).toEqual([]);
    expect(holdings()).toEqual(before);
  });
});
