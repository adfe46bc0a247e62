import type { ChildCounts, PoolState, StrategyName, SupervisorState } from '../../machines/index.ts';
import type { ChildStatus } from './status.ts';

/** What the supervisor above knows; absent at the root. */
export interface Supervised extends Partial<Pick<ChildStatus, 'restart' | 'shutdown' | 'restarts' | 'lastExit'>> {
  /** It has started, and has not ended. */
  active?: boolean;
}

/** A pool in a tree. */
export interface PoolTree extends Supervised {
  type: 'pool';
  id: string;
  name: string;
  /** E.g. `root/git`. */
  path: string;
  state: PoolState;
  /** Processes, dying ones included. */
  size: number;
  idle: number;
  busy: number;
  /** Requests that wait. */
  queued: number;
}

/** A supervisor in a tree, with all that is below it. */
export interface SupervisorTree extends Supervised {
  type: 'supervisor';
  id: string;
  name: string;
  /** E.g. `root/o365`. */
  path: string;
  state: SupervisorState;
  strategy: StrategyName;
  intensity: number;
  /** ms */
  period: number;
  /** Restarts of children that count now. */
  recentRestarts: number;
  count: ChildCounts;
  /** Why it gave up. */
  lastError?: string;
  /** In start order. */
  children: (PoolTree | SupervisorTree)[];
  /** A line for each pool and supervisor; `console.log` prints it too. Not enumerable. */
  toString(): string;
}
