import { createActor, fromCallback, fromPromise, type Actor, type EventObject } from 'xstate';
import {
  poolMachine,
  shellMachine,
  type CheckTimes,
  type PoolState,
  type ShellContext,
  type ShellSlot,
  type ShellState,
} from '../../machines/index.ts';
import type { CheckedPoolOptions } from '../options/pool-options.ts';
import { outside } from '../process/outside.ts';
import type { Tell } from './shell.ts';

/** The effects of one shell, found by the path of its actor. */
export interface ShellEffects {
  spawn(): Promise<void>;
  initialize(): Promise<void>;
  teardown(graceful: boolean): Promise<void>;
  enter(state: ShellState, context: ShellContext): void;
  dispose(): void;
}

/** The effects of the pool's machine. */
export interface PoolEffects {
  /** The runtime of a new shell. */
  create(path: string, slot: ShellSlot, tell: Tell): ShellEffects;
  enter(state: PoolState): void;
  fail(cause: string | undefined, fatal: boolean): void;
  /** Ends an idle shell, if it is still free. */
  reap(slot: ShellSlot): void;
  /** The health of the shell is to be checked when nobody holds it. */
  check(slot: ShellSlot): void;
  crashed(slot: ShellSlot, cause: string): void;
}

/** The actor of a pool, with every effect provided. It is not started yet. */
export function createPoolActor(options: CheckedPoolOptions, effects: PoolEffects): Actor<typeof poolMachine> {
  /** By path: machines carry paths, never handles. */
  const shells = new Map<string, ShellEffects>();
  const runtimeOf = (path: string): ShellEffects => {
    const shell = shells.get(path);
    if (!shell) throw new Error(`No shell runs at ${path}`);
    return shell;
  };

  const shell = shellMachine.provide({
    actors: {
      process: fromCallback<EventObject, { path: string }>(({ input, sendBack }) => {
        const slot = input.path.slice(input.path.lastIndexOf('/') + 1) as ShellSlot;
        const runtime = effects.create(input.path, slot, sendBack);
        shells.set(input.path, runtime);
        void outside(() => runtime.spawn());
        return () => {
          runtime.dispose();
          if (shells.get(input.path) === runtime) shells.delete(input.path);
        };
      }),
      initialize: fromPromise<void, { path: string }>(({ input }) => runtimeOf(input.path).initialize()),
      teardown: fromPromise<void, { path: string; graceful: boolean }>(({ input }) =>
        runtimeOf(input.path).teardown(input.graceful),
      ),
    },
    actions: {
      // `spawning` is entered before the process actor is there, and `destroyed` after it is gone.
      announce: ({ context }, { state }) => shells.get(context.path)?.enter(state, context),
    },
  });

  return createActor(
    poolMachine.provide({
      actors: { shell },
      actions: {
        announce: (_, { state }) => effects.enter(state),
        fail: (_, { cause, fatal }) => effects.fail(cause, fatal),
        reap: (_, { slot }) => effects.reap(slot),
        check: (_, { slot }) => effects.check(slot),
        crashed: (_, { slot, cause }) => effects.crashed(slot, cause),
      },
    }),
    {
      id: options.name,
      clock,
      ...(options.inspect && { inspect: options.inspect }),
      input: {
        path: options.name,
        min: options.min,
        max: options.max,
        spare: options.spare,
        idleTimeout: options.idleTimeout,
        initTimeout: options.initTimeout,
        health: options.healthCheck && checkTimes(options.healthCheck),
        restart: options.restart,
      },
    },
  );
}

/** Only the times: a machine carries no commands. */
function checkTimes({ interval, timeout }: CheckTimes): CheckTimes {
  return { interval, timeout };
}

/** Timers of the machines neither keep Node alive nor carry a caller's async context. */
const clock = {
  setTimeout: (run: (...args: unknown[]) => void, ms: number): NodeJS.Timeout =>
    outside(() => setTimeout(run, ms).unref()),
  clearTimeout: (id: NodeJS.Timeout): void => clearTimeout(id),
};
