import { Readable } from 'node:stream';
import * as v from 'valibot';
import { Secret } from '../commands/secret.ts';
import type { Input } from '../execution/input.ts';
import {
  abortSignal,
  check,
  expects,
  flag,
  isWellFormed,
  milliseconds,
  oneOf,
  optionsError,
  plainObject,
  positiveCountOrInfinity,
  positiveMilliseconds,
  show,
} from './check.ts';

/** Which part of an output above `maxBuffer` is kept; `'kill'` stops the command instead. */
export type Overflow = 'head' | 'tail' | 'middle' | 'kill';

/** `'utf8'` gives strings (invalid bytes become U+FFFD), `'buffer'` gives Buffers. */
export type Encoding = 'utf8' | 'buffer';

/** Options of one command. */
export interface ExecOptions {
  /** Milliseconds from the first byte written to the shell; then the command is stopped with ERR_TIMEOUT. @default the pool's */
  timeout?: number | undefined;
  /** Milliseconds without output, on either stream, while the command runs; then it is stopped with ERR_TIMEOUT. @default the pool's */
  noOutputTimeout?: number | undefined;
  /** Milliseconds in the queue; then ERR_ACQUIRE_TIMEOUT. @default the pool's */
  acquireTimeout?: number | undefined;
  /** stdin of the command: text, bytes, a stream, a secret, or `'open'` for what is written to `run.stdin`. @default nothing: its end at once */
  input?: Input | undefined;
  /** The folder it runs in, seen from the shell's own; the shell is back there when the command has ended. @default the shell's own */
  cwd?: string | undefined;
  /** Variables exported to this command only. @default {} */
  env?: Readonly<Record<string, string | Secret>> | undefined;
  /** stderr into stdout, in the order in which it was written. @default false */
  merge?: boolean | undefined;
  /** `'json'`: what it puts out, objects and lines, as `value` of the result, a list; only in `powershell()`. @default 'text' */
  output?: 'text' | 'json' | undefined;
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

/** What a shell can be given unchanged: see `assertText`. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && !value.includes('\0') && isWellFormed(value);
const folder = expects<string>(
  'a non-empty string, well-formed and without NUL',
  (value) => isText(value) && value !== '',
);
const environment = v.pipe(
  plainObject as v.GenericSchema<Record<string, string | Secret>>,
  v.record(
    expects<string>('the name of a variable', (name) => /^(?!__sw)[A-Za-z_]\w*$/.test(String(name))),
    expects<string | Secret>(
      'a string, well-formed and without NUL, or a secret',
      (value) => value instanceof Secret || isText(value),
    ),
  ),
);
const input = expects<Input>(
  "a string (well-formed), bytes, a secret, a Readable stream that is still to be read, or 'open'",
  (value) =>
    (typeof value === 'string' && isWellFormed(value)) ||
    value instanceof Uint8Array ||
    value instanceof Secret ||
    (value instanceof Readable && value.readable),
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
  noOutputTimeout: v.optional(positiveMilliseconds),
  input: v.optional(input),
  cwd: v.optional(folder),
  env: v.optional(environment),
  merge: v.optional(flag),
  output: v.optional(oneOf('text', 'json')),
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

const noSecrets: readonly Secret[] = [];
const none: Readonly<ExecOptions> = Object.freeze({});

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkExecOptions(options: unknown, where: string): Readonly<ExecOptions> {
  return options === undefined ? none : check(execSchema, options, where);
}

/** The secrets that a command is given besides those in its text. */
export function secretsIn({ input, env }: Readonly<ExecOptions>): readonly Secret[] {
  if (input === undefined && env === undefined) return noSecrets;
  return [input, ...Object.values(env ?? {})].filter((value) => value instanceof Secret);
}

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkAcquireOptions(options: unknown, where: string): Readonly<AcquireOptions> {
  return options === undefined ? none : check(acquireSchema, options, where);
}

/** One input for several commands: what flows would be read by the first. @throws {ShellwrightError} ERR_OPTIONS */
export function checkBatchInput(options: unknown, where: string): void {
  const { input } = (options ?? {}) as { input?: unknown };
  if (input === 'open' || input instanceof Readable)
    throw optionsError(
      `Expected the \`input\` option of ${where} to be a string or bytes, which every command reads anew, got ${show(input)}`,
    );
}
