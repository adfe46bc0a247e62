import * as v from 'valibot';
import type { Secret } from '../commands/secret.ts';
import { abortSignal, check, expects, milliseconds, optionsError, show } from './check.ts';
import { priority } from './exec-options.ts';
import { variables } from './variables.ts';

/** Options of `pool.session`. `cwd` and `env` are for a session that is made by the call: one that lives keeps its state. */
export interface SessionOptions {
  /** Milliseconds without a command after which the session ends; a call that gives it changes it. @default 600_000 */
  idleTimeout?: number | undefined;
  /** Folder in which a new session begins. */
  cwd?: string | undefined;
  /** Variables set in a new session and exported; `undefined` unsets one. @default {} */
  env?: Record<string, string | Secret | undefined> | undefined;
  /** Milliseconds to wait for a shell that is set up; then ERR_ACQUIRE_TIMEOUT. @default the pool's */
  acquireTimeout?: number | undefined;
  /** Ends the waiting with ERR_ABORTED. */
  signal?: AbortSignal | undefined;
  /** Higher goes first. @default 0 */
  priority?: number | undefined;
}

const isText = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

const schema = v.strictObject({
  idleTimeout: v.optional(milliseconds),
  cwd: v.optional(expects<string>('a non-empty string', (value) => isText(value) && value !== '')),
  env: v.optional(variables('an object of strings without NUL, with names of letters, digits and _', isName), {}),
  acquireTimeout: v.optional(milliseconds),
  signal: v.optional(abortSignal),
  priority: v.optional(priority),
});

/** Names that begin with `__sw` are the driver's own. */
function isName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__sw');
}

/** Checked, with defaults; `idleTimeout` has none, since a session that lives may have one. */
export type CheckedSessionOptions = v.InferOutput<typeof schema>;

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkSessionOptions(options: unknown): CheckedSessionOptions {
  return check(schema, options ?? {}, 'pool.session');
}

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkKey(key: unknown): string {
  if (typeof key !== 'string' || key === '')
    throw optionsError(`Expected the key of pool.session to be a non-empty string, got ${show(key)}`);
  return key;
}
