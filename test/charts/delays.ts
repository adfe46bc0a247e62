import {
  createActor,
  type AnyActorLogic,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
} from 'xstate';

/** Which delay's end an event tells of. */
export interface NamedDelays {
  /** The delay's name for an event that the state hears; undefined for one that no timer sends. */
  of(event: string, state: AnyStateNode): string | undefined;
}

/** What a machine is started with and told, so that every one of its actions has something to do. */
export interface Probe {
  readonly input: unknown;
  readonly events: readonly AnyEventObject[];
}

/** A timer as an action arms it. */
interface Timer {
  readonly action: string;
  readonly event: string;
  readonly delay: string;
}

/**
 * The machines arm timers by actions (`raise` with a named delay), so no `after` says which event ends which delay. The actions are
 * asked: each is called with a recorder, in every context that the probe leads to.
 */
export function delaysOf(machine: AnyStateMachine, probe: Probe): NamedDelays {
  const timers = timersOf(machine, contextsOf(machine, probe), probe.events);
  return {
    of(event, state) {
      const armed = timers.filter((timer) => timer.event === event);
      // The same event may end two delays; then the state's own entry says which.
      const here = armed.filter(({ action }) => state.entry.some((entry) => nameOf(entry) === action));
      const names = new Set((here.length > 0 ? here : armed).map(({ delay }) => delay));
      return names.size > 0 ? [...names].join(', ') : undefined;
    },
  };
}

function contextsOf(machine: AnyStateMachine, { input, events }: Probe): unknown[] {
  const actor = createActor(machine as AnyActorLogic, { input });
  const contexts: unknown[] = [];
  actor.subscribe((snapshot: AnyMachineSnapshot) => contexts.push(snapshot.context));
  actor.start();
  for (const event of events) actor.send(event);
  actor.stop();
  return contexts;
}

function timersOf(machine: AnyStateMachine, contexts: unknown[], events: Probe['events']): Timer[] {
  const timers = new Map<string, Timer>();
  for (const [action, implementation] of Object.entries(machine.implementations.actions)) {
    if (implementation === undefined || !('collect' in implementation)) continue;
    const collect = implementation.collect as (args: object, params: object) => void;
    const enqueue = Object.assign(() => {}, {
      ...Object.fromEntries(queued.map((name) => [name, () => {}])),
      raise: ({ type }: { type: string }, options?: { delay?: unknown }) => {
        if (typeof options?.delay !== 'string') return;
        timers.set(`${action} ${type} ${options.delay}`, { action, event: type, delay: options.delay });
      },
    });
    for (const context of contexts) {
      for (const event of events) collect({ context, event, enqueue, check: () => true, self: {} }, {});
    }
  }
  return [...timers.values()];
}

const queued = ['assign', 'cancel', 'emit', 'sendParent', 'sendTo', 'spawnChild', 'stopChild'];

function nameOf(action: unknown): string {
  return typeof action === 'string' ? action : ((action as { type?: string }).type ?? '');
}
