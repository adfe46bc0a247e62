import { assertText } from '../posix/quote.ts';

/** PowerShell takes typographic quotes for the plain ones. */
const singleQuotes = /['\u2018-\u201b]/g;
const isSingle = (char: string): boolean => char === "'" || (char >= '\u2018' && char <= '\u201b');
const isDouble = (char: string): boolean => char === '"' || (char >= '\u201c' && char <= '\u201e');

/**
 * One single-quoted string, in which PowerShell reads every character but the quotes as itself: those are doubled.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function quote(value: string): string {
  assertText(value, 'a value to quote');
  return `'${value.replace(singleQuotes, '$&$&')}'`;
}

/** Whether `text` ends inside a string or a here-string. Comments are told apart, `$( … )` in a string is not. */
export function insideQuotes(text: string): boolean {
  let index = 0;
  while (index < text.length) {
    const char = text[index] as string;
    const next = text[index + 1] ?? '';
    if (char === '`') index += 2;
    else if (char === '<' && next === '#') index = after(text, '#>', index + 2);
    else if (char === '#' && /^$|[\s;({|&]/.test(text[index - 1] ?? '')) index = after(text, '\n', index);
    else if (char === '@' && (isSingle(next) || isDouble(next)) && /^[^\S\n]*\n/.test(text.slice(index + 2)))
      index = afterHereString(text, index + 2, isSingle(next));
    else if (isSingle(char) || isDouble(char)) index = afterString(text, index + 1, isSingle(char));
    else index++;
  }
  return index === Infinity;
}

/** A comment that does not end is no string. */
function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found === -1 ? text.length : found + end.length;
}

function afterHereString(text: string, from: number, single: boolean): number {
  const end = new RegExp(single ? "\n['\u2018-\u201b]@" : '\n["\u201c-\u201e]@', 'g');
  end.lastIndex = from;
  return end.test(text) ? end.lastIndex : Infinity;
}

/** Infinity where it does not end. */
function afterString(text: string, from: number, single: boolean): number {
  const ends = single ? isSingle : isDouble;
  for (let index = from; index < text.length; index++) {
    const char = text[index] as string;
    if (!single && char === '`') index++;
    else if (ends(char) && !ends(text[index + 1] ?? '')) return index + 1;
    else if (ends(char)) index++;
  }
  return Infinity;
}
