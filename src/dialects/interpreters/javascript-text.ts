import { assertText } from '../posix/quote.ts';

/**
 * One string literal on one line.
 * @throws {ShellwrightError} ERR_OPTIONS for what cannot reach an interpreter unchanged
 */
export function javascriptString(value: string): string {
  assertText(value, 'a value to quote');
  // Inside a comment these end the line.
  return JSON.stringify(value)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}

/** Whether `text` ends inside a string, a template, a regular expression or a comment in which a value could end it. */
export function insideJavascriptQuotes(text: string): boolean {
  return scan(text).open;
}

/** The text with each `import(` calling that function: what is evaluated by way of the inspector has no import of its own. */
export function withImporter(text: string, importer: string): string {
  if (!text.includes('import')) return text;
  return scan(text).imports.reduceRight(
    (changed, index) => changed.slice(0, index) + importer + changed.slice(index + 'import'.length),
    text,
  );
}

interface Scan {
  open: boolean;
  /** Where an `import` stands that is a call. */
  imports: number[];
}

const space = /\s+|\/\/[^\n\r\u2028\u2029]*/y;
const comment = /\/\*[^]*?\*\//y;
const string = /'(?:\\[^]|[^'\\\n])*(?:'|\n)|"(?:\\[^]|[^"\\\n])*(?:"|\n)/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;
const word = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*|\d[\w.]*/uy;
/** Behind these a slash begins a regular expression. */
const expectsValue =
  /^(?:return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|yield|await|[^\w$)\]}'"`/]|)$/;

function scan(text: string): Scan {
  const imports: number[] = [];
  // Of each template that is open: the braces that are open in its expression.
  const templates: number[] = [];
  let before = '';
  for (let index = 0; index < text.length;) {
    const rest = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = index;
      return pattern.exec(text)?.[0];
    };
    const char = text[index] as string;
    const skipped = rest(space) ?? rest(comment);
    const token =
      skipped ?? rest(string) ?? (expectsValue.test(before) ? rest(regularExpression) : undefined) ?? rest(word);
    if (token !== undefined) {
      if (
        token === 'import' &&
        before !== '.' &&
        /^(?:\s|\/\*[^]*?\*\/)*\(/.test(text.slice(index + token.length, index + 100))
      )
        imports.push(index);
      if (skipped === undefined) before = /^[\p{L}\d$_#]/u.test(token) ? token : ')';
      index += token.length;
    } else if (char === "'" || char === '"' || text.startsWith('/*', index)) {
      return { open: true, imports };
    } else if (char === '/' && expectsValue.test(before)) {
      return { open: true, imports };
    } else if (char === '`' || (char === '}' && templates.at(-1) === 0)) {
      if (char === '}') templates.pop();
      const end = endOfTemplate(text, index + 1);
      if (end === -1) return { open: true, imports };
      if (text[end] === '{') templates.push(0);
      before = text[end] === '{' ? '{' : ')';
      index = end + 1;
    } else {
      const depth = templates.length - 1;
      if (char === '{' && depth >= 0) templates[depth] = (templates[depth] as number) + 1;
      if (char === '}' && depth >= 0) templates[depth] = (templates[depth] as number) - 1;
      before = char;
      index++;
    }
  }
  return { open: false, imports };
}

/** Of the backtick that ends its text, or the brace that begins an expression in it; -1 where neither comes. */
function endOfTemplate(text: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === '`') return index;
    else if (text.startsWith('${', index)) return index + 1;
  }
  return -1;
}
