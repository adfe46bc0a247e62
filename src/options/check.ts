import { inspect } from 'node:util';
import * as v from 'valibot';
import { ShellwrightError } from '../errors.ts';

type Schema<Output> = v.BaseSchema<unknown, Output, v.BaseIssue<unknown>>;

/** A schema for anything that passes `is`; `expected` completes the sentence "Expected … to be". */
export function expects<T>(expected: string, is: (value: unknown) => boolean): v.GenericSchema<T> {
  return v.custom<T>(is, expected);
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

export const count = expects<number>('a non-negative integer', isCount);
export const positiveCount = expects<number>('a positive integer', (value) => isCount(value) && value > 0);
export const countOrInfinity = expects<number>(
  'a non-negative integer or Infinity',
  (value) => isCount(value) || value === Infinity,
);
export const positiveCountOrInfinity = expects<number>(
  'a positive integer or Infinity',
  (value) => (isCount(value) && value > 0) || value === Infinity,
);
export const milliseconds = expects<number>(
  'a non-negative number of milliseconds',
  (value) => typeof value === 'number' && value >= 0,
);
export const positiveMilliseconds = expects<number>(
  'a positive number of milliseconds',
  (value) => typeof value === 'number' && value > 0,
);
export const finiteMilliseconds = expects<number>(
  'a non-negative, finite number of milliseconds',
  (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
);
export const flag = expects<boolean>('a boolean', (value) => typeof value === 'boolean');
export const abortSignal = expects<AbortSignal>('an AbortSignal', (value) => value instanceof AbortSignal);

/** An object of options and nothing else: a list, a RegExp or a Map without such keys would pass for an empty one. */
export const plainObject = expects<object>(
  'an object',
  (value) => Object.prototype.toString.call(value) === '[object Object]',
);

export function oneOf<const T extends string>(...values: T[]): v.GenericSchema<T> {
  return expects<T>(`one of ${values.map((value) => `'${value}'`).join(', ')}`, (value) => values.includes(value as T));
}

/** Whether it has a UTF-8 form: no lone surrogates. */
export function isWellFormed(text: string): boolean {
  // In ES2024's types only; Node 20 has it.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** The value as a message shows it: on one line, clipped, with its type. */
export function show(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 80, maxArrayLength: 5 });
  return `\`${text.length > 120 ? `${text.slice(0, 117)}...` : text}\` (${kindOf(value)})`;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/**
 * The checked value with its defaults, or one error that names the option, the value and what was expected.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function check<Output>(schema: Schema<Output> & { entries?: object }, value: unknown, where: string): Output {
  // valibot takes an array for an object.
  if (Array.isArray(value)) throw optionsError(`Expected ${where} to be an object of options, got ${show(value)}`);
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw optionsError(describe(parsed.issues[0], schema.entries, where));
}

export function optionsError(message: string, cause?: unknown): ShellwrightError {
  return new ShellwrightError('ERR_OPTIONS', message, { cause });
}

function describe(issue: v.BaseIssue<unknown>, entries: object | undefined, where: string): string {
  const path = v.getDotPath(issue);
  if (path === null)
    return `Expected ${where} to be ${issue.kind === 'schema' && issue.type === 'strict_object' ? 'an object of options' : issue.message}, got ${show(issue.input)}`;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = entries && !path.includes('.') ? `, expected one of ${Object.keys(entries).join(', ')}` : '';
    return `Unknown option \`${path}\` of ${where}, with the value ${show(issue.path?.at(-1)?.value)}${known}`;
  }
  // An object that lacks a key is an issue of the object, with the key's path.
  const expected = issue.type !== 'strict_object' ? issue.message : issue.expected === 'Object' ? 'an object' : 'given';
  // What is to be redacted is not to be shown either.
  const got = path.startsWith('redact') ? kindOf(issue.input) : show(issue.input);
  return `Expected the \`${path}\` option of ${where} to be ${expected}, got ${got}`;
}
