import { assign, createActor, getNextSnapshot, SimulatedClock, type SnapshotFrom } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { expect, test } from 'vitest';
import { childrenOf, countsOf, supervisorMachine } from '../../machines/index.ts';
import type { Child, StrategyName, SupervisorEvent, SupervisorInput } from '../../machines/index.ts';
import { edgesOf, recordEdges } from './edges.ts';

type SupervisorSnapshot = SnapshotFrom<typeof supervisorMachine>;

const inputFor = (strategy: StrategyName): SupervisorInput => ({
  path: 'root',
  strategy,
  intensity: 2,
  period: 1000,
  children: [
    { id: 'a', type: 'pool', restart: 'permanent', shutdown: 100 },
    { id: 'b', type: 'supervisor', restart: 'transient', shutdown: 'infinity' },
  ],
});

// Children are inert: the model speaks for them. Time stands still, so that every restart counts.
const quiet = supervisorMachine.provide({ actions: { readClock: assign({ now: 0 }) } });

function eventsOf({ id, run, state, shutdown }: Child): SupervisorEvent[] {
  const reports: SupervisorEvent[] = [];
  if (state === 'starting') reports.push({ type: 'child.started', id, run });
  if (state === 'starting' || state === 'running' || state === 'stopping' || state === 'killed') {
    reports.push({ type: 'child.exited', id, run, kind: 'crash', cause: 'boom' });
    reports.push({ type: 'child.exited', id, run, kind: 'normal' });
  }
  if (state === 'killed' || (state === 'stopping' && shutdown !== 'infinity')) {
    reports.push({ type: 'child.expired', id, run });
  }
  // The first child is enough to meet what a user can do.
  if (id !== 'a') return reports;
  return [
    ...reports,
    { type: 'child.terminate', id },
    { type: 'child.restart', id },
    { type: 'child.delete', id },
    { type: 'child.start', spec: { id, type: 'pool', restart: 'permanent', shutdown: 100 } },
  ];
}

const crewLost: SupervisorEvent = {
  type: 'xstate.error.actor.crew.0',
  actorId: 'crew.0',
  error: new Error('a defect'),
};

function eventsIn({ context, status }: SupervisorSnapshot): SupervisorEvent[] {
  if (status !== 'active') return [];
  const fromChildren = [...childrenOf(context.roster)].flatMap(eventsOf);
  return [...fromChildren, { type: 'close' }, { type: 'shutdown' }, { type: 'kill' }, crewLost];
}

/** What tells states apart for the walk; without what only counts. */
const identity = ({ value, status, context }: SupervisorSnapshot): string => {
  const { roster, plan, backlog, restarts, verdict } = context;
  const children = [...childrenOf(roster)].map(({ id, state, origin, doomed, heldIn, exit, up }) => [
    id,
    state,
    (state === 'waiting' || state === 'starting') && origin,
    doomed,
    up,
    heldIn === plan.number,
    state === 'exited' && exit?.kind,
  ]);
  const { number: _, ...rest } = plan;
  return JSON.stringify([
    value,
    status,
    children,
    rest,
    backlog,
    restarts.length,
    verdict?.kind === 'crash',
    verdict === undefined,
  ]);
};

const next = (state: SupervisorSnapshot, event: SupervisorEvent) => getNextSnapshot(quiet, state, event);

const walks = (['one_for_one', 'one_for_all', 'rest_for_one'] as const).map((strategy) => {
  const input = inputFor(strategy);
  const paths = getShortestPaths(quiet, {
    input,
    events: eventsIn,
    serializeState: identity,
    stopWhen: ({ status }) => status !== 'active',
    limit: 200_000,
  });
  return { strategy, input, paths };
});

function walk(input: SupervisorInput, steps: readonly SupervisorEvent[], taken: Set<string>): SupervisorSnapshot {
  const actor = createActor(quiet, { input, clock: new SimulatedClock(), inspect: recordEdges(taken) });
  actor.subscribe({ error: () => {} });
  actor.start();
  for (const event of steps) if (actor.getSnapshot().status === 'active') actor.send(event);
  const snapshot = actor.getSnapshot();
  actor.stop();
  return snapshot;
}

test('every edge of the supervisor machine is walked, and the actor goes where the pure function says', () => {
  const taken = new Set<string>();
  for (const { input, paths } of walks) {
    const seen = new Set<string>();
    for (const { steps } of paths) {
      const before = steps.map(({ event }) => event).filter(({ type }) => type !== ('xstate.init' as string));
      // They may lead to a state with other counts than the path's, which is as good a place to start from.
      const state = walk(input, before, new Set());
      for (const event of eventsIn(state)) {
        // One walk for each way in which an event can look different to the chart.
        const child =
          'id' in event ? [...childrenOf(state.context.roster)].find(({ id }) => id === event.id) : undefined;
        const { plan, verdict, backlog, restarts } = state.context;
        const meeting = JSON.stringify([
          state.value,
          { ...event, run: 0 },
          child?.state,
          plan.awaited,
          backlog,
          restarts.length,
          verdict?.kind,
        ]);
        if (seen.has(meeting)) continue;
        seen.add(meeting);
        expect(identity(walk(input, [...before, event], taken))).toBe(identity(next(state, event)));
      }
    }
  }
  expect([...taken].toSorted()).toEqual(edgesOf(supervisorMachine));
});

test('no event puts a supervisor into error, and none stays where nothing can happen any more', () => {
  for (const { paths } of walks) {
    for (const { state } of paths) {
      expect(state.status).not.toBe('error');
      const { awaited } = state.context.plan;
      // Who is waited for lives, and will report or expire.
      const waits = [...childrenOf(state.context.roster)].filter(
        ({ state: is }) => is === 'starting' || is === 'stopping' || is === 'killed',
      );
      if (awaited !== undefined) expect(waits.map(({ id }) => id)).toContain(awaited);
      if (state.status === 'active' && !state.matches('running')) expect(waits, identity(state)).not.toEqual([]);
    }
  }
});

test('counts are those of the list, in every state', () => {
  for (const { paths } of walks) {
    for (const { state } of paths) {
      const { roster } = state.context;
      const all = [...childrenOf(roster)];
      const supervisors = all.filter(({ type }) => type === 'supervisor').length;
      const active = all.filter(({ up }) => up).length;
      expect(countsOf(roster)).toEqual({ specs: all.length, active, supervisors, workers: all.length - supervisors });
    }
  }
});

test('kill, and silence, end a supervisor from every state', () => {
  for (const { paths } of walks) {
    for (const { state: start } of paths) {
      if (start.status !== 'active') continue;
      let state = next(start, { type: 'kill' });
      for (const { id, run, state: was } of childrenOf(state.context.roster)) {
        if (was === 'killed') state = next(state, { type: 'child.expired', id, run });
      }
      expect(state.status).toBe('done');
      expect(state.output).toBeDefined();
    }
  }
});
