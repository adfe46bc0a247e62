import { describe, expect, test } from 'vitest';
import type { Box, Chart } from '../charts/drawing.ts';
import { chartOf } from '../charts/chart.ts';
import { chartFiles } from '../charts/files.ts';
import { charted, graphs } from '../charts/machines.ts';
import { sectionOf, textOf } from '../support/pages.ts';

const files = await chartFiles();
const charts = await Promise.all(graphs().map(chartOf));

test.each([...files.keys()])('%s is what `npm run charts` makes of the machines', (path) => {
  expect(textOf(path)).toBe(files.get(path));
});

describe.each(charted)('the charts of the $name machine', ({ name, machine }) => {
  const mermaid = sectionOf('docs/machines.md', `## The ${name} machine`).replace(/^.*?```mermaid/s, '');
  const svg = textOf(`docs/charts/${name}.svg`);

  test('have every transition that its config has', () => {
    const missing = transitionsOf(machine.config as StateConfig).filter(
      ({ event, target }) => !new RegExp(`--> \\w*${target} : .*${event}`).test(mermaid),
    );
    expect(missing).toEqual([]);
  });

  test('name every delay', () => {
    const delays = Object.keys(machine.implementations.delays);
    expect(delays.filter((delay) => !svg.includes(delay))).toEqual([]);
    expect(delays).not.toEqual([]);
  });

  test('have a title, and colours for a dark page', () => {
    expect(svg).toContain(`<title id="title">The statechart of the ${name} machine</title>`);
    expect(svg).toContain('@media(prefers-color-scheme:dark)');
  });
});

describe.each(charts)('the chart of the $name machine', (chart) => {
  test('has its texts within their boxes, and nothing over anything', () => {
    const texts = [...chart.states, ...chart.anys].flatMap(({ texts, ...box }) =>
      texts.map((text) => ({ box, text: text.text, at: spanOf(text) })),
    );
    expect(texts.filter(({ box, at }) => !contains(box, at)).map(({ text }) => text)).toEqual([]);
    const solid = [...texts.map(({ text, at }) => ({ text, at })), ...labelsOf(chart)];
    const pairs = solid.flatMap((a, index) => solid.slice(index + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => overlaps(a.at, b.at)).map(([a, b]) => [a.text, b.text])).toEqual([]);
  });

  test('has no arrow through a text', () => {
    const texts = [...chart.states, ...chart.anys].flatMap(({ texts }) =>
      texts.map((text) => ({ text: text.text, at: spanOf(text) })),
    );
    const crossed = chart.edges.flatMap((edge) => {
      const own = edge.label && JSON.stringify(edge.label.texts.map(({ text }) => text));
      const others = [...texts, ...labelsOf(chart).filter(({ at }) => at !== edge.label)];
      return segmentsOf(edge.points).flatMap((segment) =>
        others.filter(({ at }) => overlaps(at, segment)).map(({ text }) => `${edge.from} → ${edge.to} ${own}: ${text}`),
      );
    });
    expect(crossed).toEqual([]);
  });
});

interface StateConfig {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly always?: unknown;
  readonly invoke?: unknown;
  readonly states?: Readonly<Record<string, StateConfig>>;
}

/** What the config says, read without XState: the last part of each target with what leads there. */
function transitionsOf({ on = {}, always, invoke, states = {} }: StateConfig): { event: string; target: string }[] {
  const { id, onDone, onError } = (invoke ?? {}) as { id?: string; onDone?: unknown; onError?: unknown };
  const named = Object.entries(on).map(([event, value]) => [spoken(event), value] as const);
  const all = [...named, [`${id} done`, onDone], [`${id} error`, onError], ['', always]] as const;
  const own = all.flatMap(([event, value]) =>
    [value ?? []].flat().flatMap((transition) => {
      const { target, guard } = transition as { target?: string; guard?: unknown };
      if (target === undefined) return [];
      return [{ event: event === '' ? String(guard) : event, target: target.replace(/^.*[.#]/, '') }];
    }),
  );
  return [...own, ...Object.values(states).flatMap(transitionsOf)];
}

function spoken(event: string): string {
  return event.replace(/^xstate\.(done|error)\.actor\.(\w+)$/, '$2 $1');
}

function labelsOf({ edges }: Chart): { text: string; at: Box }[] {
  return edges.flatMap(({ label }) =>
    label ? [{ text: label.texts.map(({ text }) => text).join(' '), at: label }] : [],
  );
}

function spanOf({ x, y, width }: { x: number; y: number; width: number }): Box {
  return { x, y: y - 9, width, height: 10 };
}

function segmentsOf(points: Chart['edges'][number]['points']): Box[] {
  return points.slice(1).map(([x, y], index) => {
    const [fromX, fromY] = points[index]!;
    return { x: Math.min(x, fromX), y: Math.min(y, fromY), width: Math.abs(x - fromX), height: Math.abs(y - fromY) };
  });
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function contains(outer: Box, inner: Box): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}
