import type { ActorRef, ErrorActorEvent, Snapshot } from 'xstate';
import type { RemovalReason } from '../reasons.ts';
import type { ShellSlot } from '../slots.ts';

/** The states of a shell, in the order of its life. */
export type ShellState = 'spawning' | 'initializing' | 'idle' | 'busy' | 'invalid' | 'destroying' | 'destroyed';

/** What a shell tells its pool. That it is gone is XState's to tell: `xstate.done.actor.*`, with its output. */
export type ShellReport =
  /** It is idle for the first time. */
  | { type: 'shell.ready'; slot: ShellSlot }
  /** Its borrower has let go, and it is idle again. */
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
  | { type: 'shell.idleTimeout'; slot: ShellSlot };

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
  /** The borrower lets go. */
  | { type: 'return' }
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
  | ErrorActorEvent;

/** How a shell ended; the output of its machine, once its process group is gone. */
export interface ShellOutput {
  readonly reason: RemovalReason;
  readonly failedStart: boolean;
}
