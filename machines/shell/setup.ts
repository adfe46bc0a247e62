import { assign, cancel, fromCallback, fromPromise, setup, type EventObject } from 'xstate';
import { clampDelay, isBounded } from '../delays.ts';
import type { RemovalReason } from '../reasons.ts';
import type { ShellContext, ShellEvent, ShellInput, ShellOutput, ShellReport, ShellState } from './types.ts';

/** Why a shell is to leave, and what that says about it. */
export interface Verdict {
  reason: RemovalReason;
  cause?: string;
  /** Another start would fail as well. */
  fatal?: boolean;
  /** It was never of use, and nobody wished its end. */
  failedStart?: boolean;
  /** It is in step, so its `destroy` commands can run. */
  graceful?: boolean;
}

const base = setup({
  types: {} as { context: ShellContext; events: ShellEvent; input: ShellInput; output: ShellOutput },
  actors: {
    /** Owns the OS process and sends the `process.*` events; its disposer kills what is left. */
    process: fromCallback<EventObject, { path: string }>(() => {}),
    /** Makes a new shell ready for its first command; rejects with `fatal: true` when no other will do better. */
    initialize: fromPromise<void, { path: string }>(async () => {}),
    /** Ends the process; resolves when its whole group is gone. */
    teardown: fromPromise<void, { path: string; graceful: boolean }>(async () => {}),
  },
  delays: {
    initTimeout: ({ context }) => clampDelay(context.initTimeout),
    idleTimeout: ({ context }) => clampDelay(context.idleTimeout),
    checkTimeout: ({ context }) => clampDelay(context.health?.timeout ?? Infinity),
    /** Chance is not I/O, but it is not for tests: they provide a delay without it. */
    checkInterval: ({ context: { health, served } }) =>
      clampDelay(untilCheck(health?.interval ?? Infinity, !served, Math.random())),
  },
});

/** Makes an action that reports to the parent, and does nothing where the machine runs alone. */
const report = (toReport: (context: ShellContext) => ShellReport) =>
  base.enqueueActions(({ context, enqueue }) => {
    if (context.parent) enqueue.sendTo(context.parent, toReport(context));
  });

/** The names that the shell machine's chart uses, and what they do. */
export const shellSetup = base.extend({
  actions: {
    /** Publishes the state just entered. Nothing by default; an implementation must not throw. */
    announce: (_args, _params: { state: ShellState }) => {},

    // The first verdict stands: later ones are only its consequences.
    condemn: assign(({ context }, verdict: Verdict) => (context.reason === undefined ? verdict : {})),
    borrow: assign({ borrowed: true, overdue: false }),
    release: assign({ borrowed: false }),
    serve: assign({ served: true }),

    armStart: base.enqueueActions(({ context, enqueue }) => {
      if (isBounded(context.initTimeout)) {
        enqueue.raise({ type: 'start.expired' }, { delay: 'initTimeout', id: 'start' });
      }
    }),
    disarmStart: cancel('start'),
    armIdle: base.enqueueActions(({ context, enqueue }) => {
      enqueue.cancel('idle');
      if (isBounded(context.idleTimeout)) {
        enqueue.raise({ type: 'idle.expired' }, { delay: 'idleTimeout', id: 'idle' });
      }
    }),
    disarmIdle: cancel('idle'),
    noteOverdue: assign({ overdue: true }),
    tellOverdue: base.enqueueActions(({ context, enqueue }) => {
      if (!context.overdue) return;
      enqueue.assign({ overdue: false });
      enqueue.raise({ type: 'idle.expired' });
    }),
    armCheck: base.enqueueActions(({ context, enqueue }) => {
      if (!context.health) return;
      enqueue.cancel('check');
      enqueue.raise({ type: 'check.due' }, { delay: 'checkInterval', id: 'check' });
    }),
    disarmCheck: cancel('check'),
    armUpkeep: base.enqueueActions(({ context, enqueue }) => {
      if (!isBounded(context.initTimeout)) return;
      enqueue.raise({ type: 'upkeep.expired' }, { delay: 'initTimeout', id: 'upkeep' });
    }),
    armChecking: base.enqueueActions(({ context, enqueue }) => {
      if (context.health) enqueue.raise({ type: 'upkeep.expired' }, { delay: 'checkTimeout', id: 'upkeep' });
    }),
    disarmUpkeep: cancel('upkeep'),

    // One id for both: the state's handlers for `teardown` are then those of the second one too.
    forceTeardown: base.enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ graceful: false });
      enqueue.stopChild('teardown');
      enqueue.spawnChild('teardown', { id: 'teardown', input: { path: context.path, graceful: false } });
    }),

    reportIdle: report(({ served, slot }) => ({ type: served ? 'shell.idle' : 'shell.ready', slot })),
    reportBusy: report(({ slot }) => ({ type: 'shell.busy', slot })),
    reportIdleTimeout: report(({ slot }) => ({ type: 'shell.idleTimeout', slot })),
    reportCheckDue: report(({ slot }) => ({ type: 'shell.checkDue', slot })),
    reportInvalid: report((context) => ({ type: 'shell.invalid', ...verdictOf(context) })),
    reportEnding: report((context) => ({
      type: 'shell.ending',
      slot: context.slot,
      reason: verdictOf(context).reason,
    })),
  },
  guards: {
    isFree: ({ context }) => !context.borrowed,
    isGraceful: ({ context }) => context.graceful,
    isCondemned: ({ context }) => context.reason !== undefined,
    hasProcess: ({ context }) => context.pid !== undefined,
  },
});

/**
 * Ms to the next check. The first one falls anywhere in the interval, so that shells that started together are spread over it; the
 * others come up to a tenth early, so that shells that came free together do not stay together.
 *
 * @param random a number from 0 up to 1, such as `Math.random()`
 */
function untilCheck(interval: number, isFirst: boolean, random: number): number {
  return interval * (isFirst ? random : 1 - random / 10);
}

/** What is reported of a shell's end. A shell never leaves without a reason; the default only satisfies the types. */
export function verdictOf({ slot, reason = 'exited', cause, fatal, failedStart }: ShellContext) {
  return { slot, reason, cause, fatal, failedStart };
}
