import * as v from 'valibot';
import { abortSignal, check, expects, flag, milliseconds, oneOf, positiveCountOrInfinity } from './check.ts';

/** Which part of an output above `maxBuffer` is kept; `'kill'` stops the command instead. */
export type Overflow = 'head' | 'tail' | 'middle' | 'kill';

/** `'utf8'` gives strings (invalid bytes become U+FFFD), `'buffer'` gives Buffers. */
export type Encoding = 'utf8' | 'buffer';

/** Options of one command. */
export interface ExecOptions {
  /** Milliseconds from the first byte written to the shell; then the command is stopped with ERR_TIMEOUT. @default the pool's */
  timeout?: number | undefined;
  /** Milliseconds in the queue; then ERR_ACQUIRE_TIMEOUT. @default the pool's */
  acquireTimeout?: number | undefined;
  /** Aborts the command, queued or running, with ERR_ABORTED. */
  signal?: AbortSignal | undefined;
  /** `true`: reject also when the command failed. `false`: never reject; the result has `error`. @default rejects only when the command could not run or was stopped */
  reject?: boolean | undefined;
  /** Higher goes first; first in, first out within it. @default 0 */
  priority?: number | undefined;
  /** Bytes kept per stream. @default the pool's */
  maxBuffer?: number | undefined;
  /** What is kept above `maxBuffer`. @default the pool's */
  overflow?: Overflow | undefined;
  /** @default the pool's */
  encoding?: Encoding | undefined;
  /** Who and what for, e.g. `{ user: 'a' }`: copied to the result, the events, the history and the log. */
  meta?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of `acquire` and `use`. */
export interface AcquireOptions {
  /** Milliseconds to wait for a shell; then ERR_ACQUIRE_TIMEOUT. @default the pool's */
  acquireTimeout?: number | undefined;
  /** Ends the waiting with ERR_ABORTED. */
  signal?: AbortSignal | undefined;
  /** Higher goes first. @default 0 */
  priority?: number | undefined;
}

export const overflow = oneOf('head', 'tail', 'middle', 'kill');
export const encoding = oneOf('utf8', 'buffer');
export const maxBuffer = positiveCountOrInfinity;
export const priority = expects<number>(
  'a finite number',
  (value) => typeof value === 'number' && Number.isFinite(value),
);

const acquireEntries = {
  acquireTimeout: v.optional(milliseconds),
  signal: v.optional(abortSignal),
  priority: v.optional(priority),
};
const acquireSchema = v.strictObject(acquireEntries);
const execSchema = v.strictObject({
  ...acquireEntries,
  timeout: v.optional(milliseconds),
  reject: v.optional(flag),
  maxBuffer: v.optional(maxBuffer),
  overflow: v.optional(overflow),
  encoding: v.optional(encoding),
  meta: v.optional(
    expects<Readonly<Record<string, unknown>>>(
      'an object',
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    ),
  ),
});

const none: Readonly<ExecOptions> = Object.freeze({});

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkExecOptions(options: unknown, where: string): Readonly<ExecOptions> {
  return options === undefined ? none : check(execSchema, options, where);
}

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkAcquireOptions(options: unknown, where: string): Readonly<AcquireOptions> {
  return options === undefined ? none : check(acquireSchema, options, where);
}
