import { type Rung, ShellwrightError } from '../errors.ts';
import { maskedFields } from '../masking/copies.ts';
import type { Mask } from '../masking/mask.ts';
import type { Capture } from './capture.ts';
import type { ResultFields } from './fields.ts';
import type { ExecResult } from './result.ts';
import type { Settings } from './settings.ts';
import type { End, Runner, StopReason } from './task-roles.ts';

type Output = string | Buffer;

/** How a task ended: with a result, or with an error that may have begun. */
export type Outcome =
  | { result: ExecResult<Output>; error?: undefined }
  | { result: ExecResult<Output>; error: ShellwrightError };

/** A task, for what is told of it. */
export interface Told {
  readonly id: string;
  readonly text: string;
  readonly mask: Mask | undefined;
  readonly settings: Settings;
  readonly pool: string;
  readonly sessionId: string | undefined;
  readonly stdout: Capture;
  readonly stderr: Capture;
  readonly value: Capture | undefined;
  readonly runner: Runner | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Of `performance.now()`. */
  readonly queuedAt: number;
  readonly begunAt: number;
  readonly waitMs: number;
}

/**
 * What comes of a task that ends so.
 * @param reason why it was stopped, or ended otherwise than the command made it
 * @param rung that was used to stop it
 */
export function outcomeOf(task: Told, end: End, reason: StopReason | undefined, rung: Rung | undefined): Outcome {
  const result: ExecResult<Output> = fieldsOf(task, end);
  if (!reason) return { result };
  const { code, message, ...details } = reason;
  const started = task.runner !== undefined && end.unstarted !== true;
  const stopped =
    started && code !== 'ERR_PROTOCOL' ? { rung: end.rung ?? rung, stateLost: end.stateLost ?? end.shellExited } : {};
  const { mask } = task;
  result.error = new ShellwrightError(
    code,
    mask ? mask.text(message) : message,
    { ...details, started, ...stopped },
    started ? (mask ? maskedFields(result, mask) : result) : undefined,
  );
  return { result, error: result.error };
}

/** What is known so far, also after the end. */
export function fieldsOf(task: Told, { exitCode, value, signal, shellExited, invalid }: End): ResultFields<Output> {
  const { runner, sessionId } = task;
  const { encoding, meta } = task.settings;
  const stdout = task.stdout.read(encoding);
  const stderr = task.stderr.read(encoding);
  const omittedOfValue = task.value?.read('utf8').omitted ?? 0;
  const now = performance.now();
  // Of every command: assignments cost a tenth of what spreading as many objects does.
  const fields = { id: task.id, command: task.text } as ResultFields<Output>;
  if (exitCode !== undefined) fields.exitCode = exitCode;
  if (signal !== undefined) fields.signal = signal;
  if (value !== undefined) fields.value = value;
  fields.stdout = stdout.output;
  fields.stderr = stderr.output;
  fields.failed = exitCode !== 0;
  fields.shellExited = shellExited;
  fields.truncated = stdout.omitted + stderr.omitted + omittedOfValue > 0 && {
    stdout: stdout.omitted,
    stderr: stderr.omitted,
    ...(omittedOfValue > 0 && { value: omittedOfValue }),
  };
  fields.durationMs = runner ? now - task.begunAt : 0;
  fields.waitMs = runner ? task.waitMs : now - task.queuedAt;
  fields.startedAt = task.startedAt;
  if (invalid !== undefined) fields.invalid = invalid;
  if (meta !== undefined) fields.meta = meta;
  fields.pool = task.pool;
  if (runner) {
    fields.shellId = runner.slot;
    fields.pid = runner.pid;
  }
  if (sessionId !== undefined) fields.sessionId = sessionId;
  return fields;
}

/** The error for `reject: true`, and of `text()`, `lines()` and `json()`. */
export function commandFailed(result: ExecResult<Output>, mask: Mask | undefined): ShellwrightError {
  const how = result.signal ? `its shell died of ${result.signal}` : `exit code ${result.exitCode}`;
  const fields = mask ? maskedFields(result, mask) : result;
  const text = fields.stderr.toString().trim();
  const said = text === '' ? '' : `\n${text.length > 500 ? text.slice(-500) : text}`;
  return new ShellwrightError(
    'ERR_COMMAND_FAILED',
    `The command failed with ${how}: ${result.command}${said}`,
    { started: true },
    fields,
  );
}
