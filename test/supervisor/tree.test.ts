import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { statusWhere } from '../support/pools.ts';
import { child, fragile, openTree, pidOf } from '../support/trees.ts';

describe('tree()', () => {
  test('is a plain object, with what there is to know of every pool and supervisor', async () => {
    const children = [
      child('git', { pool: { name: 'repos', min: 1, max: 4 }, shutdown: 'infinity' }),
      {
        id: 'o365',
        restart: 'transient' as const,
        supervisor: { strategy: 'one_for_all' as const, children: [child('mail')] },
      },
    ];
    const tree = openTree({ name: 'app', intensity: 5, period: 9_000, children });
    await tree.ready();
    const now = tree.tree();
    expect(Object.getPrototypeOf(now)).toBe(Object.prototype);
    expect(structuredClone({ ...now })).toEqual(now);
    expect(JSON.parse(JSON.stringify(now))).toEqual({
      type: 'supervisor',
      id: 'app',
      name: 'app',
      path: 'app',
      state: 'running',
      strategy: 'one_for_one',
      intensity: 5,
      period: 9_000,
      recentRestarts: 0,
      count: { specs: 2, active: 2, supervisors: 1, workers: 1 },
      children: [
        {
          type: 'pool',
          id: 'git',
          name: 'repos',
          path: 'app/git',
          state: 'ready',
          size: 1,
          idle: 1,
          busy: 0,
          queued: 0,
          active: true,
          restart: 'permanent',
          shutdown: 'infinity',
          restarts: 0,
        },
        {
          type: 'supervisor',
          id: 'o365',
          name: 'o365',
          path: 'app/o365',
          state: 'running',
          strategy: 'one_for_all',
          intensity: 3,
          period: 5_000,
          recentRestarts: 0,
          count: { specs: 1, active: 1, supervisors: 0, workers: 1 },
          active: true,
          restart: 'transient',
          shutdown: 'infinity',
          restarts: 0,
          children: [expect.objectContaining({ path: 'app/o365/mail', state: 'ready', shutdown: 5_000 })],
        },
      ],
    });
  });

  test('prints as a tree, with states, counts and what went wrong', async () => {
    const breakable = fragile();
    const inner = { strategy: 'rest_for_one' as const, children: [child('mail'), child('users')] };
    const children = [
      child('git', { pool: { min: 2, max: 2 } }),
      { id: 'o365', restart: 'transient' as const, supervisor: inner },
      { id: 'x', pool: breakable.pool },
      child('lazy', { pool: {}, restart: 'temporary' }),
    ];
    const tree = openTree({ children });
    expect(String(tree.tree())).toBe(
      [
        'root         starting  one_for_one, 0 of 4 children active',
        '├─ git       starting  0 shells',
        '├─ o365      starting  rest_for_one, 0 of 2 children active, transient',
        '│  ├─ mail   starting  0 shells',
        '│  └─ users  starting  0 shells',
        '├─ x         starting  0 shells',
        '└─ lazy      starting  0 shells, temporary',
      ].join('\n'),
    );
    await tree.ready();
    await breakable.crash(tree.pool('x'));
    await pidOf(tree.pool('x'));
    await tree.supervisor('o365').terminateChild('users');
    const session = await tree.pool('git').acquire();
    const waiting = [1, 2].map(() => tree.pool('x').exec('sleep 0.3'));
    await statusWhere(tree.pool('x'), ({ state }) => state === 'saturated');
    expect(inspect(tree.tree()).replace(/init command failed .*$/m, '…')).toBe(
      [
        'root         running    one_for_one, 4 of 4 children active, 1 of 3 restarts in 600000 ms',
        '├─ git       ready      2 shells, 1 idle, 1 busy',
        '├─ o365      running    rest_for_one, 1 of 2 children active, transient',
        '│  ├─ mail   ready      1 shell, 1 idle',
        '│  └─ users  closed     0 shells',
        '├─ x         saturated  1 shell, 1 busy, 1 waiting, restarted once, last end: The …',
        '└─ lazy      running    0 shells, temporary',
      ].join('\n'),
    );
    await Promise.all(waiting);
    await session.release();
  });

  test('printed on a console shows no more children than console.log does of a list', async () => {
    const tree = openTree({ children: Array.from({ length: 150 }, (_, n) => ({ id: `c${n}`, pool: {} })) });
    await tree.ready();
    const lines = inspect(tree.tree()).split('\n');
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toBe('└─ … 50 more');
    expect(String(tree.tree()).split('\n')).toHaveLength(151);
    expect(inspect(tree.tree(), { maxArrayLength: null }).split('\n')).toHaveLength(151);
  });
});

describe('counts', () => {
  test('are those of OTP, during restarts and after ends', async () => {
    const breakable = fragile();
    const children = [
      child('a'),
      { id: 'x', pool: breakable.pool },
      { id: 's', supervisor: { children: [child('b')] } },
      child('t', { restart: 'temporary' }),
    ];
    const tree = openTree({ children, intensity: 1_000_000 });
    expect(tree.count()).toEqual({ specs: 4, active: 0, supervisors: 1, workers: 3 });
    await tree.ready();
    expect(tree.count()).toEqual({ specs: 4, active: 4, supervisors: 1, workers: 3 });
    breakable.break();
    const restarting = new Promise<object>((resolve) => {
      tree.once('supervisor.restarting', () => resolve(tree.count()));
    });
    await tree.pool('x').exec('exit 1');
    expect(await restarting).toEqual({ specs: 4, active: 3, supervisors: 1, workers: 3 });
    await tree.pool('t').close();
    expect(tree.count()).toEqual({ specs: 3, active: 2, supervisors: 1, workers: 2 });
    await tree.terminateChild('s');
    expect(tree.count()).toEqual({ specs: 3, active: 1, supervisors: 1, workers: 2 });
    await tree.deleteChild('s');
    expect(tree.count()).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
  });
});
