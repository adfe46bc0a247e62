import type { PoolState, ShellState } from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import type { Bus } from '../events/bus.ts';
import type { HistoryEntry } from './history.ts';
import type { Shell } from './shell.ts';

/** One shell, as `status()` shows it. */
export interface ShellStatus {
  /** The slot, e.g. `shell.0`. */
  id: string;
  /** 0 until the process was started. */
  pid: number;
  state: ShellState;
  /** When it entered the state, epoch ms. */
  since: number;
  /** Commands of users that ended here. */
  uses: number;
  /** The last commands, the oldest first. */
  history: HistoryEntry[];
}

/** What `status()` gives: plain data, a copy. */
export interface PoolStatus {
  name: string;
  state: PoolState;
  /** Processes, dying ones included. */
  size: number;
  idle: number;
  busy: number;
  /** Requests that wait. */
  queued: number;
  /** Why the last failed start failed. */
  lastError?: ShellwrightError;
  shells: ShellStatus[];
}

/** The status of a pool of these shells. */
export function statusOf(
  all: readonly Shell[],
  { lastError, ...pool }: Pick<PoolStatus, 'name' | 'state' | 'queued' | 'lastError'>,
): PoolStatus {
  const shells = all.toSorted((a, b) => a.slot.localeCompare(b.slot, 'en', { numeric: true }));
  const inState = (state: ShellState): number => shells.filter((shell) => shell.state === state).length;
  return {
    name: pool.name,
    state: pool.state,
    size: shells.length,
    idle: inState('idle'),
    busy: inState('busy'),
    queued: pool.queued,
    ...(lastError && { lastError }),
    shells: shells.map(({ slot, pid, state, since, uses, history }) => ({
      id: slot,
      pid,
      state,
      since,
      uses,
      history: history.entries(),
    })),
  };
}

/** Publishes what a pool's new state says. */
export function publishState(bus: Bus, before: PoolState, state: PoolState, queued: number): void {
  if (state === 'ready' && before !== 'saturated') bus.publish('pool.ready', {});
  if (state === 'saturated') bus.publish('pool.saturated', { queued });
  if (state === 'ready' && before === 'saturated') bus.publish('pool.drained', {});
  if (state === 'closing') bus.publish('pool.closing', {});
  if (state === 'closed') bus.publish('pool.closed', {});
}
