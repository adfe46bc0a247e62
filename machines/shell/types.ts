import type { ActorRef, ErrorActorEvent, Snapshot } from 'xstate';
import type { RemovalReason } from '../reasons.ts';
import type { ShellSlot } from '../slots.ts';

/** The states of a shell, in the order of its life. */
export type ShellState = 'spawning' | 'initializing' | 'idle' | 'busy' | 'invalid' | 'destroying' | 'destroyed';

/** When the health of a shell is checked. */
export interface CheckTimes {
  /** Ms from one check to the next; less by chance, so that not all shells are checked at once. */
  readonly interval: number;
  /** Ms that one check may take. */
  readonly timeout: number;
}

/** What a shell tells its pool. That it is gone is XState's to tell: `xstate.done.actor.*`, with its output. */
export type ShellReport =
  /** It is idle for the first time. */
  | { type: 'shell.ready'; slot: ShellSlot }
  /** It is free again: its borrower has let go, and nobody waits for it. */
  | { type: 'shell.idle'; slot: ShellSlot }
  /** Somebody has borrowed it. */
  | { type: 'shell.busy'; slot: ShellSlot }
  /** It must not run another command. `fatal`: another start would fail as well; `failedStart`: it was never of use. */
  | {
      type: 'shell.invalid';
      slot: ShellSlot;
      reason: RemovalReason;
      cause?: string;
      fatal: boolean;
      failedStart: boolean;
    }
  /** It is being ended, planned or not; it counts against `max` and nothing else. */
  | { type: 'shell.ending'; slot: ShellSlot; reason: RemovalReason }
  /** Nobody has borrowed it for `idleTimeout`; repeated after every further `idleTimeout`. */
  | { type: 'shell.idleTimeout'; slot: ShellSlot }
  /** Its health is to be checked as soon as nobody holds it. */
  | { type: 'shell.checkDue'; slot: ShellSlot };

/** The pool above a shell, or whatever else wants its reports. */
export type ShellParent = ActorRef<Snapshot<unknown>, ShellReport>;

/** What a shell machine is started with. */
export interface ShellInput {
  /** The actor's path, such as `root/git/shell.0`; effects find their runtime by it. */
  readonly path: string;
  /** Its place in the pool. */
  readonly slot: ShellSlot;
  /** Who gets the reports; without it the machine runs alone. */
  readonly parent?: ShellParent;
  /** Ms without a borrower after which it reports `shell.idleTimeout`; `Infinity`: never. */
  readonly idleTimeout: number;
  /** Ms for spawning and initializing together; `Infinity`: no limit. */
  readonly initTimeout: number;
  /** Without it its health is never checked. */
  readonly health?: CheckTimes | undefined;
}

/** What a shell machine remembers; plain data, safe to print, but for `parent`. */
export interface ShellContext extends ShellInput {
  /** The process id, once there is one. */
  readonly pid?: number;
  /** Why it leaves; the first reason stays. */
  readonly reason?: RemovalReason;
  /** More on the reason, in one short text. */
  readonly cause?: string;
  /** Another start would fail as well. */
  readonly fatal: boolean;
  /** It ended unbidden before it was of use. */
  readonly failedStart: boolean;
  /** It was in step when its end was decided, so it may run its `destroy` commands. */
  readonly graceful: boolean;
  /** Somebody holds it; survives `invalid` until the borrower lets go. */
  readonly borrowed: boolean;
  /** It has been idle at least once. */
  readonly served: boolean;
  /** `idleTimeout` was over when it was idle but not free. */
  readonly overdue: boolean;
}

/** What the `process` actor tells the machine. */
export type ProcessEvent =
  /** The process runs. */
  | { type: 'process.spawned'; pid: number }
  /** It could not be started. `fatal`: no such program, no permission, no such cwd. */
  | { type: 'process.failed'; cause: string; fatal: boolean }
  /** It has ended. `early`: within 1 s of its first idle moment and without finishing a command. */
  | { type: 'process.exited'; early: boolean; cause?: string };

/** Every event of a shell machine. */
export type ShellEvent =
  | ProcessEvent
  /** A borrower takes it. */
  | { type: 'borrow' }
  /** The borrower lets go, or what was done with the idle shell is done: it is free. */
  | { type: 'return' }
  /** Nobody holds it for now: it is asked whether it may be borrowed, its health is checked, or what a borrower left is undone. */
  | { type: 'validate' | 'check' | 'reset' }
  /** It must not run another command; it ends when its borrower lets go. */
  | { type: 'invalidate'; reason: RemovalReason; cause?: string }
  /** A planned end: politely when idle, at once otherwise. */
  | { type: 'retire'; reason: RemovalReason }
  /** An end at once, from any state. */
  | { type: 'kill'; reason: RemovalReason }
  /** Raised by the machine when `initTimeout` is over. */
  | { type: 'start.expired' }
  /** Raised by the machine when `idleTimeout` is over. */
  | { type: 'idle.expired' }
  /** Raised by the machine when a health check is due. */
  | { type: 'check.due' }
  /** Raised by the machine when validating, checking or resetting has taken too long. */
  | { type: 'upkeep.expired' }
  | ErrorActorEvent;

/** How a shell ended; the output of its machine, once its process group is gone. */
export interface ShellOutput {
  readonly reason: RemovalReason;
  readonly failedStart: boolean;
}
