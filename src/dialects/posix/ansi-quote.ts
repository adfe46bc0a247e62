import { assertText } from './quote.ts';

/**
 * One word on one line, `$'…'`: for shells that know it. A shell that reads its input by lines reads it at once.
 * @throws {ShellwrightError} ERR_OPTIONS for what cannot reach a shell unchanged
 */
export function ansiQuote(value: string): string {
  assertText(value, 'a value to quote');
  return `$'${value.replaceAll(/[\\'\n]/g, (char) => (char === '\n' ? String.raw`\n` : `\\${char}`))}'`;
}

/** As `insideQuotes`, for shells that know `$'…'`, in which a backslash keeps a quote from ending it. */
export function insideAnsiQuotes(text: string): boolean {
  let open = '';
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '\\' && open !== "'") index++;
    else if (char === (open === 'ansi' ? "'" : open)) open = '';
    else if (open === '' && char === '$' && text[index + 1] === "'") {
      open = 'ansi';
      index++;
    } else if (open === '' && (char === "'" || char === '"')) open = char;
  }
  return open !== '';
}
