import type { PoolState, ShellState } from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import type { HistoryEntry } from './history.ts';

/** A command that runs. */
export interface RunningCommand {
  id: string;
  /** Clipped to 1,000 characters. */
  command: string;
  /** Epoch ms. */
  startedAt: number;
}

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
  /** The command that runs in it now. */
  running?: RunningCommand;
  /** The key of the session that holds it. */
  sessionKey?: string;
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
