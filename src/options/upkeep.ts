import * as v from 'valibot';
import { longestDelay } from '../../machines/delays.ts';
import type { Command } from '../commands/command.ts';
import type { ExecResult } from '../execution/result.ts';
import type { IdleShell } from '../pool/access.ts';
import { expects, plainObject } from './check.ts';
import { commandLike } from './commands.ts';
import { invalidatePatterns, type InvalidatePattern } from './patterns.ts';

/** Says whether a shell may be borrowed once more: `true` is yes; anything else, a throw or a rejection is no. */
export type Validate = (shell: IdleShell) => boolean | Promise<boolean>;

/** One command of a health check. */
export interface HealthCommand {
  command: string | Command;
  /** Output that speaks against the shell; the status of the command does not. @default [] */
  invalidateOn?: InvalidatePattern[] | undefined;
  /** Asked where no pattern speaks against it: `true` is for the shell; anything else, or a throw, against it. */
  accept?: ((result: ExecResult<string | Buffer>) => boolean) | undefined;
}

/** How shells that nobody holds are checked. */
export interface HealthCheckOptions {
  /** Milliseconds from one check of a shell to its next. @default 30_000 */
  interval?: number | undefined;
  /** Milliseconds that one check may take; then the shell is replaced. @default 5_000 */
  timeout?: number | undefined;
  /** Run in the shell itself, in this order; at least one. */
  commands: HealthCommand[];
}

/** What is done when a borrower has let go: nothing, another shell takes its place, or commands that must succeed. */
export type ResetOption = 'none' | 'respawn' | (string | Command)[];

const timerDelay = expects<number>(
  `a positive number of milliseconds, at most ${longestDelay}`,
  (value) => typeof value === 'number' && value > 0 && value <= longestDelay,
);

export const validate = expects<Validate>('a function', (value) => typeof value === 'function');

export const healthCheck = v.pipe(
  plainObject,
  v.strictObject({
    interval: v.optional(timerDelay, 30_000),
    timeout: v.optional(timerDelay, 5_000),
    commands: someOf(
      v.strictObject({
        command: commandLike,
        invalidateOn: v.optional(invalidatePatterns, () => []),
        accept: v.optional(
          expects<NonNullable<HealthCommand['accept']>>('a function', (value) => typeof value === 'function'),
        ),
      }),
      'a non-empty array of { command, invalidateOn, accept }',
    ),
  }),
);

/** Checked options of health checks. */
export type CheckedHealthCheck = v.InferOutput<typeof healthCheck>;

const resets = "'none', 'respawn' or a non-empty array of commands";
const resetCommands = someOf(commandLike, resets);
const resetWord = expects<'none' | 'respawn'>(resets, (value) => value === 'none' || value === 'respawn');

export const reset = v.lazy((given): v.GenericSchema<ResetOption> =>
  Array.isArray(given) ? resetCommands : resetWord,
);

function someOf<Item extends v.GenericSchema>(item: Item, expected: string) {
  return v.pipe(
    v.array(item, expected),
    v.check((items) => items.length > 0, expected),
  );
}
