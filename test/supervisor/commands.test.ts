import { describe, expect, test } from 'vitest';
import type { StrategyName, Supervisor } from '../../src/index.ts';
import { errorOf, record, soon } from '../support/pools.ts';
import { child, fragile, namesOf, nextIn, openTree, pidOf } from '../support/trees.ts';

const states = (tree: Supervisor): Record<string, string> =>
  Object.fromEntries(tree.children().map(({ id, state }) => [id, state]));

describe('startChild', () => {
  test('adds a pool, last in the order, and resolves with it when its shells are there', async () => {
    const tree = openTree({ children: [child('a')] });
    const pool = await soon(tree.startChild({ id: 'b', pool: { min: 2, max: 2 } }));
    expect(pool.status().idle).toBe(2);
    expect(tree.pool('b')).toBe(pool);
    expect(tree.children().map(({ id, state }) => [id, state])).toEqual([
      ['a', 'running'],
      ['b', 'running'],
    ]);
  });

  test('adds a supervisor with all that is below it', async () => {
    const tree = openTree();
    const o365 = await soon(tree.startChild({ id: 'o365', supervisor: { children: [child('mail')] } }));
    expect(o365.path).toBe('root/o365');
    expect(tree.supervisor('o365')).toBe(o365);
    expect(await pidOf(o365.pool('mail'))).toBeGreaterThan(0);
    expect(tree.count()).toEqual({ specs: 1, active: 1, supervisors: 1, workers: 0 });
  });

  test('of a child that does not start rejects with the reason, and leaves nothing in the list', async () => {
    const tree = openTree({ children: [child('a')] });
    const pool = { min: 1, init: ['exit 7'], restart: { attempts: 1 } };
    const error = await errorOf(soon(tree.startChild({ id: 'x', pool })));
    expect(error.code).toBe('ERR_POOL_FAILED');
    expect(error.message).toMatch(/root\/x did not start: .*exit code 7/);
    expect(error.cause).toMatchObject({ code: 'ERR_POOL_FAILED' });
    expect(states(tree)).toEqual({ a: 'running' });
    expect(tree.status().restarts).toBe(0);
    expect((await soon(tree.startChild(child('x')))).status().state).toBe('ready');
  });

  test('of an id that is taken is ERR_OPTIONS, also while that one is being added', async () => {
    const tree = openTree({ children: [child('a')] });
    const added = tree.startChild(child('b'));
    for (const id of ['a', 'b']) {
      const error = await errorOf(tree.startChild(child(id)));
      expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
      expect(error.message).toMatch(new RegExp(`new child of root to be unused, got \`${id}\``));
    }
    await soon(added);
  });

  test('works from a handler of an event', async () => {
    const tree = openTree({ children: [child('a')] });
    const added = new Promise<unknown>((resolve) => {
      tree.once('supervisor.started', () => resolve(tree.startChild(child('b'))));
    });
    await soon(added);
    expect(states(tree)).toEqual({ a: 'running', b: 'running' });
  });
});

describe('terminateChild', () => {
  test('ends the child and leaves it in the list, is idempotent, and restartChild starts it again', async () => {
    const tree = openTree({ children: [child('a'), child('b')] });
    await tree.ready();
    const pool = tree.pool('a');
    const before = await pidOf(pool);
    const closed = namesOf(tree, 'pool.closed');
    await soon(Promise.all([tree.terminateChild('a'), tree.terminateChild('a')]));
    await soon(tree.terminateChild('a'));
    expect(closed).toEqual(['pool.closed root/a']);
    expect(states(tree)).toEqual({ a: 'stopped', b: 'running' });
    const error = await errorOf(pool.exec('true'));
    expect(error).toMatchObject({ code: 'ERR_POOL_CLOSED', started: false });
    expect(error.message).toContain(`restartChild('a')`);

    expect(await soon(tree.restartChild('a'))).toBe(pool);
    expect(await pidOf(pool)).not.toBe(before);
    expect(tree.status().restarts).toBe(0);
  });

  test('lets what was accepted end, and refuses new work', async () => {
    const tree = openTree({ children: [child('a')] });
    await tree.ready();
    const pool = tree.pool('a');
    const running = pool.exec('sleep 0.3; echo running');
    const queued = pool.exec('echo queued');
    const ended = tree.terminateChild('a');
    expect((await errorOf(pool.exec('true'))).code).toBe('ERR_POOL_CLOSED');
    expect((await running).stdout).toBe('running\n');
    expect((await queued).stdout).toBe('queued\n');
    await soon(ended);
  });

  test('of a supervisor ends all below it, and restartChild brings back what its options say', async () => {
    const supervisor = { children: [child('mail'), child('users')] };
    const tree = openTree({ children: [{ id: 'o365', supervisor }] });
    await tree.ready();
    const o365 = tree.supervisor('o365');
    const mail = o365.pool('mail');
    await o365.startChild(child('extra'));
    const closed = namesOf(tree, 'pool.closed', 'supervisor.closed');
    await soon(tree.terminateChild('o365'));
    expect(closed).toEqual([
      'pool.closed root/o365/extra',
      'pool.closed root/o365/users',
      'pool.closed root/o365/mail',
      'supervisor.closed root/o365',
    ]);
    expect((await errorOf(mail.exec('true'))).code).toBe('ERR_POOL_CLOSED');
    expect((await errorOf(o365.startChild(child('new')))).code).toBe('ERR_POOL_CLOSED');
    expect(o365.status().state).toBe('closed');
    await soon(tree.restartChild('o365'));
    expect(await pidOf(mail)).toBeGreaterThan(0);
    expect(states(o365)).toEqual({ mail: 'running', users: 'running' });
  });
});

describe('deleteChild', () => {
  test('takes a child that has ended from the list, and its id is free again', async () => {
    const tree = openTree({ children: [child('a'), child('b')] });
    await tree.ready();
    const pool = tree.pool('a');
    let completed = false;
    pool.events$.subscribe({ complete: () => (completed = true) });
    await tree.terminateChild('a');
    expect(completed).toBe(false);
    await soon(tree.deleteChild('a'));
    expect(completed).toBe(true);
    expect(states(tree)).toEqual({ b: 'running' });
    expect(() => tree.pool('a')).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
    expect((await errorOf(pool.exec('true'))).code).toBe('ERR_POOL_CLOSED');
    const other = await soon(tree.startChild(child('a')));
    expect(other).not.toBe(pool);
    expect(states(tree)).toEqual({ b: 'running', a: 'running' });
  });

  test('of a child that runs is refused', async () => {
    const tree = openTree({ children: [child('a')] });
    await tree.ready();
    const error = await errorOf(tree.deleteChild('a'));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toMatch(/root\/a not to be running.*terminateChild\('a'\)/);
    expect(states(tree)).toEqual({ a: 'running' });
  });
});

test('restartChild of a child that runs is refused', async () => {
  const tree = openTree({ children: [child('a')] });
  await tree.ready();
  expect((await errorOf(tree.restartChild('a'))).message).toMatch(/root\/a to be stopped.*it is running/);
});

test.each(['terminateChild', 'restartChild', 'deleteChild'] as const)('%s of nobody is ERR_OPTIONS', async (order) => {
  const tree = openTree({ children: [child('a')] });
  const error = await errorOf(tree[order]('nobody'));
  expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  expect(error.message).toMatch(new RegExp(`id in ${order} .*child of root \\(a\\), got \`'nobody'\``));
});

test('pool and supervisor refuse an id that they do not know, or of the other kind', () => {
  const tree = openTree({ children: [child('git'), { id: 'o365', supervisor: {} }] });
  expect(() => tree.pool('gti')).toThrow(/child of root \(git, o365\), got `'gti'`/);
  expect(() => tree.supervisor('')).toThrow(/child of root/);
  expect(() => tree.pool('o365')).toThrow(/root\/o365 to be a pool.*supervisor\('o365'\)/);
  expect(() => tree.supervisor('git')).toThrow(/root\/git to be a supervisor.*pool\('git'\)/);
});

describe.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)(
  'while a child is in a restart loop (%s)',
  (strategy) => {
    /** The child starts, fails and is started again, without end. */
    async function loop(kind: StrategyName) {
      const breakable = fragile();
      const children = [child('a'), { id: 'x', pool: breakable.pool }, child('c')];
      const tree = openTree({ strategy: kind, intensity: 1_000_000, children });
      await tree.ready();
      breakable.break();
      const turns = record(tree.pool('x'), 'pool.failed');
      await tree.pool('x').exec('exit 1');
      while (turns.length < 3) await nextIn(tree, 'pool.failed');
      return { tree, turns, ...breakable };
    }

    test('terminateChild ends it', async () => {
      const { tree, turns, mend } = await loop(strategy);
      await soon(tree.terminateChild('x'));
      const { length } = turns;
      await tree.ready();
      expect(states(tree)).toEqual({ a: 'running', x: 'stopped', c: 'running' });
      expect((await errorOf(soon(tree.pool('x').exec('true')))).code).toBe('ERR_POOL_CLOSED');
      await Promise.all([pidOf(tree.pool('a')), pidOf(tree.pool('c'))]);
      expect(turns).toHaveLength(length);
      mend();
      await soon(tree.restartChild('x'));
      expect(await pidOf(tree.pool('x'))).toBeGreaterThan(0);
    });

    test('deleteChild ends and removes it', async () => {
      const { tree } = await loop(strategy);
      const pool = tree.pool('x');
      await soon(tree.deleteChild('x'));
      await tree.ready();
      expect(states(tree)).toEqual({ a: 'running', c: 'running' });
      await Promise.all([pidOf(tree.pool('a')), pidOf(tree.pool('c'))]);
      expect((await errorOf(soon(pool.exec('true')))).code).toBe('ERR_POOL_CLOSED');
    });

    test('close ends everything', async () => {
      const { tree, turns } = await loop(strategy);
      const waiting = errorOf(tree.pool('x').exec('true'));
      await soon(tree.close());
      const { length } = turns;
      expect(Object.values(states(tree))).not.toContain('running');
      expect((await soon(waiting)).code).toMatch(/^ERR_POOL_(CLOSED|FAILED)$/);
      await tree.closed;
      expect(turns).toHaveLength(length);
      expect(tree.status().state).toBe('closed');
    });
  },
);
