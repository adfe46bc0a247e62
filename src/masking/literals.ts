import type { Match } from './ranges.ts';

/** In a text this long, one pattern for all is faster than a look for each, though it has to be compiled. */
const long = 10_000;

/** Texts to look for. */
export class Literals {
  readonly forms: readonly string[];
  #pattern: RegExp | undefined;

  constructor(forms: readonly string[]) {
    this.forms = forms;
  }

  /** Overlapping ones count too: of `aba` in `ababa` nothing must be left. */
  matchesOf(text: string): Match[] {
    if (this.forms.length === 0 || text === '') return [];
    if (text.length >= long) return this.#matchesOfPattern(text);
    return this.forms.flatMap((form) => matchesOfOne(text, form));
  }

  #matchesOfPattern(text: string): Match[] {
    // At one place the longest is to match.
    const sources = this.forms.toSorted((a, b) => b.length - a.length).map((form) => escaped(form));
    const pattern = (this.#pattern ??= new RegExp(sources.join('|'), 'g'));
    const matches: Match[] = [];
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      push(matches, match.index, match.index + match[0].length);
      pattern.lastIndex = match.index + 1;
    }
    return matches;
  }
}

function matchesOfOne(text: string, form: string): Match[] {
  const matches: Match[] = [];
  for (let start = text.indexOf(form); start !== -1; start = text.indexOf(form, start + 1))
    push(matches, start, start + form.length);
  return matches;
}

/** One match with the last where they overlap. */
function push(matches: Match[], start: number, end: number): void {
  const last = matches.at(-1);
  if (last && start < last[1]) matches[matches.length - 1] = [last[0], Math.max(last[1], end)];
  else matches.push([start, end]);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
