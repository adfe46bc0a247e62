/** How a shell's language writes a value: it may be printed like that. */
export interface Quoter {
  quote(value: string): string;
}

/** Lines of a secret shorter than this are not looked for by themselves: a `{` or an `EOF` stands everywhere. */
const shortestLine = 8;

/**
 * The texts in which a value may turn up in output: as it is, without its last line end (as `$(…)` gives it), a line of it, and each of these as
 * shells and JSON write it: `set -x`, `printf %q`, `declare -p`, an error that quotes it.
 */
export function formsOf(value: string, quoter: Quoter): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= shortestLine);
  const parts = [value, withoutLineEnd(value), ...lines];
  return [...new Set(parts.flatMap((part) => quotedForms(part, quoter)))].filter((form) => form !== '');
}

function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return text.slice(0, end);
}

function quotedForms(text: string, quoter: Quoter): string[] {
  if (/^[\w./:@%+=-]*$/.test(text)) return [text];
  return [text, withoutQuotes(quotedBy(quoter, text)), ...quotings.map((quoting) => quoting(text))];
}

/** How shells and JSON write a text, without what they put around it. */
const quotings: readonly ((text: string) => string)[] = [
  // 'it'\''s': bash, zsh and ksh; 'it'"'"'s': dash and busybox.
  (text) => text.replaceAll("'", String.raw`'\''`),
  (text) => text.replaceAll("'", `'"'"'`),
  // it\'s
  (text) => text.replaceAll(/[ \t'"\\|&;()<>!{}*[\]?^$`,~#]/g, String.raw`\$&`),
  // "a \"b\"": what is special in double quotes
  (text) => text.replaceAll(/["$`\\]/g, String.raw`\$&`),
  // $'a\nb', in a UTF-8 locale and in others
  (text) => text.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(control, ansiEscape),
  (text) => text.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(controlOrWide, ansiEscape),
  (text) => JSON.stringify(text).slice(1, -1),
];

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\x01-\x1f\x7f]/g;
// oxlint-disable-next-line no-control-regex -- as above
const controlOrWide = /[\x01-\x1f\x7f]|[^\x00-\x7f]+/g;
const named = new Map(
  Object.entries({ '\n': 'n', '\t': 't', '\r': 'r', '\x07': 'a', '\b': 'b', '\f': 'f', '\v': 'v' }),
);

function ansiEscape(text: string): string {
  const name = text === '\x1b' ? 'E' : named.get(text);
  if (name !== undefined) return `\\${name}`;
  return Array.from(Buffer.from(text), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A dialect may not be able to quote a part, as it was able to quote the whole. */
function quotedBy(quoter: Quoter, text: string): string {
  try {
    return quoter.quote(text);
  } catch {
    return text;
  }
}

function withoutQuotes(word: string): string {
  const [first] = word;
  return word.length > 2 && (first === "'" || first === '"') && word.endsWith(first) ? word.slice(1, -1) : word;
}
