import { availableParallelism } from 'node:os';
import * as v from 'valibot';
import type { InspectionEvent, Observer } from 'xstate';
import type { Secret } from '../commands/secret.ts';
import { bash } from '../dialects/bash.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { powershell } from '../dialects/powershell.ts';
import type { Logger } from '../events/log.ts';
import {
  check,
  count,
  countOrInfinity,
  expects,
  finiteMilliseconds,
  flag,
  milliseconds,
  optionsError,
  positiveCount,
  positiveCountOrInfinity,
  positiveMilliseconds,
  show,
} from './check.ts';
import { initStep, type InitStep } from './commands.ts';
import { hasMethods, inspector, logger } from './observers.ts';
import {
  invalidatePatterns,
  policy,
  redactions,
  type InvalidatePattern,
  type Pattern,
  type PolicyOptions,
} from './patterns.ts';
import { encoding, maxBuffer, overflow, type Encoding, type Overflow } from './exec-options.ts';
import { cwd, env, id } from './spawn.ts';
import { healthCheck, reset, validate, type HealthCheckOptions, type ResetOption, type Validate } from './upkeep.ts';

/** Wait between failed starts of shells: `initial · factor^n`, at most `max`, spread by ± `jitter` (0 to 1). */
export interface BackoffOptions {
  /** ms. @default 100 */
  initial?: number | undefined;
  /** ms. @default 30_000 */
  max?: number | undefined;
  /** @default 2 */
  factor?: number | undefined;
  /** A fraction. @default 0.2 */
  jitter?: number | undefined;
}

/** What happens when shells fail to start. */
export interface RestartOptions {
  /** Failed starts in a row that fail the pool. @default 5 */
  attempts?: number | undefined;
  /** Milliseconds after which a failed pool tries one shell again, on the next request. @default 30_000 */
  cooldown?: number | undefined;
  /** The waits between those tries. */
  backoff?: BackoffOptions | undefined;
}

/** What a shell remembers of its last commands. */
export interface HistoryOptions {
  /** Entries per shell. @default 20 */
  max?: number | undefined;
  /** Keep the output too. @default false */
  output?: boolean | undefined;
}

/** Options of `createPool`. */
export interface PoolOptions {
  /** In events, logs and results. @default 'shell' */
  name?: string | undefined;
  /** @default bash(), on Windows powershell() */
  shell?: Dialect | undefined;
  /** Shells kept at least. @default 0 */
  min?: number | undefined;
  /** Processes at most, dying ones included. @default os.availableParallelism() */
  max?: number | undefined;
  /** Idle shells kept ahead of demand, within `max`. @default 0 */
  spare?: number | undefined;
  /** Milliseconds after which an idle shell is ended, never below `min`. @default 60_000 */
  idleTimeout?: number | undefined;
  /** Requests that may wait; one more gets ERR_QUEUE_FULL. @default Infinity */
  maxQueue?: number | undefined;
  /** Milliseconds a request may wait for a shell. @default Infinity */
  acquireTimeout?: number | undefined;
  /** Of the shells. @default process.cwd() */
  cwd?: string | undefined;
  /** Added to the environment of the shells. BASH_ENV, ENV, BASH_FUNC_* and the like are always dropped. @default {} */
  env?: Record<string, string | Secret | undefined> | undefined;
  /** Whether the shells also get this process's environment. @default true */
  extendEnv?: boolean | undefined;
  /** POSIX user id of the shells. */
  uid?: number | undefined;
  /** POSIX group id of the shells. */
  gid?: number | undefined;
  /** Run in each new shell before it is available; a failure fails the start with ERR_INIT. @default [] */
  init?: InitStep[] | undefined;
  /** Run before a shell still in step is ended on purpose, within `destroyTimeout`; failures are ignored. @default [] */
  destroy?: InitStep[] | undefined;
  /** Milliseconds from spawn to available. @default 60_000 */
  initTimeout?: number | undefined;
  /** Milliseconds for `destroy`. @default 5_000 */
  destroyTimeout?: number | undefined;
  /** Commands of users after which a shell is replaced, between borrowers. @default Infinity */
  maxUses?: number | undefined;
  /** Milliseconds after which a shell is replaced, between borrowers; up to 2.5 % less, so that not all go at once. @default Infinity */
  maxLifetime?: number | undefined;
  /** Output that makes a shell invalid: the result still resolves, with `invalid`, and the shell is replaced. @default [] */
  invalidateOn?: InvalidatePattern[] | undefined;
  /** Asked before every borrow of a shell but its first, within `initTimeout`: `true` is yes, and after all else the shell is replaced. */
  validate?: Validate | undefined;
  /** Commands run at intervals in shells that nobody holds, whose output says whether they are well. @default no checks */
  healthCheck?: HealthCheckOptions | undefined;
  /** Done with a shell after every borrow, `exec` included: commands must succeed, within `initTimeout`. @default 'none' */
  reset?: ResetOption | undefined;
  /** Which commands may run; those of the other options are exempt. @default everything */
  policy?: PolicyOptions | undefined;
  /** What each shell remembers of its last commands, for `status()`. */
  history?: HistoryOptions | undefined;
  /** Masked in everything stored or sent, but not in `stdout` and `stderr` of a result: what a pattern matches, and the values of secrets. @default [] */
  redact?: (Pattern | Secret)[] | undefined;
  /** When shells fail to start: how often it is tried again, and how long it is waited in between. */
  restart?: RestartOptions | undefined;
  /** Milliseconds a command may run. @default Infinity */
  timeout?: number | undefined;
  /** Milliseconds a command may run without output. @default Infinity */
  noOutputTimeout?: number | undefined;
  /** Milliseconds between the interrupt of a command that is stopped and the kill of its shell. @default 5_000 */
  killGrace?: number | undefined;
  /** Bytes of output kept per stream. @default 16 MiB */
  maxBuffer?: number | undefined;
  /** @default 'head' */
  overflow?: Overflow | undefined;
  /** @default 'utf8' */
  encoding?: Encoding | undefined;
  /** Anything shaped like pino; false is silence. @default pino at 'warn' on stderr */
  logger?: Logger | false | undefined;
  /** An XState inspection observer, passed to createActor. */
  inspect?: ((event: InspectionEvent) => void) | Observer<InspectionEvent> | undefined;
}

const schema = v.strictObject({
  name: v.optional(
    expects<string>('a non-empty string without "/"', (value) => typeof value === 'string' && /^[^/\0]+$/.test(value)),
    'shell',
  ),
  shell: v.optional(
    expects<Dialect>('a dialect, e.g. bash()', (value) => hasMethods(value, 'driver', 'quote')),
    () => (process.platform === 'win32' ? powershell() : bash()),
  ),
  min: v.optional(count, 0),
  max: v.optional(positiveCount, () => availableParallelism()),
  spare: v.optional(count, 0),
  idleTimeout: v.optional(milliseconds, 60_000),
  maxQueue: v.optional(countOrInfinity, Infinity),
  acquireTimeout: v.optional(milliseconds, Infinity),
  cwd: v.optional(cwd),
  env: v.optional(env, {}),
  extendEnv: v.optional(flag, true),
  uid: v.optional(id),
  gid: v.optional(id),
  init: v.optional(v.array(initStep, 'an array'), () => []),
  destroy: v.optional(v.array(initStep, 'an array'), () => []),
  initTimeout: v.optional(milliseconds, 60_000),
  destroyTimeout: v.optional(finiteMilliseconds, 5_000),
  maxUses: v.optional(positiveCountOrInfinity, Infinity),
  maxLifetime: v.optional(positiveMilliseconds, Infinity),
  invalidateOn: v.optional(invalidatePatterns, () => []),
  validate: v.optional(validate),
  healthCheck: v.optional(healthCheck),
  reset: v.optional(reset, 'none'),
  policy: v.optional(policy),
  history: v.optional(v.strictObject({ max: v.optional(count, 20), output: v.optional(flag, false) }), {}),
  redact: v.optional(redactions, () => []),
  restart: v.optional(
    v.strictObject({
      attempts: v.optional(positiveCount, 5),
      cooldown: v.optional(milliseconds, 30_000),
      backoff: v.optional(
        v.strictObject({
          initial: v.optional(finiteMilliseconds, 100),
          max: v.optional(finiteMilliseconds, 30_000),
          factor: v.optional(
            expects<number>(
              'a number of at least 1',
              (value) => typeof value === 'number' && value >= 1 && value < Infinity,
            ),
            2,
          ),
          jitter: v.optional(
            expects<number>('a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1),
            0.2,
          ),
        }),
        {},
      ),
    }),
    {},
  ),
  timeout: v.optional(milliseconds, Infinity),
  noOutputTimeout: v.optional(positiveMilliseconds, Infinity),
  killGrace: v.optional(finiteMilliseconds, 5_000),
  maxBuffer: v.optional(maxBuffer, 16 * 1024 * 1024),
  overflow: v.optional(overflow, 'head'),
  encoding: v.optional(encoding, 'utf8'),
  logger: v.optional(logger),
  inspect: v.optional(inspector),
});

/** The options of a pool, checked and with their defaults. */
export type CheckedPoolOptions = v.InferOutput<typeof schema>;

/**
 * Checks every option before anything starts; unknown ones are refused by name.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function checkPoolOptions(options: unknown, where = 'createPool'): CheckedPoolOptions {
  const given = check(schema, options ?? {}, where);
  // An explicit min above the default max raises it: one option should be enough to ask for many shells.
  const checked =
    (options as PoolOptions | undefined)?.max === undefined
      ? { ...given, max: Math.max(given.max, given.min, given.spare) }
      : given;
  for (const key of ['min', 'spare'] as const) {
    if (checked[key] > checked.max)
      throw optionsError(
        `Expected the \`${key}\` option of ${where} to be at most \`max\` (${checked.max}), got ${show(checked[key])}`,
      );
  }
  if (checked.validate && checked.reset === 'respawn')
    throw optionsError(
      `Expected no \`validate\` option of ${where} beside \`reset: 'respawn'\`, which lends every shell once: it would never be asked`,
    );
  return checked;
}
