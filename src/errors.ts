import type { ResultFields, Truncation } from './execution/fields.ts';

/** Every code that an error of this library can carry, with what it means. `docs/errors.md` says what to do about each. */
export const errorCodes = {
  ERR_OPTIONS: 'an option, a command or a value is not what was expected; nothing was started',
  ERR_SPAWN: 'the shell process could not be started',
  ERR_INIT: 'the shell started but did not become ready, or an init step failed',
  ERR_TIMEOUT: 'the command ran longer than its timeout',
  ERR_ABORTED: 'the command was stopped by its AbortSignal, abort() or kill()',
  ERR_MAX_BUFFER: 'the output exceeded maxBuffer with overflow: "kill"',
  ERR_OUTPUT: 'the output is not what was asked for: truncated, or not JSON',
  ERR_POLICY: 'the command is not allowed by the policy',
  ERR_QUEUE_FULL: 'maxQueue requests are waiting already',
  ERR_ACQUIRE_TIMEOUT: 'no shell became free within acquireTimeout',
  ERR_SESSION_LOST: 'the shell of the session is gone',
  ERR_SESSION_RELEASED: 'the session was released before',
  ERR_PROTOCOL: 'the shell no longer answers as its dialect should',
  ERR_POOL_CLOSED: 'the pool or supervisor is closing or closed',
  ERR_POOL_FAILED: 'shells failed to start too often in a row, or a supervisor gave up',
  ERR_COMMAND_FAILED: 'the command ended with a status other than 0, or by a signal, and reject was set',
} as const;

/** A stable error code: compare it, do not parse messages. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * The rung of the ladder that ended a stopped command: `interrupt` is SIGINT to the foreground, `kill` is SIGTERM or
 * SIGKILL to what it runs and, where `stateLost`, to its shell. */
export type Rung = 'interrupt' | 'kill';

/** What an error says beyond its code and message. */
export interface ErrorDetails {
  /** False: nothing ran, so it is safe to try again. */
  started?: boolean;
  cause?: unknown;
  /** ERR_TIMEOUT: which of the two limits was reached. */
  kind?: 'run' | 'noOutput';
  /** ERR_TIMEOUT, ERR_ABORTED: which rung ended the command. */
  rung?: Rung;
  /** ERR_TIMEOUT, ERR_ABORTED: whether the shell, and with it the state, was lost. */
  stateLost?: boolean;
}

/** The one error class. Where a command had begun it also has the result's fields, with the output so far. */
export class ShellwrightError extends Error implements Partial<ResultFields<string | Buffer>> {
  override readonly name = 'ShellwrightError' as const;
  readonly code: ErrorCode;
  readonly started: boolean;
  declare readonly kind?: 'run' | 'noOutput';
  declare readonly rung?: Rung;
  declare readonly stateLost?: boolean;
  // The fields of a result: as execa does, an error has the shape of the result that it stands for.
  declare readonly id?: string;
  declare readonly command?: string;
  declare readonly exitCode?: number;
  declare readonly signal?: NodeJS.Signals;
  declare readonly value?: unknown;
  declare readonly stdout?: string | Buffer;
  declare readonly stderr?: string | Buffer;
  declare readonly failed?: boolean;
  declare readonly shellExited?: boolean;
  declare readonly truncated?: false | Truncation;
  declare readonly durationMs?: number;
  declare readonly waitMs?: number;
  declare readonly startedAt?: number;
  declare readonly invalid?: string;
  declare readonly meta?: Readonly<Record<string, unknown>>;
  declare readonly pool?: string;
  declare readonly shellId?: string;
  declare readonly pid?: number;
  declare readonly sessionId?: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, result?: ResultFields<string | Buffer>) {
    const { cause, started = result !== undefined, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    if (result) Object.assign(this, result);
    Object.assign(this, rest);
    this.code = code;
    this.started = started;
  }
}

/** True for an error of this library, also for one of another copy of it in the same process. */
export function isShellwrightError(error: unknown): error is ShellwrightError {
  return error instanceof Error && error.name === 'ShellwrightError' && 'code' in error;
}

/** The text of anything thrown, for messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
