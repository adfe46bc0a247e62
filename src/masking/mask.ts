import { isUtf8 } from 'node:buffer';
import { Secret } from '../commands/secret.ts';
import { maskAtCuts, openEnd } from './cuts.ts';
import { formsOf, type Quoter } from './forms.ts';
import { Literals } from './literals.ts';
import { maskRanges, matchesOf, merged, type Ranges } from './ranges.ts';

/** How many secrets a shell remembers besides the pool's own: what it was given last is what it may still say. */
const remembered = 100;

/** By value, the forms in which it may turn up. */
type Forms = ReadonlyMap<string, readonly string[]>;

/** What must not be seen: secrets, in all their forms, and what patterns match. It does not change; `with` makes another. */
export class Mask {
  /** The pool's own. */
  readonly #fixed: Forms;
  /** What commands brought; the latest is last. */
  readonly #recent: Forms;
  readonly #patterns: readonly RegExp[];
  #text: Literals | undefined;
  #bytes: Literals | undefined;

  private constructor(fixed: Forms, recent: Forms, patterns: readonly RegExp[]) {
    this.#fixed = fixed;
    this.#recent = recent;
    this.#patterns = patterns;
  }

  /** undefined when there is nothing to mask: then nothing is done for it anywhere. */
  static of(given: readonly (RegExp | Secret)[], quoter: Quoter): Mask | undefined {
    if (given.length === 0) return undefined;
    const values = given.filter((item) => item instanceof Secret).map((item) => Secret.reveal(item));
    const patterns = given.filter((item) => item instanceof RegExp);
    const global = patterns.map(({ source, flags }) => new RegExp(source, `${flags}g`));
    return new Mask(new Map(values.map((value) => [value, formsOf(value, quoter)])), nothing, global);
  }

  /** One that knows these too. */
  static with(mask: Mask | undefined, secrets: readonly Secret[], quoter: Quoter): Mask | undefined {
    if (secrets.length === 0) return mask;
    const { fixed, recent, patterns } = mask ? mask.#known() : { fixed: nothing, recent: nothing, patterns: [] };
    const values = new Set(secrets.map((item) => Secret.reveal(item)).filter((value) => !fixed.has(value)));
    if (mask && [...values].every((value) => recent.has(value))) return mask;
    const others = [...recent].filter(([value]) => !values.has(value));
    const latest = [...values].map((value) => [value, recent.get(value) ?? formsOf(value, quoter)] as const);
    const kept = Math.max(remembered, values.size);
    return new Mask(fixed, new Map([...others, ...latest].slice(-kept)), patterns);
  }

  /** Whether a part of a line may be what a pattern matches only with the rest of it. */
  get hasPatterns(): boolean {
    return this.#patterns.length > 0;
  }

  text(text: string): string {
    return this.#mask(text, false, this.#asText);
  }

  /**
   * Output that is kept or sent.
   * @param cut whether a part of it was omitted: a secret may have been cut in two there
   */
  output<Output extends string | Buffer>(output: Output, cut: boolean): Output {
    if (typeof output === 'string') return this.#mask(output, cut, this.#asText) as Output;
    // What is no UTF-8 is looked at byte by byte: what is masked changes, and nothing else.
    const encoding = isUtf8(output) ? 'utf8' : 'latin1';
    const text = output.toString(encoding);
    const masked = this.#mask(text, cut, encoding === 'utf8' ? this.#asText : this.#asBytes);
    return masked === text ? output : (Buffer.from(masked, encoding) as Output);
  }

  /** Of bytes, as latin1 text: what is masked, and how much of the end may be the beginning of more. */
  scan(bytes: string): { ranges: Ranges; open: number } {
    return { ranges: this.#ranges(bytes, this.#asBytes), open: openEnd(bytes, this.#asBytes.forms) };
  }

  #mask(text: string, cut: boolean, literals: Literals): string {
    const masked = maskRanges(text, this.#ranges(text, literals));
    return cut ? maskAtCuts(masked, literals.forms) : masked;
  }

  /** All look at the text as it is, so that no match takes the ground from another. */
  #ranges(text: string, literals: Literals): Ranges {
    return merged([...matchesOf(text, this.#patterns), ...literals.matchesOf(text)]);
  }

  get #asText(): Literals {
    this.#text ??= new Literals([...new Set([...this.#fixed.values(), ...this.#recent.values()].flat())]);
    return this.#text;
  }

  get #asBytes(): Literals {
    this.#bytes ??= new Literals(this.#asText.forms.map((form) => Buffer.from(form).toString('latin1')));
    return this.#bytes;
  }

  #known(): { fixed: Forms; recent: Forms; patterns: readonly RegExp[] } {
    return { fixed: this.#fixed, recent: this.#recent, patterns: this.#patterns };
  }
}

const nothing: Forms = new Map();
