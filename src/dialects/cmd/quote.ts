import { optionsError, show } from '../../options/check.ts';
import { assertText } from '../posix/quote.ts';

/** What a line of cmd can hold, which has to have room for the rest of a command. */
const longest = 8_191;
/** cmd takes each for the end of a line, or away. */
const lost = new Map([
  ['\n', 'line feed'],
  ['\r', 'carriage return'],
  ['\x1a', 'Ctrl-Z'],
]);

/**
 * One argument for a program that takes its command line apart as the C runtime of Windows does, written for a batch file.
 *
 * In double quotes cmd reads all but the percent sign as itself. A quote in them would end that for cmd, as it does not know the `\"` of the C
 * runtime: such a value is written with a caret before each character that means something to cmd, the quotes too, so that for cmd there are none.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function quote(value: string): string {
  assertText(value, 'a value to quote');
  // oxlint-disable-next-line no-control-regex -- Ctrl-Z is what is looked for
  const at = value.search(/[\n\r\x1a]/);
  if (at !== -1)
    throw optionsError(
      `Expected a value to quote for cmd() to have no ${lost.get(value[at] as string)}, which cannot be on a line of cmd, got one at index ${at} of ${show(value)}`,
    );
  const argument = `"${value.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`;
  const shielded = value.includes('"') ? argument.replaceAll(/["^&|<>()]/g, '^$&') : argument;
  const quoted = shielded.replaceAll('%', '%%');
  if (quoted.length > longest)
    throw optionsError(
      `Expected a value to quote for cmd() to fit a line of cmd, which has ${longest} characters, got one that takes ${quoted.length}`,
    );
  return quoted;
}

/** Whether the last line of `text` ends inside "…". A quote that is not closed is closed by the end of its line. */
export function insideQuotes(text: string): boolean {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  let open = false;
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '"') open = !open;
    else if (line[index] === '^' && !open) index++;
  }
  return open;
}
