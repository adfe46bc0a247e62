import { isWellFormed, optionsError, show } from '../../options/check.ts';

/** One single-quoted word: the only quoting in which a POSIX shell reads every byte but `'` as itself. */
export function quote(value: string): string {
  assertText(value, 'a value to quote');
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Refuses what cannot reach a shell unchanged: NUL ends a C string, and a lone surrogate has no UTF-8 form.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function assertText(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string') throw optionsError(`Expected ${what} to be a string, got ${show(value)}`);
  if (value.includes('\0'))
    throw optionsError(
      `Expected ${what} to have no NUL character, got one at index ${value.indexOf('\0')} of ${show(value)}`,
    );
  if (!isWellFormed(value))
    throw optionsError(`Expected ${what} to be well-formed Unicode, got a lone surrogate in ${show(value)}`);
}

/** Whether `text` ends inside '…' or "…". Comments and heredocs are not told apart: an apostrophe in them counts as a quote. */
export function insideQuotes(text: string): boolean {
  let open = '';
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '\\' && open !== "'") index++;
    else if (char === open) open = '';
    else if (open === '' && (char === "'" || char === '"')) open = char;
  }
  return open !== '';
}
