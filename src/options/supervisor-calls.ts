import * as v from 'valibot';
import { check, flag, milliseconds } from './check.ts';

/** Options of `supervisor.close`. */
export interface SupervisorCloseOptions {
  /** Milliseconds for everything to end; then all is killed at once. @default as long as each shutdown allows */
  timeout?: number | undefined;
  /** Do not wait: reject and kill at once. @default false */
  force?: boolean | undefined;
}

const closeSchema = v.strictObject({ timeout: v.optional(milliseconds, Infinity), force: v.optional(flag, false) });

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkSupervisorCloseOptions(options: unknown): { timeout: number; force: boolean } {
  return check(closeSchema, options ?? {}, 'supervisor.close');
}
