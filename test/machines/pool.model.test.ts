import { createActor, createEmptyActor, fromCallback, getNextSnapshot, type SnapshotFrom } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { expect, test } from 'vitest';
import { census, poolMachine, slotId, slotIndex, type shellMachine } from '../../machines/index.ts';
import type { PoolEvent, PoolInput, ShellSlot, SlotState } from '../../machines/index.ts';
import { edgesOf, recordEdges } from './edges.ts';

type PoolSnapshot = SnapshotFrom<typeof poolMachine>;

const own: PoolInput = {
  path: 'pool',
  min: 1,
  max: 2,
  spare: 0,
  idleTimeout: 1000,
  initTimeout: 1000,
  restart: { attempts: 2, cooldown: 1000, backoff: { initial: 100, max: 1000, factor: 2, jitter: 0 } },
};

const supervised: PoolInput = {
  ...own,
  restart: { ...own.restart, attempts: 1 },
  id: 'pool',
  run: 1,
  parent: createEmptyActor(),
};

/** Shells that do nothing: the model speaks for them. */
const inertShell = fromCallback(() => {}) as unknown as typeof shellMachine;
const quietPool = poolMachine.provide({ actors: { shell: inertShell } });

const gone = (slot: ShellSlot): PoolEvent => ({
  type: `xstate.done.actor.${slot}`,
  actorId: slot,
  output: { reason: 'exited', failedStart: false },
});

const invalid = (slot: ShellSlot, failedStart: boolean, fatal = false): PoolEvent => ({
  type: 'shell.invalid',
  slot,
  reason: failedStart ? 'spawn-failed' : 'exited',
  cause: 'because',
  fatal,
  failedStart,
});

/** What a shell in a slot can report from where it is. */
const reports: Record<SlotState, (slot: ShellSlot) => PoolEvent[]> = {
  empty: () => [],
  starting: (slot) => [
    { type: 'shell.ready', slot },
    invalid(slot, true),
    invalid(slot, true, true),
    { type: 'shell.ending', slot, reason: 'pool-closed' },
    { type: `xstate.error.actor.${slot}`, actorId: slot, error: new Error('a defect') },
  ],
  idle: (slot) => [
    { type: 'shell.busy', slot },
    invalid(slot, false),
    invalid(slot, true),
    { type: 'shell.ending', slot, reason: 'idle-timeout' },
    { type: 'shell.idleTimeout', slot },
    { type: 'shell.checkDue', slot },
  ],
  busy: (slot) => [{ type: 'shell.idle', slot }, { type: 'shell.checkDue', slot }, invalid(slot, false)],
  ending: (slot) => [gone(slot)],
};

/** What is enough to meet all that is different under a supervisor. */
const orders: PoolEvent[] = [
  { type: 'demand', waiting: 2 },
  { type: 'close' },
  { type: 'stop', graceful: true },
  { type: 'shutdown' },
  { type: 'kill' },
];
const isPlain = ({ type }: PoolEvent): boolean =>
  type !== 'shell.idleTimeout' && type !== 'shell.busy' && !type.startsWith('xstate.error');

function eventsIn({ context, value }: PoolSnapshot): PoolEvent[] {
  const fromShells = context.slots.flatMap((state, index) => reports[state](slotId(index)));
  const timers: PoolEvent[] = [];
  if (context.backingOff) timers.push({ type: 'retry' });
  if (context.parent) return [...fromShells.filter(isPlain), ...timers, ...orders];
  if (typeof value === 'object' && 'failed' in value && value.failed === 'open') timers.push({ type: 'cooled' });
  return [
    ...fromShells,
    ...timers,
    { type: 'demand', waiting: 0 },
    { type: 'demand', waiting: 2 },
    // Of use where it shows; elsewhere it would only double the states.
    ...(value === 'ready' || value === 'saturated' ? ([{ type: context.full ? 'drain' : 'saturate' }] as const) : []),
    { type: 'close' },
    { type: 'stop', graceful: true },
    { type: 'stop', graceful: false },
  ];
}

const summary = ({ value, status, context }: PoolSnapshot): string => JSON.stringify({ value, status, ...context });

/** What tells states apart for the walk. Without `streaks`: they only tell how many failures an early death makes. */
const identity = ({ value, status, context }: PoolSnapshot): string => {
  const { slots, failures, elders, cautious, fatal, waiting, backingOff, probing, full, parent, reported } = context;
  const ownership = parent && reported;
  const old = elders
    .filter((slot) => ['starting', 'idle', 'busy'].includes(slots[slotIndex(slot)] as string))
    .toSorted();
  return JSON.stringify([
    value,
    status,
    slots,
    failures,
    old,
    cautious,
    fatal,
    waiting,
    backingOff,
    probing,
    full,
    ownership,
  ]);
};

const walks = [own, supervised].map((input) => ({
  input,
  paths: getShortestPaths(quietPool, {
    input,
    events: eventsIn,
    serializeState: identity,
    stopWhen: ({ status }) => status !== 'active',
  }),
}));
const paths = walks.flatMap((walk) => walk.paths);

const next = (state: PoolSnapshot, event: PoolEvent): PoolSnapshot => getNextSnapshot(quietPool, state, event);

/** Every event in every state, and where it leads. */
const moves = paths.flatMap(({ state: before }) =>
  before.status === 'active' ? eventsIn(before).map((event) => ({ before, event, after: next(before, event) })) : [],
);

const stepsOf = (path: (typeof paths)[number]): PoolEvent[] =>
  path.steps.map(({ event }) => event).filter(({ type }) => type !== ('xstate.init' as string));

function walk(input: PoolInput, steps: readonly PoolEvent[], taken = new Set<string>()) {
  const announced: string[] = [];
  const failures: (string | undefined)[] = [];
  const machine = quietPool.provide({
    actions: {
      announce: (_, { state }) => announced.push(state),
      fail: (_, { cause }) => failures.push(cause),
      reap: () => {},
    },
  });
  const actor = createActor(machine, { input, inspect: recordEdges(taken) });
  actor.subscribe({ error: () => {} });
  actor.start();
  for (const event of steps) actor.send(event);
  const snapshot = actor.getSnapshot();
  actor.stop();
  return { snapshot, announced, failures };
}

test('every edge of the pool machine is walked, and the actor goes where the pure function says', () => {
  const taken = new Set<string>();
  const seen = new Set<string>();
  for (const { input, path } of walks.flatMap(({ input, paths }) => paths.map((path) => ({ input, path })))) {
    const steps = stepsOf(path);
    const { snapshot: before } = walk(input, steps);
    // The steps may lead to a state with other `streaks` than the path's, which is as good a place to start from.
    for (const event of before.status === 'active' ? eventsIn(before) : []) {
      // One walk for each meeting of a state and an event that can look different to the chart.
      const { slots, elders, parent, reported } = before.context;
      const meeting = JSON.stringify([
        before.value,
        census(slots),
        parent !== undefined,
        reported,
        'slot' in event && elders.includes(event.slot),
        event,
      ]);
      if (seen.has(meeting)) continue;
      seen.add(meeting);
      expect(summary(walk(input, [...steps, event], taken).snapshot)).toBe(summary(next(before, event)));
    }
  }
  expect([...taken].toSorted()).toEqual(edgesOf(poolMachine));
});

test('no event puts a pool into error', () => {
  expect(paths.filter(({ state }) => state.status === 'error')).toEqual([]);
});

test('a pool never has more shells than max, and starts none while backing off, failed or stopping', () => {
  for (const { before, after } of moves) {
    const { starting, total } = census(after.context.slots);
    const { starting: startingBefore } = census(before.context.slots);
    expect(total).toBeLessThanOrEqual(own.max);
    const { backingOff, probing, cautious } = after.context;
    if (backingOff || after.matches('failed') || after.matches({ closing: 'stopping' })) {
      expect(starting).toBeLessThanOrEqual(startingBefore);
    }
    if (probing || cautious) expect(starting).toBeLessThanOrEqual(Math.max(1, startingBefore));
  }
});

test('a failed start is counted once for all that began before it, and nothing is started until it is waited out', () => {
  const met = { first: 0, further: 0 };
  for (const { before, event, after } of moves) {
    if (event.type !== 'shell.invalid' || !event.failedStart || event.fatal) continue;
    const { failures, streaks, elders, backingOff, probing, slots } = before.context;
    const inRow = Math.max(failures, streaks[event.slot] ?? 0);
    if (elders.includes(event.slot)) {
      met.further++;
      expect(after.context.failures).toBe(inRow);
      if (!before.matches('failed') && !after.matches('failed')) expect(after.context.backingOff).toBe(backingOff);
    } else {
      met.first++;
      expect(after.context.failures).toBe(probing ? before.context.restart.attempts : inRow + 1);
      expect(after.context.cautious).toBe(true);
      expect(census(after.context.slots).starting).toBeLessThanOrEqual(census(slots).starting);
    }
  }
  expect(met.first).toBeGreaterThan(0);
  expect(met.further).toBeGreaterThan(0);
});

test('a pool that works has at least min shells, or waits for a dying one or for the backoff', () => {
  for (const { state } of paths) {
    if (!state.matches('starting') && !state.matches('ready') && !state.matches('saturated')) continue;
    const { live, total } = census(state.context.slots);
    const excused = state.context.backingOff || total === own.max;
    expect(live >= own.min || excused, summary(state)).toBe(true);
  }
});

test('a pool that is told to stop is closed when its last shell is gone, from every state', () => {
  for (const { state: start } of paths) {
    if (start.status !== 'active') continue;
    const { context } = start;
    const taken = context.slots.flatMap((state, index) => (state === 'empty' ? [] : [slotId(index)]));
    let state: PoolSnapshot = start;
    for (const event of [{ type: 'stop', graceful: false } as const, ...taken.map(gone)]) {
      expect(state.status).toBe('active');
      state = next(state, event);
    }
    expect(state.value).toBe('closed');
  }
});
