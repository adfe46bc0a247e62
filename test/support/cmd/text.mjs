// What is done to a line before it is a command, and to a command line before it is the arguments of a program.

/**
 * Percent signs, in the order of the line, before anything else is looked at. In a batch file `%%` is one, and what is not there is nothing; at the
 * prompt what is not there stays as it is.
 */
export function expandPercents(line, { batch, variable, argument }) {
  let out = '';
  let index = 0;
  while (index < line.length) {
    const at = line.indexOf('%', index);
    if (at === -1) return out + line.slice(index);
    out += line.slice(index, at);
    const next = line[at + 1] ?? '';
    const end = line.indexOf('%', at + 1);
    const value = end > at + 1 ? variable(line.slice(at + 1, end)) : undefined;
    if (batch && next === '%') {
      out += '%';
      index = at + 2;
    } else if (batch && /[\d*]/.test(next)) {
      out += argument(next);
      index = at + 2;
    } else if (value !== undefined) {
      out += value;
      index = end + 1;
    } else if (batch) index = end === -1 ? at + 1 : end + 1;
    else {
      out += '%';
      index = at + 1;
    }
  }
  return out;
}

/** As the C runtime takes a command line apart: blanks part arguments, quotes keep them, backslashes mean something before a quote only. */
export function argumentsOf(line) {
  const found = [];
  let current;
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    if (/[ \t]/.test(line[index]) && !quoted) {
      if (current !== undefined) found.push(current);
      current = undefined;
      continue;
    }
    current ??= '';
    const [, slashes, quote] = /^(\\*)("?)/.exec(line.slice(index));
    if (quote === '') {
      current += slashes === '' ? line[index] : slashes;
      index += Math.max(0, slashes.length - 1);
      continue;
    }
    current += '\\'.repeat(slashes.length >> 1);
    index += slashes.length;
    if (slashes.length % 2 === 1) current += '"';
    else if (quoted && line[index + 1] === '"') {
      current += '"';
      index++;
    } else quoted = !quoted;
  }
  return current === undefined ? found : [...found, current];
}

/** What parts words for cmd itself. */
export const delimiters = ' \t,;=\v\f\u00a0';

/** A line of commands, as cmd reads one from a pipe: byte by byte, so that each byte is a character of its own. */
export function asRead(bytes) {
  return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : '\ufffd')).join('');
}
