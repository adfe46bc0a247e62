import * as v from 'valibot';
import { Secret } from '../commands/secret.ts';
import { expects, oneOf, plainObject } from './check.ts';

/** A RegExp, or one as text: `'/source/flags'`. The flags `g` and `y` are ignored: a pattern must not remember where it last matched. */
export type Pattern = RegExp | string;

/** What makes a shell invalid. */
export interface InvalidatePattern {
  /** Where to look; `'any'` matches when either does, and with `noMatch` when neither does. */
  stream: 'stdout' | 'stderr' | 'any';
  pattern: Pattern;
  /** @default 'match' */
  on?: 'match' | 'noMatch' | undefined;
}

/** Which commands may run: `deny` first, then `allow`. A guard rail, not a sandbox. */
export interface PolicyOptions {
  /** A command that matches one of these gets ERR_POLICY. @default [] */
  deny?: Pattern[] | undefined;
  /** Where it is given, a command must match one of these; `[]` allows nothing. @default everything */
  allow?: Pattern[] | undefined;
}

const asText = /^\/(.+)\/([dgimsuvy]*)$/s;

function parse(value: unknown): RegExp | undefined {
  const [source, flags] = value instanceof RegExp ? [value.source, value.flags] : parts(value);
  if (source === undefined || flags === undefined) return undefined;
  try {
    // With all its flags first: `/a/gg` is no RegExp.
    return new RegExp(new RegExp(source, flags), flags.replaceAll(/[gy]/g, ''));
  } catch {
    return undefined;
  }
}

function parts(value: unknown): [source?: string, flags?: string] {
  const match = typeof value === 'string' ? asText.exec(value) : null;
  return match ? [match[1], match[2]] : [];
}

/** Never skipped when it is wrong: an allow list of which an entry is ignored would allow what it should not. */
export const pattern = v.pipe(
  expects<Pattern>("a RegExp, or a valid one as text: '/source/flags'", (value) => parse(value) !== undefined),
  v.transform((value) => parse(value) as RegExp),
);

export const patterns = v.array(pattern, 'an array of patterns');

const isSecret = (value: unknown): value is Secret => value instanceof Secret;

/** What is masked: what a pattern matches, or the value itself. */
export const redactions = v.array(
  v.pipe(
    expects<Pattern | Secret>(
      "a RegExp, a valid one as text ('/source/flags') or a secret()",
      (value) => isSecret(value) || parse(value) !== undefined,
    ),
    v.transform((value) => (isSecret(value) ? value : (parse(value) as RegExp))),
  ),
  'an array of patterns and secrets',
);

export const invalidatePatterns = v.array(
  v.strictObject({
    stream: oneOf('stdout', 'stderr', 'any'),
    pattern,
    on: v.optional(oneOf('match', 'noMatch'), 'match'),
  }),
  'an array of { stream, pattern, on }',
);

/** One checked entry of `invalidateOn`. */
export type CheckedPattern = v.InferOutput<typeof invalidatePatterns>[number];

export const policy = v.pipe(
  plainObject,
  v.strictObject({ deny: v.optional(patterns, () => []), allow: v.optional(patterns) }),
);

/** A checked policy. */
export type CheckedPolicy = v.InferOutput<typeof policy>;
