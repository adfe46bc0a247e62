import { createActor, fromPromise, type SnapshotFrom } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { expect, test } from 'vitest';
import { shellMachine, type ShellEvent, type ShellInput } from '../../machines/index.ts';
import { edgesOf, recordEdges } from './edges.ts';

type ShellSnapshot = SnapshotFrom<typeof shellMachine>;

const input: ShellInput = {
  path: 'pool/shell.0',
  slot: 'shell.0',
  idleTimeout: 1000,
  initTimeout: 1000,
  health: { interval: 1000, timeout: 1000 },
};

// What the invoked actors would send, sent by hand: the model walks them like any other event.
const done = (actor: string) => ({ type: `xstate.done.actor.${actor}`, output: undefined }) as unknown as ShellEvent;
const failed = (actor: string, error: unknown): ShellEvent => ({
  type: `xstate.error.actor.${actor}`,
  actorId: actor,
  error,
});

const events: ShellEvent[] = [
  { type: 'process.spawned', pid: 42 },
  { type: 'process.failed', cause: 'no such program', fatal: true },
  { type: 'process.exited', early: false, cause: 'exit 1' },
  { type: 'process.exited', early: true },
  { type: 'borrow' },
  { type: 'return' },
  { type: 'validate' },
  { type: 'check' },
  { type: 'reset' },
  { type: 'invalidate', reason: 'state-lost' },
  { type: 'retire', reason: 'idle-timeout' },
  { type: 'kill', reason: 'pool-killed' },
  { type: 'start.expired' },
  { type: 'idle.expired' },
  { type: 'check.due' },
  { type: 'upkeep.expired' },
  done('initialize'),
  failed('initialize', new Error('init said no')),
  failed('process', new Error('broken')),
  done('teardown'),
  failed('teardown', new Error('stuck')),
];

const never = () => new Promise<void>(() => {});
const heldMachine = shellMachine.provide({
  actors: {
    initialize: fromPromise<void, { path: string }>(never),
    teardown: fromPromise<void, { path: string; graceful: boolean }>(never),
  },
});

const summary = ({ value, status, context }: ShellSnapshot): string => {
  const { reason, fatal, failedStart, graceful, borrowed, served, overdue, pid } = context;
  return JSON.stringify({ value, status, reason, fatal, failedStart, graceful, borrowed, served, overdue, pid });
};

/** The state as it is announced: what is done while it is idle is nobody else's business. */
const stateOf = ({ value }: ShellSnapshot): string => (typeof value === 'string' ? value : 'idle');

const paths = getShortestPaths(heldMachine, {
  input,
  events,
  serializeState: summary,
  // The pure function would go on from a final state; no actor does.
  stopWhen: ({ status }) => status !== 'active',
});

/** Lives through these events in a real actor. */
function walk(steps: readonly ShellEvent[], taken = new Set<string>()) {
  const announced: string[] = [];
  const machine = heldMachine.provide({ actions: { announce: (_, { state }) => announced.push(state) } });
  const actor = createActor(machine, { input, inspect: recordEdges(taken) });
  actor.subscribe({ error: () => {} });
  actor.start();
  for (const event of steps) {
    // A final state takes nothing more.
    if (actor.getSnapshot().status === 'active') actor.send(event);
  }
  const snapshot = actor.getSnapshot();
  actor.stop();
  return { snapshot, announced };
}

const stepsOf = (path: (typeof paths)[number]): ShellEvent[] =>
  path.steps.map(({ event }) => event).filter(({ type }) => type !== ('xstate.init' as string));

test('every edge of the shell machine is walked, and every state is reached as the model says', () => {
  const taken = new Set<string>();
  for (const path of paths) {
    const steps = stepsOf(path);
    expect(summary(walk(steps, taken).snapshot)).toBe(summary(path.state));
    for (const event of events) walk([...steps, event], taken);
  }
  expect([...taken].toSorted()).toEqual(edgesOf(shellMachine));
});

test('a shell announces each state once for every time that it is entered', () => {
  for (const path of paths) {
    const { announced, snapshot } = walk(stepsOf(path));
    expect(announced.at(-1)).toBe(stateOf(snapshot));
    expect(announced.every((state, index) => index === 0 || state !== announced[index - 1])).toBe(true);
    expect(announced.filter((state) => state === 'destroying').length).toBeLessThanOrEqual(1);
  }
});

test('no event puts a shell into error, and kill ends it from everywhere', () => {
  for (const path of paths) {
    expect(path.state.status).not.toBe('error');
    const { snapshot } = walk([...stepsOf(path), { type: 'kill', reason: 'pool-killed' }, done('teardown')]);
    expect(snapshot.value).toBe('destroyed');
    expect(snapshot.output?.reason).toBeDefined();
  }
});

test('a shell is graceful only when it was retired while idle', () => {
  const gracefully = paths.filter(({ state }) => state.context.graceful);
  expect(gracefully.length).toBeGreaterThan(0);
  for (const { state } of gracefully) {
    expect(state.context).toMatchObject({ served: true, reason: 'idle-timeout', failedStart: false });
  }
});

test('a shell that has a reason never runs again', () => {
  for (const { state } of paths) {
    const leaving = ['invalid', 'destroying', 'destroyed'].includes(stateOf(state));
    expect(state.context.reason !== undefined).toBe(leaving);
  }
});

test('nobody holds a shell that is validated, checked or reset, and one that is free or held is not overdue', () => {
  const tended = paths.filter(({ state: { value } }) => typeof value !== 'string' && value.idle !== 'free');
  expect(new Set(tended.map(({ state }) => JSON.stringify(state.value))).size).toBe(3);
  for (const { state } of tended) expect(state.context).toMatchObject({ borrowed: false, served: true });
  expect(tended.filter(({ state }) => state.context.overdue)).toHaveLength(3);
  for (const { state } of paths)
    if (state.matches('busy') || state.matches({ idle: 'free' })) expect(state.context.overdue).toBe(false);
});

test('what takes too long while a shell is idle ends it, each with a reason of its own, and never gracefully', () => {
  const reasons = paths.flatMap(({ state, ...path }) => {
    if (typeof state.value === 'string' || state.value.idle === 'free') return [];
    const { context } = walk([...stepsOf({ state, ...path }), { type: 'upkeep.expired' }]).snapshot;
    expect(context).toMatchObject({ graceful: false, failedStart: false });
    return [context.reason];
  });
  expect(new Set(reasons)).toEqual(new Set(['validate-failed', 'health-failed', 'reset-failed']));
});
