import type { Box, Chart, DrawnEdge, DrawnState, PlacedText, Point } from './drawing.ts';
import { style } from './style.ts';

/** A chart as an SVG of its own, light or dark as its reader's system is. */
export function svgOf(chart: Chart): string {
  const { name, width, height, states, anys, dots, edges } = chart;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">The statechart of the ${name} machine</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="head" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 .8 9 5 0 9.2Z"/></marker></defs>',
    ...states.map(drawState),
    ...edges.map(drawEdge),
    ...dots.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="5"/>`),
    ...anys.map(({ texts, ...box }) => `<g class="any">${drawBox(box, 11)}${drawTexts(texts)}</g>`),
    ...edges.flatMap(drawLabel),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function drawState({ id, kind, texts, ...box }: DrawnState): string {
  const radius = kind === 'machine' ? 12 : 8;
  const inner = kind === 'final' ? drawBox(shrink(box, 3.5), radius - 3) : '';
  return `<g class="${kind}" data-state="${id}">${drawBox(box, radius)}${inner}${drawTexts(texts)}</g>`;
}

function drawEdge({ points, label, events }: DrawnEdge): string {
  const isFolded = label === undefined && events.length > 0;
  return `<path class="${isFolded ? 'edge folded' : 'edge'}" d="${rounded(points)}" marker-end="url(#head)"/>`;
}

function drawLabel({ label }: DrawnEdge): string[] {
  return label ? [`<g class="label">${drawBox(label, 5)}${drawTexts(label.texts)}</g>`] : [];
}

function drawBox({ x, y, width, height }: Box, radius: number): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

function shrink({ x, y, width, height }: Box, by: number): Box {
  return { x: round(x + by), y: round(y + by), width: round(width - 2 * by), height: round(height - 2 * by) };
}

function drawTexts(texts: readonly PlacedText[]): string {
  return texts
    .map(
      ({ kind, text, x, y, width }) =>
        `<text class="${kind}" x="${x}" y="${y}" textLength="${width}" lengthAdjust="spacingAndGlyphs">${escape(text)}</text>`,
    )
    .join('');
}

/** A path through the points, with its corners rounded. */
function rounded(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (!before) return `M${point.join(' ')}`;
      if (!after) return `L${point.join(' ')}`;
      return `L${towards(point, before)}Q${point.join(' ')} ${towards(point, after)}`;
    })
    .join('');
}

/** The point 7 px from one point to another, at most half the way. */
function towards([x, y]: Point, [toX, toY]: Point): string {
  const length = Math.hypot(toX - x, toY - y);
  const part = length === 0 ? 0 : Math.min(7, length / 2) / length;
  return `${round(x + (toX - x) * part)} ${round(y + (toY - y) * part)}`;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
