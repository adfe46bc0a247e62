import { assign, sendTo, setup } from 'xstate';
import { causeOf } from '../cause.ts';
import { clampDelay } from '../delays.ts';
import { add, remove, revive, terminate } from './commands.ts';
import { crewMachine } from './crew.ts';
import { Draft, type Effect } from './draft.ts';
import { isOverIntensity } from './intensity.ts';
import { expire, noteExit, noteStarted, shutdownTime } from './lives.ts';
import {
  adopt,
  countRestart,
  isAlone,
  killAll,
  passFirst,
  planFor,
  startFirst,
  startNext,
  stopNext,
  unqueue,
} from './plans.ts';
import { isToRestart } from './restart.ts';
import { childOf, childrenOf, isAlive } from './roster.ts';
import { intensityStory, startStory } from './story.ts';
import type {
  Child,
  ChildState,
  Exit,
  SupervisorContext,
  SupervisorEvent,
  SupervisorInput,
  SupervisorState,
} from './types.ts';

/** A crew's actor id. */
type CrewId = `crew.${number}`;

/** A child's actor that is of no more use, and who hosts it. */
export interface Gone {
  id: string;
  run: number;
  crew: number;
}

const base = setup({
  types: {} as {
    context: SupervisorContext;
    events: SupervisorEvent;
    input: SupervisorInput;
    output: Exit;
    children: { [crew: CrewId]: 'crew' };
  },
  actors: {
    /** Hosts children. Provide it with its own `pool` and `supervisor` provided. */
    crew: crewMachine,
  },
  delays: {
    /** How long a child has to end in its own time. */
    shutdown: ({ context }) => clampDelay(context.shutdownTime),
    /** How long a child that was killed has to be gone; then it is taken for gone. */
    killTimeout: () => 5000,
  },
});

/** With what src provides. */
const provided = base.extend({
  actions: {
    /** Publishes the state just entered. Nothing by default; an implementation must not throw. */
    announce: (_args, _params: { state: SupervisorState }) => {},
    /** Publishes a child's new state, or that it left the list. Nothing by default; must not throw. */
    announceChild: (_args, _params: { child: Child; state: ChildState | 'removed' }) => {},
    /** Publishes that a child ended and is started again, with what else. Nothing by default; must not throw. */
    announceRestart: (_args, _params: { id: string; exit: Exit | undefined; restarts: number }) => {},
    /** The supervisor gives up because of a child: it stops its children, and fails. Nothing by default; must not throw. */
    escalate: (_args, _params: { id: string; cause: string | undefined }) => {},
    /** Looks at the clock. It is no I/O, but not for tests: they provide an `assign` of another one's `now`. */
    readClock: assign({ now: () => performance.now() }),
  },
});

/** Makes an action of a step: what it works out is remembered, and done. */
const step = (work: (draft: Draft, event: SupervisorEvent) => void) =>
  provided.enqueueActions(({ context, event, enqueue, self }) => {
    const draft = new Draft(context);
    work(draft, event);
    // First, so that whoever is told of a child finds it in the context as it is told.
    enqueue.assign(draft.context);
    let { crews } = context;
    const carryOut = (effect: Effect): void => {
      const { child } = effect;
      const { id, run } = child;
      const crew: CrewId = `crew.${child.crew}`;
      const timer = `stop.${id}`;
      switch (effect.do) {
        case 'spawn': {
          for (; crews <= child.crew; crews += 1) {
            enqueue.spawnChild('crew', { id: `crew.${crews}`, input: { parent: self } });
          }
          const input = { path: `${context.path}/${id}`, id, run, parent: self };
          return enqueue.sendTo(crew, { type: 'spawn', kind: child.type, input });
        }
        case 'order':
          return enqueue.sendTo(crew, { type: 'order', id, order: effect.order });
        case 'drop':
          // In the next step: this one may be the last, and crews end with it.
          return enqueue.raise({ type: 'child.gone', id, run, crew: child.crew });
        case 'arm':
          // XState keeps a delay that another one of the same id takes the place of.
          enqueue.cancel(timer);
          // A named delay is told of nothing but the context.
          enqueue.assign({ shutdownTime: shutdownTime(child) });
          return enqueue.raise({ type: 'child.expired', id, run }, { delay: effect.delay, id: timer });
        case 'disarm':
          return enqueue.cancel(timer);
        case 'tell':
          return enqueue({ type: 'announceChild', params: { child, state: effect.state } });
      }
    };
    for (const effect of draft.effects) carryOut(effect);
    if (crews > context.crews) enqueue.assign({ crews });
  });

/** Makes an action of a step for the child that the event names. What is said of an earlier run is not heard. */
const childStep = (work: (draft: Draft, child: Child, event: SupervisorEvent) => void) =>
  step((draft, event) => {
    const child = 'id' in event ? draft.child(event.id) : undefined;
    if (child && (!('run' in event) || event.run === child.run)) work(draft, child, event);
  });

/** The child that the backlog has first. */
const firstOf = ({ roster, backlog }: SupervisorContext): Child | undefined =>
  backlog[0] === undefined ? undefined : childOf(roster, backlog[0]);

/** The child whose restart is to be decided now: one that did not start in a plan, or the backlog's first. */
const endedOf = (context: SupervisorContext): string => context.plan.failed ?? context.backlog[0] ?? '';

const isExhausted = (context: SupervisorContext): boolean => isOverIntensity(context.restarts, context.now, context);

/** The names that the supervisor machine's chart uses, and what they do. */
export const supervisorSetup = provided.extend({
  actions: {
    noteStarted: childStep(noteStarted),
    noteExit: childStep((draft, child, event) => {
      if (event.type === 'child.exited') noteExit(draft, child, { kind: event.kind, cause: event.cause });
    }),
    expire: childStep(expire),

    add: step((draft, event) => {
      if (event.type === 'child.start') add(draft, event.spec);
    }),
    terminate: childStep(terminate),
    revive: childStep(revive),
    remove: childStep(remove),

    startFirst: step(startFirst),
    passFirst: step(passFirst),
    planStart: step((draft) => adopt(draft, { stop: [], start: idsOf(draft.context) })),
    planRestart: step((draft) => {
      const failed = endedOf(draft.context);
      if (draft.context.plan.failed === undefined) unqueue(draft);
      adopt(draft, planFor(draft.context, failed));
    }),
    planEnd: step((draft) => adopt(draft, { stop: idsOf(draft.context).toReversed(), start: [] })),
    rewind: step((draft) => draft.plan({ done: 0 })),
    stopNext: step(stopNext),
    startNext: step(startNext),
    killAll: step(killAll),

    countRestart: step(countRestart),
    tellRestart: provided.enqueueActions(({ context, enqueue }) => {
      const id = endedOf(context);
      const params = { id, exit: childOf(context.roster, id)?.exit, restarts: context.restarts.length };
      enqueue({ type: 'announceRestart', params });
    }),
    failStart: assign({ verdict: ({ context }) => context.verdict ?? startStory(context) }),
    failRestarts: assign({ verdict: ({ context }) => context.verdict ?? intensityStory(context, endedOf(context)) }),
    // The first verdict stands: what follows is only its consequence.
    judge: assign(({ context }, verdict: Exit) => (context.verdict ? {} : { verdict })),
    tellEscalation: provided.enqueueActions(({ context, enqueue }) => {
      enqueue({ type: 'escalate', params: { id: endedOf(context), cause: context.verdict?.cause } });
    }),
    /** A crew that failed took its children with it. */
    replaceCrew: provided.enqueueActions(({ event, enqueue, self }) => {
      if (event.type.startsWith('xstate.error.actor.') && 'actorId' in event) {
        enqueue.stopChild(event.actorId);
        enqueue.spawnChild('crew', { id: event.actorId as CrewId, input: { parent: self } });
      }
    }),
    drop: sendTo(
      (_, { crew }: Gone) => `crew.${crew}` as const,
      (_, { id, run }: Gone) => ({ type: 'drop' as const, id, run }),
    ),
    noteLostCrew: step((draft, event) => {
      if (!('actorId' in event)) return;
      for (const child of childrenOf(draft.context.roster)) {
        if (`crew.${child.crew}` !== event.actorId || !isAlive(child)) continue;
        noteExit(draft, child, { kind: 'crash', cause: causeOf(event.error) });
      }
    }),

    reportStarted: provided.enqueueActions(({ context, enqueue }) => {
      const { parent, id = '', run = 0 } = context;
      if (parent) enqueue.sendTo(parent, { type: 'child.started', id, run });
    }),
  },
  guards: {
    hasNoMoreToStop: ({ context: { plan, roster } }) =>
      plan.awaited === undefined && plan.done === plan.stop.length && roster.killed === 0,
    hasToStop: ({ context: { plan } }) => plan.awaited === undefined && plan.done < plan.stop.length,
    hasToStart: ({ context: { plan } }) => plan.awaited === undefined && plan.done < plan.start.length,
    hasFailedStart: ({ context }) => context.plan.failed !== undefined,
    hasFailedTooOften: ({ context }) => context.plan.failed !== undefined && isExhausted(context),
    hasStarted: ({ context: { plan } }) => plan.awaited === undefined && plan.done === plan.start.length,

    hasNewFirst: ({ context }) => firstOf(context)?.state === 'waiting',
    hasNothingToRestart: ({ context }) => {
      const first = firstOf(context);
      const isDue = first?.state === 'exited' && first.exit !== undefined && isToRestart(first.restart, first.exit);
      return context.backlog.length > 0 && !isDue;
    },
    isOverIntensity: ({ context }) => context.backlog.length > 0 && isExhausted(context),
    isForOne: ({ context }) => {
      const [first] = context.backlog;
      return first !== undefined && isAlone(planFor(context, first));
    },
    hasBacklog: ({ context }) => context.backlog.length > 0,

    isEmpty: ({ context }) => context.roster.alive === 0,
    isEmptyAndFailed: ({ context }) => context.roster.alive === 0 && context.verdict?.kind === 'crash',
  },
});

/** How a supervisor ended. It never ends without a verdict; the default only satisfies the types. */
export function verdictOf({ verdict = { kind: 'shutdown' } }: SupervisorContext): Exit {
  return verdict;
}

function idsOf({ roster }: SupervisorContext): string[] {
  return [...childrenOf(roster)].map(({ id }) => id);
}
