import type { ActorLogic, ActorRef, ErrorActorEvent, Snapshot } from 'xstate';
import type { StrategyName } from '../strategies/index.ts';
import type { RestartType } from '../strategies/strategy.ts';

/** The states of a supervisor. */
export type SupervisorState = 'starting' | 'running' | 'restarting' | 'closing' | 'closed' | 'failed';

/** What a child is. */
export type ChildType = 'pool' | 'supervisor';

/** Ms for a child to end in its own time; `brutal_kill`: none; `infinity`: as long as it takes. */
export type Shutdown = number | 'brutal_kill' | 'infinity';

/** One child, as its supervisor is told of it. */
export interface ChildSpec {
  /** Unique among its siblings; the last part of the child's path. */
  readonly id: string;
  readonly type: ChildType;
  readonly restart: RestartType;
  readonly shutdown: Shutdown;
}

/**
 * How a child ended: `normal` is its own `close()`, `shutdown` a stop that was asked for, `killed` one by force, `crash`
 * everything else.
 */
export type ExitKind = 'normal' | 'shutdown' | 'killed' | 'crash';

/** How something ended, and why in one short text. */
export interface Exit {
  readonly kind: ExitKind;
  readonly cause?: string;
}

/**
 * Where a child is: `waiting` to be started when the supervisor has time, `killed` by force and not gone yet, `exited`
 * with its restart still to be decided, `stopped` until somebody starts it.
 */
export type ChildState = 'waiting' | 'starting' | 'running' | 'stopping' | 'killed' | 'exited' | 'stopped';

/** What a supervisor remembers of a child; plain data. */
export interface Child extends ChildSpec {
  readonly state: ChildState;
  /** Counts its starts, from 1; what is said of an earlier run is not heard. */
  readonly run: number;
  /** Which crew hosts its actor. */
  readonly crew: number;
  /** It has reported that it started, and has not ended. */
  readonly up: boolean;
  /** Where its present start comes from: `added` and `asked` ones that fail are refused, others are tried again. */
  readonly origin: 'supervisor' | 'added' | 'asked';
  /** The number of the plan during which it was asked to end; that plan does not start it again. */
  readonly heldIn?: number;
  /** It leaves the list when it has ended. */
  readonly doomed: boolean;
  /** Starts after an end or a failed start. */
  readonly restarts: number;
  /** How it last ended. */
  readonly exit?: Exit;
}

/**
 * The children in start order, and their number by kind; immutable, as what a machine remembers has to be.
 *
 * Places are not moved when a child leaves; holes go when they are more than half.
 */
export interface Roster {
  readonly chunks: readonly (readonly (Child | undefined)[])[];
  /** Places by the hash of the id. */
  readonly index: readonly (readonly number[])[];
  /** Places, holes included. */
  readonly size: number;
  readonly specs: number;
  readonly supervisors: number;
  /** Children that are up. */
  readonly active: number;
  /** Children that have an actor. */
  readonly alive: number;
  /** Children that were killed and are not gone yet. */
  readonly killed: number;
}

/** How many children there are; the words are OTP's. */
export interface ChildCounts {
  readonly specs: number;
  /** Those that have started and not ended. */
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** What a child tells its supervisor, with the id and the run that it was started with. */
export type ChildReport =
  /** It is of use: the next may start. */
  | { type: 'child.started'; id: string; run: number }
  /** It is gone, with all that belonged to it; said once, the last thing it says. */
  | { type: 'child.exited'; id: string; run: number; kind: ExitKind; cause?: string };

/** What a supervisor tells a child. */
export type ChildOrder =
  /** End in your own time. */
  | { type: 'shutdown' }
  /** End at once. May follow `shutdown`. */
  | { type: 'kill' };

/** Who hears of a child. */
export type ChildParent = ActorRef<Snapshot<unknown>, ChildReport>;

/** What a child is started with. What else it needs it finds by its path. */
export interface ChildInput {
  readonly path: string;
  readonly id: string;
  readonly run: number;
  readonly parent: ChildParent;
}

/** Whatever can be a child: a pool, or another supervisor. */
export type ChildLogic = ActorLogic<Snapshot<unknown>, ChildOrder, ChildInput>;

/** What a supervisor machine is started with. */
export interface SupervisorInput {
  /** The actor's path, such as `root/o365`; its children are `root/o365/git` … */
  readonly path: string;
  /** Its own id and run in the supervisor above it, when it has one. */
  readonly id?: string;
  readonly run?: number;
  /** Who hears of its start and end; without it the machine runs alone. */
  readonly parent?: ChildParent;
  readonly strategy: StrategyName;
  /** Restarts within `period` that are borne; one more makes the supervisor give up. */
  readonly intensity: number;
  /** Ms. */
  readonly period: number;
  /** In start order, with unique ids. */
  readonly children: readonly ChildSpec[];
}

/** What a supervisor machine remembers; plain data but for `parent`. */
export interface SupervisorContext extends Omit<SupervisorInput, 'children'> {
  readonly roster: Roster;
  /** Crews that have been started. */
  readonly crews: number;
  /** When restarts of the last `period` were, by `now`; oldest first. */
  readonly restarts: readonly number[];
  /** The time as `readClock` last set it, in ms. */
  readonly now: number;
  /** Children to decide about or to start, by id, when nothing else is under way. */
  readonly backlog: readonly string[];
  /** Ms for the timer that is being set. */
  readonly shutdownTime: number;
  /** What is being carried out, and how far. */
  readonly plan: Plan;
  /** How it is to end. The first reason stays. */
  readonly verdict?: Exit;
}

/** A restart, start or end of several children under way. */
export interface Plan {
  /** Counts the plans. */
  readonly number: number;
  readonly stop: readonly string[];
  readonly start: readonly string[];
  /** How many of the list in work have been dealt with. */
  readonly done: number;
  /** The child that the plan waits for. */
  readonly awaited?: string;
  /** The child of `start` that did not start. */
  readonly failed?: string;
}

/** Every event of a supervisor machine. */
export type SupervisorEvent =
  | ChildReport
  | ChildOrder
  /** Its user closes it: a normal exit. */
  | { type: 'close' }
  /** A new child, last in the order. Ignored when the id is taken. */
  | { type: 'child.start'; spec: ChildSpec }
  /** Ends a child, which stays in the list unless it is temporary. */
  | { type: 'child.terminate'; id: string }
  /** Starts a child that is `stopped`. */
  | { type: 'child.restart'; id: string }
  /** Takes a child from the list, and ends it first if it lives. */
  | { type: 'child.delete'; id: string }
  /** Raised by the machine: a child has had its time to end. */
  | { type: 'child.expired'; id: string; run: number }
  /** Raised by the machine: a child's actor is of no more use. */
  | { type: 'child.gone'; id: string; run: number; crew: number }
  /** A crew failed: a defect of ours. */
  | ErrorActorEvent;
