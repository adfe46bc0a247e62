import type { Dialect } from '../dialects/dialect.ts';
import { assertText } from '../dialects/posix/quote.ts';
import { optionsError, show } from '../options/check.ts';
import { mask, Secret } from './secret.ts';

type Scalar = string | number | bigint | boolean;
type Item = Scalar | Secret | Command;
/** What can stand in a template: each is quoted as one word, arrays as one word per item, a `command` as it is. */
export type CommandValue = Item | readonly Item[];

/** How one value becomes a word. */
type Word = (value: Scalar | Secret) => string;

/** A command whose values are quoted by whichever dialect runs it. Made by the `command` tag. */
export class Command {
  readonly #strings: readonly string[];
  readonly #values: readonly CommandValue[];
  #secrets: readonly Secret[] | undefined;

  /** @internal */
  constructor(strings: readonly string[], values: readonly CommandValue[]) {
    this.#strings = strings;
    this.#values = values;
  }

  /**
   * The text for one dialect.
   * @throws {ShellwrightError} ERR_OPTIONS for a value that cannot be quoted, or one inside quotes
   */
  render(dialect: Dialect): string {
    return this.#write(dialect, (value) => quoteScalar(value, dialect));
  }

  /** The text as it may be seen: with `***` for each secret. @throws as `render` */
  show(dialect: Dialect): string {
    return this.#write(dialect, (value) => (value instanceof Secret ? mask : dialect.quote(String(value))));
  }

  /** The secrets in it, also those of the commands in it. */
  get secrets(): readonly Secret[] {
    this.#secrets ??= this.#values.flat().flatMap((value) => secretsOf(value));
    return this.#secrets;
  }

  #write(dialect: Dialect, word: Word): string {
    let text = this.#strings[0] ?? '';
    this.#values.forEach((value, index) => {
      assertValue(value, index);
      if (dialect.insideQuotes(text)) {
        throw optionsError(
          `Expected no value inside quotes, got ${show(value)} after ${show(text)}: the value is quoted by itself, leave the quotes out`,
        );
      }
      text += this.#render(value, dialect, word) + (this.#strings[index + 1] ?? '');
    });
    return text;
  }

  #render(value: CommandValue, dialect: Dialect, word: Word): string {
    if (value instanceof Command) return value.#write(dialect, word);
    if (Array.isArray(value))
      return value.map((item: Item) => this.#render(item, dialect, word)).join(dialect.separator ?? ' ');
    return word(value as Scalar | Secret);
  }
}

/**
 * A command with quoted values: ``command`git log ${branch}` ``. Accepted wherever a command string is.
 *
 * The text is taken raw (`\d` stays); only `` \` `` and `\${` are unescaped. A value that is no string, number, bigint, boolean,
 * secret, command, or array of these makes whatever runs it reject with ERR_OPTIONS.
 */
export function command(strings: TemplateStringsArray, ...values: CommandValue[]): Command {
  return new Command(
    strings.raw.map((raw) => raw.replaceAll(/\\(`|\$\{)/g, '$1')),
    values,
  );
}

/** The text of what was given as a command, checked. */
export function commandText(given: unknown, dialect: Dialect, where: string): string {
  const what = `the command of ${where}`;
  // What is wrong with it is found in a text without secrets first: messages quote it.
  if (given instanceof Command && given.secrets.length > 0) assertText(given.show(dialect), what);
  const text = given instanceof Command ? given.render(dialect) : given;
  assertText(text, what);
  return text;
}

/** @throws {ShellwrightError} ERR_OPTIONS, also for a secret: in a plain string nobody could tell it any more */
export function quoteValue(value: unknown, dialect: Dialect): string {
  assertValue(value, 0);
  const quoted = new Command(['', ''], [value as CommandValue]);
  if (quoted.secrets.length > 0)
    throw optionsError(
      'Expected the value to quote to be no secret, got one: its text would be seen; put it into $`…` or command`…`',
    );
  return quoted.render(dialect);
}

function quoteScalar(value: Scalar | Secret, dialect: Dialect): string {
  if (!(value instanceof Secret)) return dialect.quote(String(value));
  try {
    return dialect.quote(Secret.reveal(value));
  } catch {
    // Not as its cause: the error of the dialect may show the value.
    throw optionsError(`Expected a secret that ${dialect.name} can quote`);
  }
}

function secretsOf(value: CommandValue): readonly Secret[] {
  if (value instanceof Command) return value.secrets;
  return value instanceof Secret ? [value] : [];
}

const scalars = new Set(['string', 'number', 'bigint', 'boolean']);

function assertValue(value: unknown, index: number): void {
  const isItem = (item: unknown): boolean =>
    scalars.has(typeof item) || item instanceof Command || item instanceof Secret;
  if (isItem(value) || (Array.isArray(value) && value.every(isItem))) return;
  throw optionsError(
    `Expected value ${index + 1} of the template to be a string, number, bigint, boolean, secret, command\`…\` or an array of these, got ${show(value)}`,
  );
}
