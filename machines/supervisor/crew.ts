import { enqueueActions, sendTo, setup, type DoneActorEvent, type ErrorActorEvent } from 'xstate';
import { causeOf } from '../cause.ts';
import type { ChildInput, ChildLogic, ChildOrder, ChildParent, ChildType, Exit } from './types.ts';

/** What a supervisor tells a crew. */
export type CrewEvent =
  /** Starts a child's actor, in the place of an earlier one. */
  | { type: 'spawn'; kind: ChildType; input: ChildInput }
  | { type: 'order'; id: string; order: ChildOrder }
  /** Forgets an actor, if no later run has taken its place; what it still owns goes with it. */
  | { type: 'drop'; id: string; run: number }
  | DoneActorEvent
  | ErrorActorEvent;

/** What a crew is started with: who hears of actors that fail. */
export interface CrewInput {
  readonly parent: ChildParent;
}

/** What a crew remembers. */
export interface CrewContext extends CrewInput {
  /** The run of each child. */
  readonly runs: Readonly<Record<string, number>>;
}

/** A child that does nothing, so it has not even started. */
const inertChild: ChildLogic = {
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  transition: (snapshot) => snapshot,
  getPersistedSnapshot: (snapshot) => snapshot,
};

const base = setup({
  types: {} as {
    context: CrewContext;
    events: CrewEvent;
    input: CrewInput;
    children: { [id: string]: ChildType };
  },
  // Inert by default: src provides a pool, and a supervisor, which cannot name itself here.
  actors: { pool: inertChild, supervisor: inertChild },
});

const crewSetup = base.extend({
  actions: {
    spawn: enqueueActions(({ context, enqueue }, { kind, input }: { kind: ChildType; input: ChildInput }) => {
      enqueue.stopChild(input.id);
      enqueue.spawnChild(kind, { id: input.id, input });
      enqueue.assign({ runs: { ...context.runs, [input.id]: input.run } });
    }),
    pass: sendTo(
      (_, { id }: { id: string; order: ChildOrder }) => id,
      (_, { order }: { id: string; order: ChildOrder }) => order,
    ),
    drop: enqueueActions(({ context, enqueue }, { id }: { id: string }) => {
      const { [id]: _, ...runs } = context.runs;
      enqueue.stopChild(id);
      enqueue.assign({ runs });
    }),
    reportExit: enqueueActions(({ context, enqueue }, { id, exit }: { id: string; exit: Exit }) => {
      enqueue.sendTo(context.parent, { type: 'child.exited', id, run: context.runs[id] ?? 0, ...exit });
    }),
  },
  guards: {
    /** Whether an output says how a child ended; other children have said it by an event. */
    isExit: (_, { output }: { output: unknown }) => typeof output === 'object' && output !== null && 'kind' in output,
    isPresent: ({ context }, { id, run }: { id: string; run: number }) => context.runs[id] === run,
    isHere: ({ context }, { id }: { id: string }) => Object.hasOwn(context.runs, id),
  },
});

/**
 * The actors of up to 64 children, and nothing else.
 *
 * XState copies the list of an actor's children whenever one comes or goes: nearly 1 ms each with 4,000 siblings. So a
 * supervisor hosts its children by the crew.
 */
export const crewMachine = crewSetup.createMachine({
  id: 'crew',
  context: ({ input }) => ({ ...input, runs: {} }),
  on: {
    spawn: { actions: { type: 'spawn', params: ({ event }) => event } },
    // XState fails an actor that sends to nobody.
    order: {
      guard: { type: 'isHere', params: ({ event }) => event },
      actions: { type: 'pass', params: ({ event }) => event },
    },
    drop: {
      guard: { type: 'isPresent', params: ({ event }) => event },
      actions: { type: 'drop', params: ({ event }) => event },
    },
    // How a supervisor ends is its output: were it an event, the next run would start within the last step of this one.
    'xstate.done.actor.*': {
      guard: { type: 'isExit', params: ({ event }) => ({ output: event.output }) },
      actions: { type: 'reportExit', params: ({ event }) => ({ id: event.actorId, exit: event.output as Exit }) },
    },
    // It had no time to say so itself.
    'xstate.error.actor.*': {
      actions: {
        type: 'reportExit',
        params: ({ event }) => ({ id: event.actorId, exit: { kind: 'crash', cause: causeOf(event.error) } }),
      },
    },
  },
});
