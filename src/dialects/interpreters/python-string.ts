import { assertText } from '../posix/quote.ts';

/**
 * One string literal on one line.
 * @throws {ShellwrightError} ERR_OPTIONS for what cannot reach an interpreter unchanged
 */
export function pythonString(value: string): string {
  assertText(value, 'a value to quote');
  // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
  return `'${value.replaceAll(/[\x00-\x1f\x7f'\\]/g, (char) => (char === "'" || char === '\\' ? `\\${char}` : `\\x${hex(char)}`))}'`;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(2, '0');
}

const opening = /#[^\n]*(?:\n|$)|'''|"""|'|"/g;

/** Whether `text` ends inside a string, of whatever prefix. In a comment a value does no harm. */
export function insidePythonString(text: string): boolean {
  let from = 0;
  for (;;) {
    opening.lastIndex = from;
    const [quote] = opening.exec(text) ?? [];
    if (quote === undefined) return false;
    from = quote.startsWith('#') ? opening.lastIndex : endOf(text, quote, opening.lastIndex);
    if (from === -1) return true;
  }
}

/** Behind the end of the string that began with `quote`; -1 where it does not end. Also in a raw string a backslash keeps a quote from ending it. */
function endOf(text: string, quote: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text.startsWith(quote, index)) return index + quote.length;
    // Such a string ends with its line, in an error.
    else if (quote.length === 1 && text[index] === '\n') return index + 1;
  }
  return -1;
}
