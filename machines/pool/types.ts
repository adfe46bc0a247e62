import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { CheckTimes, ShellOutput, ShellReport } from '../shell/types.ts';
import type { ShellSlot } from '../slots.ts';
import type { ChildOrder, ChildParent, Exit } from '../supervisor/types.ts';

/** The states of a pool. */
export type PoolState = 'starting' | 'ready' | 'saturated' | 'failed' | 'closing' | 'closed';

/** What lives in a slot. All but `empty` count against `max`. */
export type SlotState = 'empty' | 'starting' | 'idle' | 'busy' | 'ending';

/** How long to wait after failed starts. */
export interface Backoff {
  /** Ms after the first failure. */
  readonly initial: number;
  /** Ms that no wait exceeds, jitter aside. */
  readonly max: number;
  /** By how much each wait is longer than the one before. */
  readonly factor: number;
  /** The part of the wait, 0 to 1, that chance adds or takes away. */
  readonly jitter: number;
}

/** What happens when shells do not start. */
export interface RestartPolicy {
  /** Failed starts in a row that make the pool give up; at least 1. */
  readonly attempts: number;
  /** Ms for which a failed pool starts nothing; `Infinity`: for good. */
  readonly cooldown: number;
  readonly backoff: Backoff;
}

/** What a pool machine is started with. */
export interface PoolInput {
  /** The actor's path, such as `root/git`; its shells are `root/git/shell.0` … */
  readonly path: string;
  /** Shells that are kept, needed or not. */
  readonly min: number;
  /** Processes that may exist at once, dying ones included; at least 1. */
  readonly max: number;
  /** Idle shells kept ahead of demand, within `max`. */
  readonly spare: number;
  /** Ms without a borrower after which a shell above `min` is retired; `Infinity`: never. */
  readonly idleTimeout: number;
  /** Ms for the whole start of a shell; `Infinity`: no limit. */
  readonly initTimeout: number;
  /** When shells have their health checked; without it they never have. */
  readonly health?: CheckTimes | undefined;
  readonly restart: RestartPolicy;
  /** Its own id and run in the supervisor above it, when it has one. */
  readonly id?: string;
  readonly run?: number;
  /** The supervisor, which hears of its start, and starts it again where it gives up; without it a pool is its own. */
  readonly parent?: ChildParent;
}

/** What a pool machine remembers; plain data but for `parent`. */
export interface PoolContext extends PoolInput {
  /** One entry for each of the `max` slots. An array, because copying an object of 500 keys costs 80 µs a report. */
  readonly slots: readonly SlotState[];
  /** Failed starts in a row; those that began before one of them was counted are not counted again. */
  readonly failures: number;
  /** `failures` as it was when the shell of a slot became ready: an early death takes its success back. */
  readonly streaks: Readonly<Partial<Record<ShellSlot, number>>>;
  /**
   * Slots whose shells had begun when the last failure was counted: where they fail too, it is that same failure. Of many that are started
   * together, some may fail for one and the same reason.
   */
  readonly elders: readonly ShellSlot[];
  /** No start that began after the last failure has succeeded yet: one shell is tried at a time. */
  readonly cautious: boolean;
  /** The last failed start was one that no further attempt can better. */
  readonly fatal: boolean;
  /** Why the last start failed, in one short text. */
  readonly cause?: string;
  /** Requests that wait, as last told and counted down since. */
  readonly waiting: number;
  /** No shell is started before `retry`. */
  readonly backingOff: boolean;
  /** One shell is tried after a failure of the pool. */
  readonly probing: boolean;
  /** Plain code says that requests wait and no shell can be had for them. */
  readonly full: boolean;
  /** Its supervisor knows that it has started. */
  readonly reported: boolean;
  /** How it is to end. The first reason stays. */
  readonly verdict?: Exit;
}

/** Every event of a pool machine. */
export type PoolEvent =
  | ShellReport
  | ChildOrder
  /** So many requests wait; sent while more wait than shells start, and with 0 when nothing waits any more. */
  | { type: 'demand'; waiting: number }
  /** Requests wait, and every shell is taken. */
  | { type: 'saturate' }
  /** That is over. */
  | { type: 'drain' }
  /** No new work comes; what waits is still served. */
  | { type: 'close' }
  /** End every shell: in its own time, or by force. A second one may be more forceful. */
  | { type: 'stop'; graceful: boolean }
  /** Raised by the machine: look whether shells are to be started. */
  | { type: 'fill' }
  /** Raised by the machine when the backoff is over. */
  | { type: 'retry' }
  /** Raised by the machine when `cooldown` is over. */
  | { type: 'cooled' }
  /** A shell's process group is gone. */
  | DoneActorEvent<ShellOutput, ShellSlot>
  /** A shell's machine has failed. */
  | ErrorActorEvent<unknown, ShellSlot>;
