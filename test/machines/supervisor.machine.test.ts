import { assign, createActor, fromCallback, SimulatedClock } from 'xstate';
import { describe, expect, test } from 'vitest';
import {
  childOf,
  childrenOf,
  countsOf,
  crewMachine,
  isOverIntensity,
  lateBound,
  recentRestarts,
  supervisorMachine,
} from '../../machines/index.ts';
import type {
  ChildInput,
  ChildLogic,
  ChildOrder,
  ChildSpec,
  ExitKind,
  RestartType,
  SupervisorContext,
  SupervisorEvent,
  SupervisorInput,
} from '../../machines/index.ts';

/** What a child does by itself. */
interface Manners {
  /** Whether it reports that it started, or crashes at once, or says nothing. */
  start?: 'well' | 'crash' | 'silent';
  /** How it answers to `shutdown`; `deaf`: not at all. */
  shutdown?: ExitKind | 'deaf';
  /** Whether it answers to `kill`. */
  kill?: boolean;
}

const spec = (id: string, changes: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  type: 'pool',
  restart: 'permanent',
  shutdown: 100,
  ...changes,
});

const defaults = { path: 'root', strategy: 'one_for_one', intensity: 3, period: 5000 } as const;

/** A tree whose children are well-mannered, or as the test says; every start, order and end is in `log`. */
function startTree(children: readonly ChildSpec[], input: Partial<SupervisorInput> = {}, log: string[] = []) {
  const clock = new SimulatedClock();
  const manners = new Map<string, Manners>();
  const escalations: (string | undefined)[] = [];
  const told: string[] = [];
  const child = fromCallback<ChildOrder, ChildInput>(({ input: { id, run, parent }, receive }) => {
    const { start = 'well', shutdown = 'shutdown', kill = true } = manners.get(id) ?? {};
    const exit = (kind: ExitKind, cause?: string) => parent.send({ type: 'child.exited', id, run, kind, cause });
    log.push(`+${id}`);
    receive(({ type }) => {
      log.push(type === 'kill' ? `!${id}` : `-${id}`);
      if (type === 'kill' && kill) exit('killed');
      if (type === 'shutdown' && shutdown !== 'deaf') exit(shutdown);
    });
    if (start === 'well') parent.send({ type: 'child.started', id, run });
    if (start === 'crash') exit('crash', 'no luck');
  }) as unknown as ChildLogic;
  const subtrees = new Map<string, readonly ChildSpec[]>();
  const supervisor: ChildLogic = lateBound((own) => ({
    logic: machine,
    input: { ...defaults, ...own, children: subtrees.get(own.path) ?? [] },
  }));
  const machine = supervisorMachine.provide({
    actors: { crew: crewMachine.provide({ actors: { pool: child, supervisor } }) },
    actions: {
      announce: ({ context }, { state }) => log.push(`${context.path} ${state}`),
      announceChild: ({ context }, { child: { id, exit }, state }) =>
        told.push(
          `${context.path}/${id} ${state}${exit && state !== 'starting' && state !== 'running' ? ` ${exit.kind}` : ''}`,
        ),
      escalate: (_, { cause }) => escalations.push(cause),
      readClock: assign({ now: () => clock.now() }),
    },
  });
  const tree = createActor(machine, { clock, input: { ...defaults, children, ...input } });
  const context = () => tree.getSnapshot().context;
  const at = (id: string) => childOf(context().roster, id);
  const send = (event: SupervisorEvent) => tree.send(event);
  const end = (id: string, kind: ExitKind, cause?: string) =>
    send({ type: 'child.exited', id, run: at(id)?.run ?? 0, kind, cause });
  const started = (id: string) => send({ type: 'child.started', id, run: at(id)?.run ?? 0 });
  const states = () => Object.fromEntries([...childrenOf(context().roster)].map(({ id, state }) => [id, state]));
  const begin = () => {
    tree.start();
    return log.splice(0);
  };
  const counts = () => countsOf(context().roster);
  return {
    tree,
    clock,
    manners,
    subtrees,
    log,
    told,
    escalations,
    context,
    at,
    send,
    end,
    started,
    states,
    begin,
    counts,
  };
}

const abc = [spec('a'), spec('b'), spec('c')];
const restartTypes = ['permanent', 'transient', 'temporary'] as const satisfies RestartType[];
const exitKinds = ['normal', 'shutdown', 'killed', 'crash'] as const satisfies ExitKind[];

test('children start in order, each when the one before it has started', () => {
  const { manners, begin, started, log, tree } = startTree(abc);
  manners.set('b', { start: 'silent' });
  expect(begin()).toEqual(['root starting', '+a', '+b']);
  started('b');
  expect(log).toEqual(['+c', 'root running']);
  expect(tree.getSnapshot().value).toBe('running');
});

test('children stop in reverse order when their supervisor is closed', () => {
  const { begin, send, log, tree } = startTree(abc);
  begin();
  send({ type: 'close' });
  expect(log).toEqual(['root closing', '-c', '-b', '-a', 'root closed']);
  expect(tree.getSnapshot().output).toEqual({ kind: 'normal' });
});

test('a start that fails stops what had started, in reverse, and the supervisor fails with that reason', () => {
  const { begin, manners, tree, escalations } = startTree(abc);
  manners.set('c', { start: 'crash' });
  expect(begin()).toEqual(['root starting', '+a', '+b', '+c', 'root closing', '-b', '-a', 'root failed']);
  expect(tree.getSnapshot().output).toEqual({ kind: 'crash', cause: 'child c failed to start: no luck' });
  expect(escalations).toEqual(['child c failed to start: no luck']);
});

test('a supervisor without children runs, and closes', () => {
  const { begin, send, tree } = startTree([]);
  begin();
  expect(tree.getSnapshot().value).toBe('running');
  send({ type: 'shutdown' });
  expect(tree.getSnapshot().output).toEqual({ kind: 'shutdown' });
});

describe('restart types', () => {
  const restarted: Record<RestartType, readonly string[]> = {
    permanent: ['normal', 'crash'],
    transient: ['crash'],
    temporary: [],
  };
  for (const restart of restartTypes) {
    for (const exit of ['normal', 'requested stop', 'crash'] as const) {
      const expected = restarted[restart].includes(exit);
      test(`a ${restart} child is ${expected ? '' : 'not '}restarted after ${exit}`, () => {
        const { begin, end, send, states, log, context } = startTree([spec('a'), spec('x', { restart })]);
        begin();
        if (exit === 'requested stop') send({ type: 'child.terminate', id: 'x' });
        else end('x', exit);
        const atRest = restart === 'temporary' ? { a: 'running' } : { a: 'running', x: 'stopped' };
        expect(states()).toEqual(expected ? { a: 'running', x: 'running' } : atRest);
        expect(log.includes('+x')).toBe(expected);
        expect(context().restarts).toHaveLength(Number(expected));
      });
    }
  }
});

test('just under the intensity never escalates', () => {
  const { begin, end, clock, tree } = startTree(abc);
  begin();
  for (let round = 0; round < 300; round += 1) {
    end('b', 'crash');
    clock.increment(round % 3 === 2 ? 5001 - 2 * 1667 : 1667);
  }
  expect(tree.getSnapshot().value).toBe('running');
});

test('over the intensity, children stop in reverse order and the supervisor fails with the whole story', () => {
  const { begin, end, log, tree, escalations } = startTree(abc);
  begin();
  for (let round = 0; round < 3; round += 1) end('b', 'crash', 'boom');
  log.length = 0;
  end('b', 'crash', 'boom');
  expect(log).toEqual(['root closing', '-c', '-a', 'root failed']);
  const cause = 'more than 3 restarts within 5000 ms, the last for child b: boom';
  expect(escalations).toEqual([cause]);
  expect(tree.getSnapshot().output).toEqual({ kind: 'crash', cause });
});

test('with intensity 0 the first restart is one too many', () => {
  const { begin, end, tree } = startTree(abc, { intensity: 0 });
  begin();
  end('a', 'crash');
  expect(tree.getSnapshot().value).toBe('failed');
});

test('the window of restarts slides, and a restart exactly period ms ago counts', () => {
  expect(recentRestarts([0, 10, 20], 110, 100)).toEqual([10, 20]);
  expect(isOverIntensity([10, 20], 110, { intensity: 2, period: 100 })).toBe(true);
  expect(isOverIntensity([10, 20], 111, { intensity: 2, period: 100 })).toBe(false);
  expect(isOverIntensity([], 0, { intensity: 0, period: 1 })).toBe(true);
});

describe('strategies', () => {
  test('one_for_one restarts the child alone, and delays nobody', () => {
    const { begin, end, manners, log, states, tree } = startTree(abc);
    begin();
    manners.set('a', { start: 'silent' });
    end('a', 'crash');
    end('b', 'crash');
    expect(log).toEqual(['+a', '+b']);
    expect(states()).toEqual({ a: 'starting', b: 'running', c: 'running' });
    expect(tree.getSnapshot().value).toBe('running');
  });

  test('one_for_all stops the others in reverse and starts all in order', () => {
    const { begin, end, log } = startTree(abc, { strategy: 'one_for_all' });
    begin();
    end('b', 'crash');
    expect(log).toEqual(['root restarting', '-c', '-a', '+a', '+b', '+c', 'root running']);
  });

  test('rest_for_one stops and starts the child and those after it', () => {
    const { begin, end, log } = startTree(abc, { strategy: 'rest_for_one' });
    begin();
    end('b', 'crash');
    expect(log).toEqual(['root restarting', '-c', '+b', '+c', 'root running']);
  });

  test('a second child that fails during a one_for_all restart counts again, and all are restarted again', () => {
    const { begin, end, manners, log, context, tree } = startTree(abc, { strategy: 'one_for_all' });
    begin();
    manners.set('b', { start: 'silent' });
    end('a', 'crash');
    manners.set('b', {});
    log.length = 0;
    end('b', 'crash');
    expect(log).toEqual(['-a', '+a', '+b', '+c', 'root running']);
    expect(context().restarts).toHaveLength(2);
    expect(tree.getSnapshot().value).toBe('running');
  });

  test('a child that never starts again during one_for_all makes the supervisor give up', () => {
    const { begin, end, manners, log, tree } = startTree(abc, { strategy: 'one_for_all' });
    begin();
    manners.set('b', { start: 'crash' });
    end('c', 'crash');
    expect(tree.getSnapshot().value).toBe('failed');
    expect(log.filter((line) => line === '+b')).toHaveLength(3);
    expect(tree.getSnapshot().output?.cause).toContain('child b: no luck');
  });

  test('a sibling that crashes while others are restarted is seen to afterwards', () => {
    const { begin, end, manners, started, states, context } = startTree(abc, { strategy: 'rest_for_one' });
    begin();
    manners.set('b', { start: 'silent' });
    end('b', 'crash');
    end('a', 'crash');
    expect(states()).toEqual({ a: 'exited', b: 'starting', c: 'stopped' });
    manners.clear();
    started('b');
    expect(states()).toEqual({ a: 'running', b: 'running', c: 'running' });
    expect(context().restarts).toHaveLength(2);
  });

  test.each(['one_for_all', 'rest_for_one'] as const)(
    'a temporary sibling is stopped and removed by %s, and costs no intensity',
    (strategy) => {
      const children = [spec('a'), spec('t', { restart: 'temporary' }), spec('c')];
      const { begin, end, log, states, context } = startTree(children, { strategy });
      begin();
      end('a', 'crash');
      expect(log).toEqual(['root restarting', '-c', '-t', '+a', '+c', 'root running']);
      expect(states()).toEqual({ a: 'running', c: 'running' });
      expect(context().restarts).toHaveLength(1);
    },
  );

  test('a child killed for a restart is gone, or taken for gone, before it is started again', () => {
    const { begin, end, manners, log, clock, states } = startTree(abc, { strategy: 'one_for_all' });
    manners.set('c', { shutdown: 'deaf', kill: false });
    begin();
    end('a', 'crash');
    clock.increment(100);
    expect(log).toEqual(['root restarting', '-c', '!c', '-b']);
    expect(states()['c']).toBe('killed');
    clock.increment(5000);
    expect(log.slice(4)).toEqual(['+a', '+b', '+c', 'root running']);
  });
});

describe('while a child is in a restart loop', () => {
  const loop = (strategy: SupervisorInput['strategy'] = 'one_for_one') => {
    const tree = startTree(abc, { strategy, intensity: 1000 });
    tree.begin();
    tree.manners.set('b', { start: 'silent' });
    tree.end('b', 'crash');
    for (let round = 0; round < 5; round += 1) tree.end('b', 'crash');
    expect(tree.states()['b']).toBe('starting');
    tree.log.length = 0;
    return tree;
  };

  test.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)('terminate ends it (%s)', (strategy) => {
    const { send, states, tree, log } = loop(strategy);
    send({ type: 'child.terminate', id: 'b' });
    expect(states()).toEqual({ a: 'running', b: 'stopped', c: 'running' });
    expect(log).toContain('-b');
    expect(tree.getSnapshot().value).toBe('running');
    send({ type: 'child.restart', id: 'b' });
    expect(states()['b']).toBe('starting');
  });

  test.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)('delete removes it (%s)', (strategy) => {
    const { send, states, tree } = loop(strategy);
    send({ type: 'child.delete', id: 'b' });
    expect(states()).toEqual({ a: 'running', c: 'running' });
    expect(tree.getSnapshot().value).toBe('running');
  });

  test.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)('close stops all (%s)', (strategy) => {
    const { send, tree, log } = loop(strategy);
    send({ type: 'close' });
    expect(log.filter((line) => line.startsWith('-'))).toEqual(
      strategy === 'one_for_one' ? ['-c', '-b', '-a'] : ['-b', '-a'],
    );
    expect(tree.getSnapshot().output).toEqual({ kind: 'normal' });
  });

  test('a new child waits until the restart is over, in a group', () => {
    const { send, states, started } = loop('one_for_all');
    send({ type: 'child.start', spec: spec('d') });
    expect(states()['d']).toBe('waiting');
    started('b');
    expect(states()).toEqual({ a: 'running', b: 'running', c: 'running', d: 'running' });
  });
});

describe('children that exit by themselves during shutdown', () => {
  for (const restart of restartTypes) {
    for (const kind of exitKinds) {
      test(`a ${restart} child that ends with ${kind} does not break it, and its reason is reported`, () => {
        const children = [spec('a'), spec('x', { restart }), spec('c')];
        const { begin, end, send, manners, tree, log, told, context } = startTree(children);
        manners.set('c', { shutdown: 'deaf' }).set('x', { shutdown: kind });
        begin();
        send({ type: 'close' });
        if (kind !== 'crash') end('x', kind);
        expect(log).toEqual(['root closing', '-c']);
        end('c', 'shutdown');
        expect(log.slice(2)).toEqual([...(kind === 'crash' ? ['-x'] : []), '-a', 'root closed']);
        expect(tree.getSnapshot().output).toEqual({ kind: 'normal' });
        expect(told.filter((line) => line.startsWith('root/x')).at(-1)).toMatch(new RegExp(`${kind}$`));
        expect(context().restarts).toEqual([]);
        expect(log).not.toContain('+x');
      });
    }
  }
});

test('a child that ignores its shutdown is killed at its deadline, and its siblings are not delayed', () => {
  const { begin, manners, send, clock, log, tree } = startTree(abc);
  manners.set('b', { shutdown: 'deaf', kill: false });
  begin();
  send({ type: 'close' });
  clock.increment(99);
  expect(log).toEqual(['root closing', '-c', '-b']);
  clock.increment(1);
  expect(log.slice(3)).toEqual(['!b', '-a']);
  expect(tree.getSnapshot().value).toEqual({ closing: 'stopping' });
  clock.increment(5000);
  expect(tree.getSnapshot().value).toBe('closed');
});

test('brutal_kill kills at once, and infinity waits for ever', () => {
  const { begin, manners, send, clock, log, end } = startTree([
    spec('a', { shutdown: 'infinity' }),
    spec('b', { shutdown: 'brutal_kill' }),
  ]);
  manners.set('a', { shutdown: 'deaf' });
  begin();
  send({ type: 'close' });
  expect(log).toEqual(['root closing', '!b', '-a']);
  clock.increment(2 ** 40);
  expect(log).toHaveLength(3);
  end('a', 'shutdown');
  expect(log.at(-1)).toBe('root closed');
});

test('kill ends every child at once', () => {
  const { begin, manners, send, log, tree } = startTree(abc);
  manners.set('c', { shutdown: 'deaf' });
  begin();
  send({ type: 'shutdown' });
  send({ type: 'kill' });
  expect(log).toEqual(['root closing', '-c', '!a', '!b', '!c', 'root closed']);
  expect(tree.getSnapshot().output).toEqual({ kind: 'shutdown' });
});

test('terminate is idempotent, also while the child is ending', () => {
  const { begin, manners, send, end, log, states } = startTree(abc);
  manners.set('b', { shutdown: 'deaf' });
  begin();
  for (let round = 0; round < 3; round += 1) send({ type: 'child.terminate', id: 'b' });
  expect(log).toEqual(['-b']);
  end('b', 'shutdown');
  for (let round = 0; round < 3; round += 1) send({ type: 'child.terminate', id: 'b' });
  send({ type: 'child.terminate', id: 'nobody' });
  expect(states()).toEqual({ a: 'running', b: 'stopped', c: 'running' });
  expect(log).toEqual(['-b']);
});

test('a child that was added and does not start is refused, uncounted', () => {
  const { begin, manners, send, states, context, told } = startTree(abc);
  begin();
  manners.set('d', { start: 'crash' });
  send({ type: 'child.start', spec: spec('d') });
  expect(states()).toEqual({ a: 'running', b: 'running', c: 'running' });
  expect(told.at(-1)).toBe('root/d removed crash');
  expect(context().restarts).toEqual([]);
});

test('an id that is taken is not started twice, and a report of an earlier run is not heard', () => {
  const { begin, send, log, end, at } = startTree(abc);
  begin();
  send({ type: 'child.start', spec: spec('a') });
  expect(log).toEqual([]);
  end('a', 'crash');
  send({ type: 'child.exited', id: 'a', run: 1, kind: 'crash' });
  expect(at('a')).toMatchObject({ state: 'running', run: 2, restarts: 1 });
});

test('a child whose actor fails has crashed', () => {
  const { begin, tree, log } = startTree([spec('x', { type: 'supervisor' })], { intensity: 2 });
  begin();
  expect(tree.getSnapshot().value).toBe('running');
  const crew = tree.getSnapshot().children['crew.0'];
  crew?.send({ type: 'xstate.error.actor.x', actorId: 'x', error: new Error('a defect') });
  expect(log).toContain('root/x starting');
  expect(childOf(tree.getSnapshot().context.roster, 'x')).toMatchObject({ run: 2, exit: { cause: 'a defect' } });
});

test('escalation restarts the subtree, dynamic children do not come back, and the root tells the whole story', () => {
  const { tree, begin, subtrees, escalations, log } = startTree([spec('o365', { type: 'supervisor' })]);
  subtrees.set('root/o365', [spec('mail'), spec('users')]);
  begin();
  const subtree = () => tree.getSnapshot().children['crew.0']?.getSnapshot().children['o365'];
  const inside = () => (subtree()!.getSnapshot() as unknown as { context: SupervisorContext }).context;
  const tell = (event: SupervisorEvent) => subtree()?.send(event as never);
  const fail = () => {
    for (let round = 0; round < 4; round += 1) {
      const run = childOf(inside().roster, 'mail')?.run ?? 0;
      tell({ type: 'child.exited', id: 'mail', run, kind: 'crash', cause: 'expired' });
    }
  };
  tell({ type: 'child.start', spec: spec('extra') });
  expect(countsOf(inside().roster)).toEqual({ specs: 3, active: 3, supervisors: 0, workers: 3 });
  log.length = 0;
  fail();
  expect(log.slice(-8)).toEqual([
    'root/o365 closing',
    '-extra',
    '-users',
    'root/o365 failed',
    'root/o365 starting',
    '+mail',
    '+users',
    'root/o365 running',
  ]);
  expect(countsOf(inside().roster)).toEqual({ specs: 2, active: 2, supervisors: 0, workers: 2 });
  for (let round = 0; round < 3; round += 1) fail();
  expect(tree.getSnapshot().value).toBe('failed');
  const inner = 'more than 3 restarts within 5000 ms, the last for child mail: expired';
  expect(escalations.at(-1)).toBe(`more than 3 restarts within 5000 ms, the last for child o365: ${inner}`);
});

test('counts are exact at 2,000 children, during restarts and when temporary children leave', () => {
  const children = Array.from({ length: 2000 }, (_, index) =>
    spec(`c${index}`, { restart: index % 2 ? 'permanent' : 'temporary', type: index % 10 ? 'pool' : 'supervisor' }),
  );
  const { begin, end, manners, counts, started, send, log } = startTree(children, { intensity: 5000 });
  begin();
  expect(counts()).toEqual({ specs: 2000, active: 2000, supervisors: 200, workers: 1800 });
  for (let index = 1; index < 2000; index += 2) manners.set(`c${index}`, { start: 'silent' });
  for (let index = 0; index < 2000; index += 1) {
    if (index % 10 !== 0) end(`c${index}`, 'crash');
  }
  expect(counts()).toEqual({ specs: 1200, active: 200, supervisors: 200, workers: 1000 });
  for (let index = 1; index < 2000; index += 2) started(`c${index}`);
  expect(counts()).toEqual({ specs: 1200, active: 1200, supervisors: 200, workers: 1000 });
  log.length = 0;
  send({ type: 'close' });
  expect(counts()).toEqual({ specs: 1000, active: 0, supervisors: 0, workers: 1000 });
});
