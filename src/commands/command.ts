import type { Dialect } from '../dialects/dialect.ts';
import { assertText } from '../dialects/posix/quote.ts';
import { optionsError, show } from '../options/check.ts';

type Scalar = string | number | bigint | boolean;
/** What can stand in a template: each is quoted as one word, arrays as one word per item, a `command` as it is. */
export type CommandValue = Scalar | Command | readonly (Scalar | Command)[];

/** A command whose values are quoted by whichever dialect runs it. Made by the `command` tag. */
export class Command {
  readonly #strings: readonly string[];
  readonly #values: readonly CommandValue[];

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
    let text = this.#strings[0] ?? '';
    this.#values.forEach((value, index) => {
      assertValue(value, index);
      if (dialect.insideQuotes(text)) {
        throw optionsError(
          `Expected no value inside quotes, got ${show(value)} after ${show(text)}: the value is quoted by itself, leave the quotes out`,
        );
      }
      text += renderValue(value, dialect) + (this.#strings[index + 1] ?? '');
    });
    return text;
  }
}

/**
 * A command with quoted values: ``command`git log ${branch}` ``. Accepted wherever a command string is.
 *
 * The text is taken raw (`\d` stays); only `` \` `` and `\${` are unescaped. A value that is no string, number, bigint, boolean,
 * command, or array of these makes whatever runs it reject with ERR_OPTIONS.
 */
export function command(strings: TemplateStringsArray, ...values: CommandValue[]): Command {
  return new Command(
    strings.raw.map((raw) => raw.replaceAll(/\\(`|\$\{)/g, '$1')),
    values,
  );
}

/** The text of what was given as a command, checked. */
export function commandText(given: unknown, dialect: Dialect, where: string): string {
  const text = given instanceof Command ? given.render(dialect) : given;
  assertText(text, `the command of ${where}`);
  return text;
}

/** @throws {ShellwrightError} ERR_OPTIONS */
export function quoteValue(value: unknown, dialect: Dialect): string {
  assertValue(value, 0);
  return renderValue(value as CommandValue, dialect);
}

function renderValue(value: CommandValue, dialect: Dialect): string {
  if (value instanceof Command) return value.render(dialect);
  if (typeof value === 'object') return value.map((item) => renderValue(item, dialect)).join(' ');
  return dialect.quote(String(value));
}

const scalars = new Set(['string', 'number', 'bigint', 'boolean']);

function assertValue(value: unknown, index: number): void {
  const isItem = (item: unknown): boolean => scalars.has(typeof item) || item instanceof Command;
  if (isItem(value) || (Array.isArray(value) && value.every(isItem))) return;
  throw optionsError(
    `Expected value ${index + 1} of the template to be a string, number, bigint, boolean, command\`…\` or an array of these, got ${show(value)}`,
  );
}
