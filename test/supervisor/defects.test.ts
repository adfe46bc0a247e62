import { describe, expect, test } from 'vitest';
import { errorOf, soon, statusWhere } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';
import { child, namesOf, nextIn, openTree, pidOf } from '../support/trees.ts';

const gone = async (pid: number): Promise<void> => {
  while (membersOf(pid).length > 0) await new Promise((resolve) => setImmediate(resolve));
};

describe('a defect of ours', () => {
  test('in the actor that hosts children kills what it had, and all is started again', async () => {
    const tree = openTree({ children: [child('a'), { id: 's', supervisor: { children: [child('b')] } }] });
    await tree.ready();
    const [a, b] = [tree.pool('a'), tree.supervisor('s').pool('b')];
    const before = await Promise.all([pidOf(a), pidOf(b)]);
    const running = errorOf(a.exec('sleep 600', { reject: true }));
    await statusWhere(a, ({ busy }) => busy === 1);
    const restarts = namesOf(tree, 'supervisor.restarting');
    tree.actor.send({ type: 'xstate.error.actor.crew.0', actorId: 'crew.0', error: new Error('a defect') });
    await soon(Promise.all(before.map(gone)));

    expect((await soon(running)).code).toMatch(/^ERR_/);
    expect(restarts).toEqual(['supervisor.restarting root/a', 'supervisor.restarting root/s']);
    const after = await soon(Promise.all([pidOf(a), pidOf(b)]));
    expect(after).not.toEqual(before);
    expect(tree.children()[0]?.lastExit).toEqual({ reason: 'crash', cause: 'a defect' });
  });

  test('in the machine of the root kills everything, and every call says so', async () => {
    const tree = openTree({ children: [child('a'), { id: 's', supervisor: { children: [child('b')] } }] });
    await tree.ready();
    const [a, b] = [tree.pool('a'), tree.supervisor('s').pool('b')];
    const pids = await Promise.all([pidOf(a), pidOf(b)]);
    const closed = nextIn(tree, 'supervisor.closed', ({ path }) => path === 'root');
    const running = a.exec('sleep 600').catch((error: unknown) => error);
    tree.actor.send({ type: 'child.start', spec: null });
    const error = await errorOf(soon(tree.closed));
    expect(error.message).toContain('internal error');
    expect(await closed).toMatchObject({ reason: 'crash' });
    await soon(Promise.all(pids.map(gone)));
    await soon(running);
    for (const call of [a.exec('true'), b.exec('true'), tree.startChild(child('c'))])
      expect(await errorOf(soon<unknown>(call))).toMatchObject({ code: 'ERR_POOL_FAILED', cause: error });
    await soon(tree.close());
    expect(tree.status()).toMatchObject({ state: 'failed', lastError: error });
  });

  test('in the machine of a supervisor below is a crash, which the one above answers with a restart', async () => {
    const tree = openTree({ children: [{ id: 's', supervisor: { children: [child('b')] } }] });
    await tree.ready();
    const s = tree.supervisor('s');
    const b = s.pool('b');
    const before = await pidOf(b);
    const restarting = nextIn(tree, 'supervisor.restarting');
    s.actor.send({ type: 'child.start', spec: null });
    expect(await soon(restarting)).toMatchObject({ childId: 's', reason: 'crash' });
    await soon(gone(before));
    expect(await soon(pidOf(b))).not.toBe(before);
    expect(s.pool('b')).toBe(b);
  });
});
