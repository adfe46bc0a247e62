import * as v from 'valibot';
import { check, expects, flag, optionsError, show } from '../options/check.ts';
import { assertText } from './posix/quote.ts';
import type { Capabilities, Dialect, Driver, Fences, Phrases } from './dialect.ts';

/** What a dialect of your own is made of: `defineDialect`. */
export interface DialectDefinition {
  /** For messages and logs. */
  name: string;
  /** The program: a name looked up on the PATH, or a path. */
  path: string;
  /** Its arguments. @default [] */
  args?: readonly string[] | undefined;
  /** What its shells can do on this host. @default all false: a timeout then kills, with `stateLost` */
  capabilities?: Partial<Capabilities> | undefined;
  /** Environment for the shell, above the pool's own: undefined drops a variable. @default {} */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What stdin should be, where there is a choice: a program may read one in blocks and the other byte by byte. @default 'pipe' */
  stdin?: 'pipe' | 'socket' | undefined;
  /** Whether its driver frames `Extras`: otherwise a command that is given `input`, `cwd`, `env` or `merge` is refused. @default false */
  extras?: boolean | undefined;
  /** What stands between the items of a list in a template. @default ' ' */
  separator?: string | undefined;
  /** What is said in its language without a caller's text. @default those of a POSIX shell */
  phrases?: Phrases | undefined;
  /**
   * How to talk to one process of it: called for each.
   * @param secret what its markers are to be made of: letters and digits, a letter first
   * @param fences which of the two fences it is to write
   */
  driver: (secret: string, fences: Fences) => Driver;
  /** One word of the language that gives `value`, byte for byte. It is asked only for values without NUL and lone surrogates. */
  quote: (value: string) => string;
  /** Whether a value put after `text` would stand inside quotes, where it cannot be quoted. @default never */
  insideQuotes?: ((text: string) => boolean) | undefined;
}

/**
 * A dialect for a program of your own that reads commands and answers them: docs/defining-dialects.md.
 *
 * It is tried once, without the program, to see that what its driver gives can be told from output.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function defineDialect(definition: DialectDefinition): Dialect {
  const {
    args = [],
    capabilities = {},
    quote,
    insideQuotes = () => false,
    ...rest
  } = check(schema, definition, 'defineDialect()');
  const { signals = false, streamInput = false, localFiles = false } = capabilities;
  assertDriver(rest.driver);
  return {
    ...rest,
    args,
    capabilities: { signals, streamInput, localFiles },
    quote: (value: string) => {
      assertText(value, 'a value to quote');
      return quote(value);
    },
    insideQuotes,
  };
}

const text = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');
const functionOf = <T>(what: string): v.GenericSchema<T> =>
  expects<T>(`a function ${what}`, (value) => typeof value === 'function');
const nonEmptyText = expects<string>('a non-empty string without NUL', (value) => text(value) && value !== '');

const schema = v.strictObject({
  name: nonEmptyText,
  path: nonEmptyText,
  args: v.optional(
    expects<readonly string[]>('an array of strings without NUL', (value) => Array.isArray(value) && value.every(text)),
  ),
  capabilities: v.optional(
    v.strictObject({ signals: v.optional(flag), streamInput: v.optional(flag), localFiles: v.optional(flag) }),
  ),
  env: v.optional(
    expects<Record<string, string | undefined>>(
      'an object of strings and undefined',
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        Object.values(value).every((one) => one === undefined || text(one)),
    ),
  ),
  stdin: v.optional(
    expects<'pipe' | 'socket'>("'pipe' or 'socket'", (value) => value === 'pipe' || value === 'socket'),
  ),
  extras: v.optional(flag),
  separator: v.optional(expects<string>('a string without NUL', text)),
  phrases: v.optional(
    v.strictObject({
      nothing: expects<string>('a string without NUL', text),
      changeFolder: expects<Phrases['changeFolder']>(
        'two strings',
        (value) => Array.isArray(value) && value.length === 2 && value.every(text),
      ),
      setVariable: functionOf<Phrases['setVariable']>('that gives two strings'),
      unsetVariable: functionOf<Phrases['unsetVariable']>('that gives a string'),
      and: expects<string>('a string without NUL', text),
    }),
  ),
  driver: functionOf<DialectDefinition['driver']>('that gives a driver'),
  quote: functionOf<DialectDefinition['quote']>('that gives a string'),
  insideQuotes: v.optional(functionOf<(text: string) => boolean>('that gives a boolean')),
});

type Wrong = (what: string, expected: string, got: unknown) => never;

/** A marker that could be output, or that cannot be found, would be a hang or a wrong result later. */
function assertDriver(make: DialectDefinition['driver']): void {
  const secret = `s${'0123456789abcdef'.repeat(2).slice(0, 24)}`;
  const wrong: Wrong = (what, expected, got) => {
    throw optionsError(`Expected ${what} of the driver of defineDialect() to be ${expected}, got ${show(got)}`);
  };
  for (const fences of ['both', 'stdout'] as const) {
    const driver: Partial<Driver> | undefined = make(secret, fences);
    if (typeof driver !== 'object' || driver === null) return wrong('what is made', 'an object', driver);
    if (typeof driver.boot !== 'string') wrong('`boot`', 'a string', driver.boot);
    for (const name of ['frame', 'marker', 'report', 'afterInterrupt'] as const)
      if (typeof driver[name] !== 'function') wrong(`\`${name}\``, 'a function', driver[name]);
    assertAnswers(driver as Driver, secret, wrong);
  }
}

function assertAnswers(driver: Driver, secret: string, wrong: Wrong): void {
  const tag = driver.afterInterrupt('1a');
  if (typeof tag !== 'string') wrong('`afterInterrupt`', 'a function that gives a string', tag);
  const frame = driver.frame('1a', '');
  if (typeof frame !== 'string') wrong('`frame`', 'a function that gives a string', frame);
  assertMarker(driver.marker('1a'), secret, wrong);
  const report = driver.report('no payload of any driver');
  if (report !== undefined) wrong('`report`', 'a function that gives undefined for what is no payload', report);
}

function assertMarker(marker: unknown, secret: string, wrong: Wrong): void {
  if (!Buffer.isBuffer(marker)) return wrong('`marker`', 'a function that gives a Buffer', marker);
  const shown = marker.toString('latin1');
  if (!marker.includes(secret)) wrong('`marker`', 'a function that gives a Buffer with the secret in it', shown);
  if (marker.indexOf(marker[0] as number, 1) !== -1 || marker.includes('\n'))
    wrong(
      '`marker`',
      'a function that gives a Buffer with no newline, and whose first byte does not come again',
      shown,
    );
}
