import type { Secret } from '../commands/secret.ts';
import type { ErrorCode, Rung } from '../errors.ts';
import type { Mask } from '../masking/mask.ts';
import type { Stoppable } from './ladder.ts';
import type { Settings } from './settings.ts';

export type StreamName = 'stdout' | 'stderr';
/** Where a command is: waiting for a shell, written to one, being stopped, or over. */
export type ExecutionState = 'queued' | 'running' | 'stopping' | 'ended';

/** Why we stop a command. */
export interface StopReason {
  code: ErrorCode;
  message: string;
  cause?: unknown;
  kind?: 'run' | 'noOutput';
}

/** What runs tasks: a shell. */
export interface Runner extends Stoppable {
  readonly slot: string;
  readonly pid: number;
  pauseOutput(): void;
  resumeOutput(): void;
}

/** How the shell's side of a command ended. */
export interface End {
  exitCode?: number | undefined;
  /** What its last expression gave, where the shell tells. */
  value?: unknown;
  signal?: NodeJS.Signals | undefined;
  shellExited: boolean;
  /** The rung that was used, and whether the state is lost: for errors. */
  rung?: Rung | undefined;
  stateLost?: boolean;
  /** Why the shell is out of use, though the command ended as it should. */
  invalid?: string | undefined;
  /** The shell could not begin it. */
  unstarted?: boolean;
  /** The end is not one the command made, and this is why. */
  error?: StopReason;
}

export interface TaskInit {
  id: string;
  /** As everybody may see it. */
  text: string;
  /** As the shell gets it, where that is not the same. */
  script?: string | undefined;
  secrets?: readonly Secret[] | undefined;
  mask?: Mask | undefined;
  settings: Settings;
  pool: string;
  sessionId?: string | undefined;
  /** All it does is done in a subshell. */
  apart?: boolean;
  /** Somebody observes it: keep the caller's async context. */
  observed: boolean;
}
