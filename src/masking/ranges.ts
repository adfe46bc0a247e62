import { mask } from '../commands/secret.ts';

/** Where something was found: from its first character to behind its last. */
export type Match = readonly [start: number, end: number];

/** Parts of a text: sorted, and none overlaps the next. */
export type Ranges = readonly Match[];

/** Where any of the patterns matches. @param patterns with the flag `g` */
export function matchesOf(text: string, patterns: readonly RegExp[]): Match[] {
  // matchAll works on a copy of the pattern: nothing is remembered from the text before.
  return patterns
    .flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ({ 0: { length }, index }): Match => [index, index + length]),
    )
    .filter(([start, end]) => end > start);
}

export function merged(matches: readonly Match[]): Ranges {
  const ranges: Match[] = [];
  for (const [start, end] of matches.toSorted(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last && start < last[1]) ranges[ranges.length - 1] = [last[0], Math.max(last[1], end)];
    else ranges.push([start, end]);
  }
  return ranges;
}

/** The text with `***` in place of each range. */
export function maskRanges(text: string, ranges: Ranges): string {
  if (ranges.length === 0) return text;
  let result = '';
  let from = 0;
  for (const [start, end] of ranges) {
    result += text.slice(from, start) + mask;
    from = end;
  }
  return result + text.slice(from);
}
