import { createActor, fromCallback, fromPromise, SimulatedClock, type ActorRef, type Snapshot } from 'xstate';
import { expect } from 'vitest';
import { shellMachine, type ProcessEvent, type ShellInput, type ShellReport } from '../../machines/index.ts';

/** Lets promises that are already settled be heard. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

interface Script {
  input?: Partial<ShellInput>;
  initialize?: () => Promise<void>;
  teardown?: (graceful: boolean) => Promise<void>;
}

/** A shell with a parent that listens, a process that speaks on demand, and time that moves on demand. */
export function startShell({ input, initialize = async () => {}, teardown = async () => {} }: Script = {}) {
  const clock = new SimulatedClock();
  const reports: ShellReport[] = [];
  const teardowns: boolean[] = [];
  const tell: { process?: (event: ProcessEvent) => void } = {};
  const parent = createActor(fromCallback<ShellReport>(({ receive }) => receive((report) => reports.push(report))));
  parent.start();
  let disposed = false;
  const machine = shellMachine.provide({
    actors: {
      process: fromCallback<{ type: string }, { path: string }>(({ sendBack }) => {
        tell.process = sendBack;
        return () => {
          disposed = true;
        };
      }),
      initialize: fromPromise<void, { path: string }>(initialize),
      teardown: fromPromise<void, { path: string; graceful: boolean }>(({ input: { graceful } }) => {
        teardowns.push(graceful);
        return teardown(graceful);
      }),
    },
  });
  const actor = createActor(machine, {
    clock,
    input: {
      path: 'pool/shell.0',
      slot: 'shell.0',
      idleTimeout: 1000,
      initTimeout: 500,
      parent: parent as unknown as ActorRef<Snapshot<unknown>, ShellReport>,
      ...input,
    },
  });
  actor.start();
  return {
    actor,
    clock,
    reports,
    teardowns,
    process: (event: ProcessEvent) => tell.process?.(event),
    heard: () => reports.map(({ type }) => type),
    isDisposed: () => disposed,
  };
}

export const never = () => new Promise<void>(() => {});
export const spawned: ProcessEvent = { type: 'process.spawned', pid: 42 };

export async function startIdleShell(script?: Script) {
  const shell = startShell(script);
  shell.process(spawned);
  await settled();
  expect(shell.actor.getSnapshot().value).toEqual({ idle: 'free' });
  return shell;
}
