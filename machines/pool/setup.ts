import { assign, cancel, raise, sendTo, setup, stopChild } from 'xstate';
import { clampDelay, isBounded } from '../delays.ts';
import { shellMachine } from '../shell.machine.ts';
import type { ShellEvent } from '../shell/types.ts';
import type { ShellSlot } from '../slots.ts';
import type { Exit } from '../supervisor/types.ts';
import { backoffDelay } from './backoff.ts';
import { emptySlots, hasSurplus, isStaffed, isUp, shellsToStart, takenSlots, withSlot } from './census.ts';
import { afterFailure, afterStart, afterSuccess, halfOpen, isElder, isHopeless } from './failures.ts';
import type { PoolContext, PoolEvent, PoolInput, PoolState, SlotState } from './types.ts';

const base = setup({
  types: {} as {
    context: PoolContext;
    events: PoolEvent;
    input: PoolInput;
    output: Exit;
    children: { [slot: ShellSlot]: 'shell' };
  },
  actors: {
    /** One shell. Bare by default; provide the machine with its own effects provided. */
    shell: shellMachine,
  },
  delays: {
    /** Chance is not I/O, but it is not for tests: they provide a delay without it. */
    backoff: ({ context }) => clampDelay(backoffDelay(context.restart.backoff, context.failures, Math.random())),
    cooldown: ({ context }) => clampDelay(context.restart.cooldown),
  },
});

/** Makes an action that starts what {@link shellsToStart} says, each in the first empty slot. */
const startShells = (onlyForWaiting: boolean) =>
  base.enqueueActions(({ context, enqueue, self }) => {
    const { path, idleTimeout, initTimeout, health } = context;
    const begun = emptySlots(context.slots, shellsToStart(context, onlyForWaiting));
    let { slots } = context;
    for (const slot of begun) {
      slots = withSlot(slots, slot, 'starting');
      const input = { path: `${path}/${slot}`, slot, parent: self, idleTimeout, initTimeout, health };
      enqueue.spawnChild('shell', { id: slot, input });
    }
    if (begun.length > 0) enqueue.assign({ slots, ...afterStart(context, begun) });
  });

/** The names that the pool machine's chart uses, and what they do. */
export const poolSetup = base.extend({
  actions: {
    /** Publishes the state just entered. Nothing by default; an implementation must not throw. */
    announce: (_args, _params: { state: PoolState }) => {},
    /**
     * The pool gives up: whoever waits is to be told why, but for those whom the shells that live can serve; not even for them when it is
     * `fatal`. Nothing by default; must not throw.
     */
    fail: (_args, _params: { cause: string | undefined; fatal: boolean }) => {},
    /** A shell's machine has failed and its process may live: it is to be killed. Nothing by default; must not throw. */
    crashed: (_args, _params: { slot: ShellSlot; cause: string }) => {},
    /** It is to end at once: who has work in it is to be told, and then it is to be told to stop. Nothing by default; must not throw. */
    abandon: () => {},
    /** Retires an idle shell that is not needed. An implementation takes it from the free list first, or lets it be. */
    reap: sendTo((_, { slot }: { slot: ShellSlot }) => slot, { type: 'retire', reason: 'idle-timeout' }),

    /** A shell's health is to be checked when nobody holds it. Nothing by default; must not throw. */
    check: (_args, _params: { slot: ShellSlot }) => {},

    place: assign(({ context }, { slot, state }: { slot: ShellSlot; state: SlotState }) => ({
      slots: withSlot(context.slots, slot, state),
    })),
    // What a new shell is for need not be started for again.
    noteReady: assign(({ context }, { slot }: { slot: ShellSlot }) => ({
      ...afterSuccess(context, slot),
      slots: withSlot(context.slots, slot, 'idle'),
      waiting: Math.max(0, context.waiting - 1),
    })),
    noteFailure: assign(({ context }, { slot, ...failure }: { slot: ShellSlot; cause?: string; fatal: boolean }) => ({
      ...afterFailure(context, slot, failure),
      slots: withSlot(context.slots, slot, 'ending'),
    })),
    noteDemand: assign((_, { waiting }: { waiting: number }) => ({ waiting })),
    noteFull: assign((_, { full }: { full: boolean }) => ({ full })),
    halfOpen: assign(({ context }) => halfOpen(context)),

    /** Looks once more whether shells are to be started; a state in which none may be does not listen. */
    refill: raise({ type: 'fill' }),
    fill: startShells(false),
    fillForWaiting: startShells(true),
    // The finished child goes before its slot is used again: XState keeps it otherwise.
    dismiss: stopChild((_, { slot }: { slot: ShellSlot }) => slot),
    tellAll: base.enqueueActions(({ context, event, enqueue }) => {
      const graceful = event.type === 'stop' && event.graceful;
      const order: ShellEvent = graceful
        ? { type: 'retire', reason: 'pool-closed' }
        : { type: 'kill', reason: 'pool-killed' };
      for (const slot of takenSlots(context.slots)) enqueue.sendTo(slot, order);
    }),

    armRetry: base.enqueueActions(({ context, enqueue }) => {
      if (isHopeless(context)) return;
      enqueue.cancel('retry');
      enqueue.raise({ type: 'retry' }, { delay: 'backoff', id: 'retry' });
      enqueue.assign({ backingOff: true });
    }),
    disarmRetry: cancel('retry'),
    endBackoff: assign({ backingOff: false }),
    forgetDemand: assign({ waiting: 0, backingOff: false }),
    armCooldown: base.enqueueActions(({ context, enqueue }) => {
      // When a supervised pool is tried again is its supervisor's to say.
      if (context.parent || !isBounded(context.restart.cooldown)) return;
      enqueue.raise({ type: 'cooled' }, { delay: 'cooldown', id: 'cooldown' });
    }),
    disarmCooldown: cancel('cooldown'),

    // The first verdict stands: what follows is only its consequence.
    judge: assign(({ context }, verdict: Exit) => (context.verdict ? {} : { verdict })),
    judgeFailure: assign(({ context: { parent, verdict, cause } }) =>
      parent && !verdict ? { verdict: { kind: 'crash' as const, cause } } : {},
    ),
    // It did not end in the time that it was given.
    judgeKill: assign(({ context: { verdict } }) =>
      verdict?.kind === 'crash' ? {} : { verdict: { kind: 'killed' as const } },
    ),
    reportStarted: base.enqueueActions(({ context, enqueue }) => {
      const { parent, id = '', run = 0 } = context;
      enqueue.assign({ reported: true });
      if (parent) enqueue.sendTo(parent, { type: 'child.started', id, run });
    }),
  },
  guards: {
    isHopeless: ({ context }) => isHopeless(context),
    isStaffed: ({ context }) => isStaffed(context),
    isSupervised: ({ context }) => context.parent !== undefined,
    isToReport: ({ context }) => context.parent !== undefined && !context.reported && isUp(context),
    isFull: ({ context }) => context.full,
    isNotFull: ({ context }) => !context.full,
    isEmpty: ({ context }) => takenSlots(context.slots).length === 0,
    hasSurplus: ({ context }) => hasSurplus(context),
    isFailedStart: (_, { failedStart }: { failedStart: boolean }) => failedStart,
    isElder: ({ context }, { slot }: { slot: ShellSlot }) => isElder(context, slot),
    isElderFailing: ({ context }, { slot, failedStart }: { slot: ShellSlot; failedStart: boolean }) =>
      failedStart && isElder(context, slot),
    isWanted: (_, { waiting }: { waiting: number }) => waiting > 0,
  },
});

/** How a pool ended. It never ends without a verdict; the default only satisfies the types. */
export function exitOf({ verdict = { kind: 'normal' } }: PoolContext): Exit {
  return verdict;
}
