import * as v from 'valibot';
import { expects, plainObject } from '../options/check.ts';
import { given } from './given.ts';
import type { AutoInvalidationRegex, RegexConfig } from './types.ts';

/** A checked `AutoInvalidationRegex`. */
export interface Verdict {
  pattern: RegExp;
  invalidOn: 'match' | 'noMatch';
}

/** Whether it matches; flags that make a RegExp remember its last match have no effect beyond one call. */
export function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

const entry = '{ regex, flags } with a valid regular expression';

// Refused and never skipped: a list of which an entry is ignored would let through what it should not.
const regex = v.pipe(
  expects<RegexConfig>(entry, (value) => parse(value) !== undefined),
  v.transform((value) => parse(value) as RegExp),
);

const verdict = v.pipe(
  expects<AutoInvalidationRegex>(
    `${entry}, and \`invalidOn\`: 'match' or 'noMatch'`,
    (value) =>
      parse(value) !== undefined && ['match', 'noMatch'].includes((value as Record<string, string>)['invalidOn'] ?? ''),
  ),
  v.transform((value): Verdict => ({ pattern: parse(value) as RegExp, invalidOn: value.invalidOn })),
);

const list = <Item extends v.GenericSchema>(item: Item) =>
  v.optional(v.array(item, 'an array of { regex, flags }'), () => []);

const byStream = <Item extends v.GenericSchema>(item: Item) =>
  v.pipe(plainObject, v.transform(given), v.object({ any: list(item), stdout: list(item), stderr: list(item) }));

export const regexes = list(regex);
export const regexesByStream = byStream(regex);
export const verdictsByStream = byStream(verdict);

function parse(value: unknown): RegExp | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { regex, flags } = value as Record<string, unknown>;
  if (!(typeof regex === 'string' || regex instanceof RegExp)) return undefined;
  if (!(flags === undefined || flags === null || typeof flags === 'string')) return undefined;
  try {
    return new RegExp(regex, flags ?? undefined);
  } catch {
    return undefined;
  }
}
