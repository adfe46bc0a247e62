import * as v from 'valibot';
import { abortSignal, check, flag, milliseconds } from './check.ts';

/** Options of `pool.close`. */
export interface CloseOptions {
  /** Milliseconds for accepted work to end. @default 10_000 */
  timeout?: number | undefined;
  /** Do not wait: reject and kill at once. @default false */
  force?: boolean | undefined;
}

/** Options of `pool.ready`. */
export interface ReadyOptions {
  /** Ends the waiting with ERR_ABORTED. */
  signal?: AbortSignal | undefined;
}

const closeSchema = v.strictObject({ timeout: v.optional(milliseconds, 10_000), force: v.optional(flag, false) });
const readySchema = v.strictObject({ signal: v.optional(abortSignal) });

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkCloseOptions(options: unknown): { timeout: number; force: boolean } {
  return check(closeSchema, options ?? {}, 'pool.close');
}

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkReadyOptions(options: unknown, where = 'pool.ready'): ReadyOptions {
  return check(readySchema, options ?? {}, where);
}
