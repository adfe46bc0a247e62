import {
  createActor,
  fromCallback,
  fromPromise,
  type Actor,
  type ActorRef,
  type EventObject,
  type InspectionEvent,
  type Snapshot,
} from 'xstate';
import {
  poolMachine,
  shellMachine,
  type CheckTimes,
  type PoolEvent,
  type PoolInput,
  type PoolState,
  type ShellContext,
  type ShellSlot,
  type ShellState,
} from '../../machines/index.ts';
import type { CheckedPoolOptions } from '../options/pool-options.ts';
import { outside } from '../process/outside.ts';
import type { Tell } from './shell-roles.ts';

/** One run of a pool's machine. */
export type PoolActor = ActorRef<Snapshot<unknown>, PoolEvent>;

/** The effects of one shell, found by the path of its actor. */
export interface ShellEffects {
  spawn(): Promise<void>;
  initialize(): Promise<void>;
  teardown(graceful: boolean): Promise<void>;
  enter(state: ShellState, context: ShellContext): void;
  dispose(): void;
}

/** The effects of the machine of one pool, found by the path of its actor. */
export interface PoolEffects {
  /** The runtime of a new shell. */
  create(path: string, slot: ShellSlot, tell: Tell): ShellEffects;
  enter(state: PoolState, actor: PoolActor): void;
  fail(cause: string | undefined, fatal: boolean): void;
  /** Ends an idle shell, if it is still free. */
  reap(slot: ShellSlot): void;
  /** The health of the shell is to be checked when nobody holds it. */
  check(slot: ShellSlot): void;
  crashed(slot: ShellSlot, cause: string): void;
  /** It is to end at once, by order of its supervisor. */
  hurry(): void;
}

/** The actor of a pool of its own. It is not started yet. */
export function createPoolActor(
  options: CheckedPoolOptions,
  effects: PoolEffects,
  inspect?: (event: InspectionEvent) => void,
): Actor<typeof poolMachine> {
  return createActor(poolLogic(new Map([[options.name, effects]])), {
    id: options.name,
    clock,
    ...(inspect && { inspect }),
    input: poolInput(options.name, options),
  });
}

/** The pool machine with every effect provided, those of the pools that the map has: machines carry paths, never handles. */
export function poolLogic(pools: ReadonlyMap<string, PoolEffects>): typeof poolMachine {
  const shells = new Map<string, ShellEffects>();
  const poolAt = (path: string): PoolEffects => at(pools, path);

  const shell = shellMachine.provide({
    actors: {
      process: fromCallback<EventObject, { path: string }>(({ input, sendBack }) => {
        const end = input.path.lastIndexOf('/');
        const slot = input.path.slice(end + 1) as ShellSlot;
        const runtime = poolAt(input.path.slice(0, end)).create(input.path, slot, sendBack);
        shells.set(input.path, runtime);
        void outside(() => runtime.spawn());
        return () => {
          runtime.dispose();
          if (shells.get(input.path) === runtime) shells.delete(input.path);
        };
      }),
      initialize: fromPromise<void, { path: string }>(({ input }) => at(shells, input.path).initialize()),
      teardown: fromPromise<void, { path: string; graceful: boolean }>(({ input }) =>
        at(shells, input.path).teardown(input.graceful),
      ),
    },
    actions: {
      // `spawning` is entered before the process actor is there, and `destroyed` after it is gone.
      announce: ({ context }, { state }) => shells.get(context.path)?.enter(state, context),
    },
  });

  return poolMachine.provide({
    actors: { shell },
    actions: {
      announce: ({ context, self }, { state }) => poolAt(context.path).enter(state, self),
      fail: ({ context }, { cause, fatal }) => poolAt(context.path).fail(cause, fatal),
      reap: ({ context }, { slot }) => poolAt(context.path).reap(slot),
      check: ({ context }, { slot }) => poolAt(context.path).check(slot),
      crashed: ({ context }, { slot, cause }) => poolAt(context.path).crashed(slot, cause),
      abandon: ({ context }) => poolAt(context.path).hurry(),
    },
  });
}

/** What the machine of a pool is started with. */
export function poolInput(path: string, options: CheckedPoolOptions): PoolInput {
  const { min, max, spare, idleTimeout, initTimeout, restart, healthCheck } = options;
  return { path, min, max, spare, idleTimeout, initTimeout, restart, health: healthCheck && checkTimes(healthCheck) };
}

/** Only the times: a machine carries no commands. */
function checkTimes({ interval, timeout }: CheckTimes): CheckTimes {
  return { interval, timeout };
}

/** Timers of the machines neither keep Node alive nor carry a caller's async context. */
export const clock = {
  setTimeout: (run: (...args: unknown[]) => void, ms: number): NodeJS.Timeout =>
    outside(() => setTimeout(run, ms).unref()),
  clearTimeout: (id: NodeJS.Timeout): void => clearTimeout(id),
};

function at<Effects>(all: ReadonlyMap<string, Effects>, path: string): Effects {
  const effects = all.get(path);
  if (!effects) throw new Error(`Nothing runs at ${path}`);
  return effects;
}
