import { describe, expect, test } from 'vitest';
import type { ShellwrightError } from '../../src/index.ts';
import { errorOf, soon } from '../support/pools.ts';
import { child, fragile, namesOf, nextIn, openTree, pidOf } from '../support/trees.ts';

const causesOf = (error: unknown): string[] =>
  error instanceof Error ? [error.message, ...causesOf(error.cause)] : [];

describe('intensity', () => {
  test('just under it never escalates', async () => {
    const breakable = fragile();
    const tree = openTree({ intensity: 3, children: [child('a'), { id: 'x', pool: breakable.pool }] });
    await tree.ready();
    const escalations = namesOf(tree, 'supervisor.escalated');
    for (let round = 0; round < 3; round += 1) {
      await breakable.crash(tree.pool('x'));
      await pidOf(tree.pool('x'));
    }
    expect(tree.status()).toMatchObject({ state: 'running', restarts: 3 });
    expect(escalations).toEqual([]);
  });

  test('restarts longer than period ago do not count', async () => {
    const breakable = fragile();
    const tree = openTree({ intensity: 1, period: 1, children: [{ id: 'x', pool: breakable.pool }] });
    await tree.ready();
    for (let round = 0; round < 4; round += 1) {
      await breakable.crash(tree.pool('x'));
      await pidOf(tree.pool('x'));
    }
    expect(tree.status()).toMatchObject({ state: 'running', restarts: 0 });
    expect(tree.children()[0]?.restarts).toBe(4);
  });

  test('over it stops children in reverse order, and the tree ends with the whole story', async () => {
    const breakable = fragile();
    const children = [child('a'), { id: 'x', pool: breakable.pool }, child('c')];
    const tree = openTree({ intensity: 1, children });
    await tree.ready();
    const events = namesOf(tree, 'supervisor.restarting', 'supervisor.escalated', 'pool.closed', 'supervisor.closed');
    const states: string[] = [];
    let lastError: ShellwrightError | undefined;
    tree.status$.subscribe((status) => {
      states.push(status.state);
      ({ lastError } = status);
    });
    await breakable.crash(tree.pool('x'));
    await pidOf(tree.pool('x'));
    const escalated = nextIn(tree, 'supervisor.escalated');
    breakable.break();
    await tree.pool('x').exec('exit 1');
    const error = await errorOf(soon(tree.closed));

    expect(events).toEqual([
      'pool.closed root/x',
      'supervisor.restarting root/x',
      'pool.closed root/x',
      'supervisor.escalated root/x',
      'pool.closed root/c',
      'pool.closed root/a',
      'supervisor.closed root',
    ]);
    expect(await escalated).toMatchObject({ childId: 'x', error });
    expect(error.code).toBe('ERR_POOL_FAILED');
    const cause = 'The init command failed with exit code 1';
    expect(error.message).toMatch(/root gave up: more than 1 restart within 600000 ms, the last for child x: /);
    expect(error.message).toContain(`. Restarted before: x (${cause}`);
    expect(causesOf(error)).toEqual([
      error.message,
      expect.stringContaining('The shells of pool x failed to start'),
      expect.stringContaining(cause),
    ]);
    expect(states.at(-1)).toBe('failed');
    expect(lastError).toBe(error);
    expect(tree.status()).toMatchObject({ state: 'failed', lastError: error });
    expect(tree.tree()).toMatchObject({ state: 'failed', lastError: error.message });
  });

  test('after the root has failed, every call says why', async () => {
    const breakable = fragile();
    const tree = openTree({ intensity: 0, children: [{ id: 'x', pool: breakable.pool }, child('a')] });
    await tree.ready();
    const [x, a] = [tree.pool('x'), tree.pool('a')];
    await breakable.crash(x);
    const story = await errorOf(soon(tree.closed));
    for (const call of [
      x.exec('true'),
      a.acquire(),
      a.ready(),
      tree.ready(),
      tree.startChild(child('new')),
      tree.restartChild('a'),
      tree.deleteChild('a'),
    ]) {
      const error = await errorOf(soon(call as PromiseLike<unknown>));
      expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', started: false, cause: story });
      expect(error.message).toContain('more than 0 restarts within 600000 ms');
    }
    await tree.terminateChild('a');
    await tree.close();
    expect(tree.children().map(({ state }) => state)).toEqual(['exited', 'stopped']);
  });
});

describe('a start that fails', () => {
  test('stops what had started, in reverse, and the tree ends with the reason', async () => {
    const hopeless = { min: 1, init: ['echo no luck >&2; exit 7'], restart: { attempts: 1 } };
    const children = [child('a'), child('b'), { id: 'x', pool: hopeless }, child('never')];
    const tree = openTree({ children });
    const events = namesOf(tree, 'pool.ready', 'pool.closed', 'supervisor.escalated', 'supervisor.started');
    const waiting = errorOf(tree.pool('never').exec('true'));
    const error = await errorOf(soon(tree.ready()));
    expect(error.code).toBe('ERR_POOL_FAILED');
    expect(error.message).toMatch(/gave up: child x failed to start: .*exit code 7/);
    expect((await errorOf(soon(tree.closed))).message).toContain('no luck');
    expect(events).toEqual([
      'pool.ready root/a',
      'pool.ready root/b',
      'pool.closed root/x',
      'supervisor.escalated root/x',
      'pool.closed root/b',
      'pool.closed root/a',
    ]);
    expect((await waiting).code).toBe('ERR_POOL_FAILED');
  });

  test('of a program that does not exist is told with its name, all the way up', async () => {
    const { bash } = await import('../../src/index.ts');
    const pool = { min: 1, shell: bash({ path: '/no/such/bash' }) };
    const tree = openTree({ children: [{ id: 'o365', supervisor: { children: [{ id: 'mail', pool }] } }] });
    const error = await errorOf(soon(tree.ready()));
    expect(error.message).toMatch(/child o365 failed to start: child mail failed to start: .*\/no\/such\/bash/);
    expect(causesOf(error).at(-2)).toContain('/no/such/bash');
  });
});

describe('escalation', () => {
  test('restarts the subtree, and dynamic children do not come back', async () => {
    const breakable = fragile();
    const children = [{ id: 'mail', pool: breakable.pool }, child('users')];
    const tree = openTree({ children: [{ id: 'o365', supervisor: { intensity: 0, children } }, child('git')] });
    await tree.ready();
    const o365 = tree.supervisor('o365');
    const [mail, users] = [o365.pool('mail'), o365.pool('users')];
    const extra = await o365.startChild({ id: 'extra', pool: {} });
    await o365.terminateChild('users');
    await o365.deleteChild('users');
    const git = await pidOf(tree.pool('git'));
    const events = namesOf(
      tree,
      ...(['supervisor.escalated', 'supervisor.closed', 'supervisor.restarting', 'supervisor.started'] as const),
    );
    const started = nextIn(tree, 'supervisor.started');
    await breakable.crash(mail);
    const waiting = mail.exec('echo waited');
    await started;

    expect(events).toEqual([
      'supervisor.escalated root/o365/mail',
      'supervisor.closed root/o365',
      'supervisor.restarting root/o365',
      'supervisor.started root/o365',
    ]);
    expect((await soon(waiting)).stdout).toBe('waited\n');
    const lost = await errorOf(soon(extra.exec('true')));
    expect(lost.code).toBe('ERR_POOL_FAILED');
    expect(lost.message).toContain('root/o365/extra is gone');
    expect(tree.supervisor('o365')).toBe(o365);
    expect(o365.pool('mail')).toBe(mail);
    // It was deleted, and is another one now.
    expect(o365.pool('users')).not.toBe(users);
    expect(o365.children().map(({ id, state }) => [id, state])).toEqual([
      ['mail', 'running'],
      ['users', 'running'],
    ]);
    expect(() => o365.pool('extra')).toThrow(/extra/);
    expect(await pidOf(tree.pool('git'))).toBe(git);
    expect(tree.children()[0]).toMatchObject({ id: 'o365', restarts: 1, lastExit: { reason: 'crash' } });
  });
});
