import { delimiters } from './text.mjs';

/** What ends all batch files. */
export class SyntaxError_ extends Error {}

/** The end of the file, or of the input, in the middle of a command: which is then not run, without a word. */
export class Unfinished extends Error {}

/** Reads one command, which may be of many lines. Undefined at the end of the input, null for a line without one. */
export function parse(nextLine) {
  const line = nextLine();
  return line === undefined ? undefined : new Parser(line, nextLine).command();
}

const comparisons = new Set(['equ', 'neq', 'lss', 'leq', 'gtr', 'geq']);
const incorrect = 'The syntax of the command is incorrect.';

class Parser {
  #text;
  #at = 0;
  #depth = 0;
  #nextLine;

  constructor(line, nextLine) {
    this.#text = line;
    this.#nextLine = nextLine;
  }

  command() {
    this.#skip();
    if (this.#text[this.#at] === ':' || this.#text[this.#at] === ')' || this.#ended) return null;
    const command = this.#sequence();
    if (!this.#ended) throw this.#unexpected();
    return command;
  }

  get #ended() {
    return this.#at >= this.#text.length;
  }

  #skip(what = delimiters) {
    while (!this.#ended && what.includes(this.#text[this.#at])) this.#at++;
  }

  #unexpected() {
    const token = /^(?:&&|\|\||[&|()<>]|[^ \t,;=&|()<>]+)/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    return new SyntaxError_(token === '' ? incorrect : `${token} was unexpected at this time.`);
  }

  /** a & b, loosest; then ||, &&. */
  #sequence() {
    const parts = [this.#either()];
    while (this.#text[this.#at] === '&' && this.#text[this.#at + 1] !== '&') {
      this.#at++;
      this.#skip();
      if (this.#ended || this.#text[this.#at] === ')') break;
      parts.push(this.#either());
    }
    return parts.length === 1 ? parts[0] : { kind: 'all', parts };
  }

  #either() {
    return this.#joined('||', () => this.#joined('&&', () => this.#piped()));
  }

  #joined(sign, one) {
    let left = one();
    while (this.#text.startsWith(sign, this.#at)) {
      this.#at += 2;
      this.#skip();
      if (this.#ended) throw this.#unexpected();
      left = { kind: sign, left, right: one() };
    }
    return left;
  }

  #piped() {
    const left = this.#primary();
    if (this.#text[this.#at] !== '|' || this.#text[this.#at + 1] === '|') return left;
    this.#at++;
    this.#skip();
    if (this.#ended) throw this.#unexpected();
    return { kind: 'unknown', what: '|', parts: [left, this.#piped()] };
  }

  #primary() {
    this.#skip();
    let quiet = false;
    while (this.#text[this.#at] === '@') {
      quiet = true;
      this.#at++;
      this.#skip();
    }
    if (this.#text[this.#at] === '(') return { ...this.#group(), quiet };
    const [word = ''] = /^[a-z]*/i.exec(this.#text.slice(this.#at)) ?? [];
    const after = this.#text[this.#at + word.length] ?? ' ';
    if (word.toLowerCase() === 'if' && `${delimiters}(`.includes(after)) {
      this.#at += 2;
      return { ...this.#if(), quiet };
    }
    return { ...this.#simple(), quiet };
  }

  /** ( … ), over lines. */
  #group() {
    this.#at++;
    this.#depth++;
    const parts = [];
    for (;;) {
      this.#skip();
      if (this.#ended) {
        const line = this.#nextLine();
        if (line === undefined) throw new Unfinished();
        this.#text = line;
        this.#at = 0;
      } else if (this.#text[this.#at] === ')') break;
      else if (this.#text[this.#at] === ':') this.#at = this.#text.length;
      else parts.push(this.#sequence());
    }
    if (parts.length === 0) throw this.#unexpected();
    this.#at++;
    this.#depth--;
    const redirects = [];
    this.#skip();
    while (this.#redirect(redirects)) this.#skip();
    return { kind: 'group', parts, redirects };
  }

  #if() {
    let test = this.#word();
    const ignoreCase = test.toLowerCase() === '/i';
    if (ignoreCase) test = this.#word();
    const not = test.toLowerCase() === 'not';
    if (not) test = this.#word();
    const condition = this.#condition(test);
    this.#skip();
    if (this.#ended || this.#text[this.#at] === ')') throw this.#unexpected();
    const body = this.#text[this.#at] === '(' ? this.#joined('&&', () => this.#primary()) : this.#sequence();
    this.#skip();
    const hasElse = /^else(?![^ \t(])/i.test(this.#text.slice(this.#at));
    if (hasElse) this.#at += 4;
    return { kind: 'if', ...condition, ignoreCase, not, body, otherwise: hasElse ? this.#sequence() : undefined };
  }

  #condition(test) {
    const name = test.toLowerCase();
    if (['errorlevel', 'exist', 'defined'].includes(name)) return { test: name, left: this.#word() };
    this.#skip(' \t');
    if (this.#text.startsWith('==', this.#at)) {
      this.#at += 2;
      return { test: '==', left: test, right: this.#word() };
    }
    const sign = this.#word().toLowerCase();
    if (!comparisons.has(sign)) throw new SyntaxError_(`${sign} was unexpected at this time.`);
    return { test: sign, left: test, right: this.#word() };
  }

  /** Up to a delimiter or a sign that is not in quotes. */
  #word(signs = '&|()<>') {
    this.#skip();
    let word = '';
    let quoted = false;
    for (; !this.#ended; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '"') quoted = !quoted;
      else if (!quoted && (delimiters.includes(char) || signs.includes(char))) break;
      else if (!quoted && char === '^') this.#at++;
      word += this.#text[this.#at] ?? '';
    }
    if (word === '') throw this.#unexpected();
    return word;
  }

  /** Everything up to the next sign: as it is, but for carets and redirections. */
  #simple() {
    const redirects = [];
    let text = '';
    let quoted = false;
    while (!this.#ended) {
      const char = this.#text[this.#at];
      if (!quoted && ('&|'.includes(char) || (char === ')' && this.#depth > 0))) break;
      if (
        !quoted &&
        (text === '' || delimiters.includes(text.at(-1)) || '<>'.includes(char)) &&
        this.#redirect(redirects)
      )
        continue;
      if (char === '"') quoted = !quoted;
      if (!quoted && char === '^') {
        this.#at++;
        if (this.#ended) this.#continue();
      }
      text += this.#text[this.#at] ?? '';
      this.#at++;
    }
    if (text === '' && redirects.length === 0) throw this.#unexpected();
    return { kind: 'simple', text, redirects };
  }

  /** A caret at the end of a line: the next one is added to it. */
  #continue() {
    this.#text = this.#nextLine() ?? '';
    this.#at = 0;
  }

  #redirect(redirects) {
    const match = /^(\d?)(>>|>|<)(?:&(\d))?/.exec(this.#text.slice(this.#at));
    if (!match) return false;
    const [whole, number, sign, copied] = match;
    this.#at += whole.length;
    const fd = number === '' ? (sign === '<' ? 0 : 1) : Number(number);
    redirects.push(
      copied === undefined ? { fd, sign, path: this.#word().replaceAll('"', '') } : { fd, copied: Number(copied) },
    );
    return true;
  }
}
