import {
  childrenOf,
  countsOf,
  recentRestarts,
  type Child,
  type ChildCounts,
  type ChildState,
  type ChildType,
  type ExitKind,
  type RestartType,
  type Shutdown,
  type SupervisorState,
} from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import type { CheckedSupervisor } from '../options/supervisor-options.ts';
import type { Standing } from './standing.ts';

/** One child, as its supervisor sees it. */
export interface ChildStatus {
  id: string;
  type: ChildType;
  /** `waiting`: to be started when its turn comes; `killed`: by force, and not gone yet; `stopped`: until somebody starts it. */
  state: ChildState;
  restart: RestartType;
  shutdown: Shutdown;
  /** How often it was started again. */
  restarts: number;
  /** How it last ended. */
  lastExit?: { reason: ExitKind; cause?: string };
}

/** What `status()` of a supervisor gives: plain data, a copy. */
export interface SupervisorStatus {
  name: string;
  path: string;
  state: SupervisorState;
  /** OTP's `count_children`. */
  count: ChildCounts;
  /** Those that count now. */
  restarts: number;
  /** Why it gave up. */
  lastError?: ShellwrightError;
  children: ChildStatus[];
}

/** What a status is made of. */
export interface Observed {
  readonly options: CheckedSupervisor;
  readonly standing: Standing;
}

export function statusOf({ options, standing }: Observed): SupervisorStatus {
  const { error, path, state, view } = standing;
  return {
    name: options.name,
    path,
    state,
    count: countsOf(view.roster),
    restarts: restartsOf({ options, standing }),
    ...(error && { lastError: error }),
    children: childrenIn(standing),
  };
}

/** Every child, in start order. */
export function childrenIn(standing: Standing): ChildStatus[] {
  return Array.from(childrenOf(standing.view.roster), (child) => statusOfChild(child, standing));
}

/** How many restarts count now. */
export function restartsOf({ options, standing }: Observed): number {
  return recentRestarts(standing.view.restarts, performance.now(), options.period).length;
}

function statusOfChild(child: Child, standing: Standing): ChildStatus {
  const { id, type, state, restart, shutdown, restarts, exit } = child;
  return {
    id,
    type,
    state: state === 'stopped' && standing.returns(id) ? 'waiting' : state,
    restart,
    shutdown,
    restarts,
    ...(exit && { lastExit: { reason: exit.kind, ...(exit.cause !== undefined && { cause: exit.cause }) } }),
  };
}
