import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The lines of a batch file, in the code page; a Ctrl-Z ends one. */
export function linesOf(path, codePage) {
  const text = readFileSync(path, codePage === 65001 ? 'utf8' : 'latin1').replaceAll('\x1a', '\n');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** The line of a label: looked for from where the file is on, and then from its begin. */
export function labelIn({ lines, at }, wanted) {
  const order = [...lines.keys()].map((index) => (index + at) % lines.length);
  return order.find((index) => /^\s*:([^ \t\r:+,;=&|<>]*)/.exec(lines[index])?.[1].toLowerCase() === wanted);
}

export function findProgram(name, path = '') {
  if (/[\\/]/.test(name)) return existsSync(name) ? resolve(name) : undefined;
  return ['.', ...path.split(delimiter)].map((folder) => join(folder, name)).find((file) => existsSync(file));
}
