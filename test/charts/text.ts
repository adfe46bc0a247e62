import type { PlacedText } from './drawing.ts';
import type { Cause } from './graph.ts';

/** A line of text in the chart: its kind says how it is set. */
export interface Line {
  readonly kind: TextKind;
  readonly text: string;
}

export type TextKind = PlacedText['kind'];

/** Sizes in px. */
const kinds: Readonly<Record<TextKind, { size: number; height: number; font: 'bold' | 'sans' | 'mono' }>> = {
  title: { size: 17, height: 24, font: 'bold' },
  name: { size: 14, height: 20, font: 'bold' },
  note: { size: 11.5, height: 15.5, font: 'sans' },
  event: { size: 11.5, height: 16, font: 'mono' },
  exit: { size: 10.5, height: 15, font: 'mono' },
  small: { size: 10.5, height: 15, font: 'mono' },
};

/** Widths of Helvetica's letters in thousandths of the size, by groups of one width; 556 for the others. */
const groups: readonly (readonly [width: number, letters: string])[] = [
  [222, "ijl'"],
  [278, 'ft I.,:;!/[]'],
  [333, 'r-()`'],
  [500, 'ckvsxyzJ'],
  [584, '+=<>→'],
  [667, 'ABEKPSVXY'],
  [722, 'CDHNRUw'],
  [778, 'GOQ'],
  [833, 'mM'],
  [944, 'W'],
];
const letterWidths = new Map(
  groups.flatMap(([width, group]) => Array.from(group, (letter) => [letter, width] as const)),
);
const monoWidth = 602;
const boldWidth = 1.06;

/** The px that a line takes, to a tenth. What shows a chart pins the line to it, whatever fonts there are. */
export function widthOf({ kind, text }: Line): number {
  const { size, font } = kinds[kind];
  let units = 0;
  for (const letter of text) units += font === 'mono' ? monoWidth : (letterWidths.get(letter) ?? 556);
  return Math.round(units * size * (font === 'bold' ? boldWidth : 1) * 0.01) / 10;
}

export function widest(lines: readonly Line[]): number {
  return Math.max(...lines.map(widthOf));
}

export function heightOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { kind }) => sum + kinds[kind].height, 0);
}

/** The lines one below the other, from a corner. */
export function placed(lines: readonly Line[], x: number, top: number): PlacedText[] {
  let y = top;
  return lines.map((line) => {
    const { size, height } = kinds[line.kind];
    const base = y + height / 2 + size * 0.35;
    y += height;
    return { ...line, x: Math.round(x * 10) / 10, y: Math.round(base * 10) / 10, width: widthOf(line) };
  });
}

/** The text in lines of at most so many px; a word is never cut. */
export function wrap(kind: TextKind, text: string, width: number): Line[] {
  const lines: Line[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1);
    const longer = last && { kind, text: `${last.text} ${word}` };
    if (longer && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push({ kind, text: word });
  }
  return lines;
}

/** `start.expired after initTimeout`, `kill [isGraceful]`, `[isFree]`. */
export function labelOf({ event, guard, delay }: Cause): string {
  const [, outcome, actor] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event) ?? [];
  const name = actor === undefined ? event : `${actor === '*' ? 'any child' : actor} ${outcome}`;
  return [name, guard && `[${guard}]`, delay && `after ${delay.replaceAll(', ', ' or ')}`].filter(Boolean).join(' ');
}
