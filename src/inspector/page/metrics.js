import { color, prepare } from './canvas.js';
import { byId, html, setChildren, setText } from './dom.js';
import { count, duration } from './format.js';

const height = 84;
/** Time shown. ms */
const shown = 120_000;

/**
 * @typedef {import('./store.js').SampleView} SampleView
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {string} color by its name in the style sheet
 * @property {(samples: SampleView[]) => number | undefined} of what the pools together did in one second; undefined: nothing
 *
 * @typedef {object} Plot
 * @property {string} title
 * @property {Line[]} lines
 * @property {(value: number) => string} show
 */

/** @type {Plot[]} */
const plots = [
  {
    title: 'Waiting',
    lines: [{ name: 'requests', color: 'saturated', of: (samples) => sum(samples, ({ queued }) => queued) }],
    show: count,
  },
  {
    title: 'Commands per second',
    lines: [
      { name: 'ended', color: 'idle', of: (samples) => sum(samples, ({ ended }) => ended) },
      { name: 'failed', color: 'invalid', of: (samples) => sum(samples, ({ failed }) => failed) },
    ],
    show: count,
  },
  { title: 'Time in the queue', lines: percentilesOf(({ wait }) => wait), show: duration },
  { title: 'Run time', lines: percentilesOf(({ run }) => run), show: duration },
];

/** Queue, throughput and times of the selected pool, or of all below the selected supervisor. */
export class Metrics {
  #store;
  #of = byId('metrics-of');
  #views = plots.map((plot) => {
    const values = plot.lines.map(() => html('b'));
    const legend = html('span', { class: 'plot-legend' });
    plot.lines.forEach(({ name, color: tint }, index) => {
      const key = html('i');
      key.style.background = `var(--${tint})`;
      legend.append(html('span', {}, key, `${name} `, values[index] ?? ''));
    });
    const canvas = html('canvas', { height, 'aria-hidden': 'true' });
    return { plot, values, canvas, element: html('figure', {}, html('figcaption', {}, plot.title), legend, canvas) };
  });

  /** @param {import('./store.js').Store} store */
  constructor(store) {
    this.#store = store;
    setChildren(
      byId('metrics'),
      this.#views.map(({ element }) => element),
    );
  }

  /** @param {string} selected */
  render(selected) {
    const pools = this.#store.poolsIn(selected);
    setText(this.#of, pools.length === 1 ? (pools[0]?.path ?? '') : `${pools.length} pools; times of the slowest`);
    const seconds = this.#secondsOf(pools.map(({ path }) => path));
    for (const { plot, values, canvas } of this.#views) {
      const lines = plot.lines.map((line) => seconds.map(({ at, samples }) => ({ at, value: line.of(samples) })));
      lines.forEach((points, index) => {
        const value = points.at(-1)?.value;
        const element = values[index];
        if (element) setText(element, value === undefined ? '–' : plot.show(value));
      });
      this.#draw(plot, lines, canvas);
    }
  }

  /** @param {string[]} paths @returns {{ at: number, samples: SampleView[] }[]} the oldest first */
  #secondsOf(paths) {
    /** @type {Map<number, SampleView[]>} */
    const seconds = new Map();
    const oldest = this.#store.now - shown - 2_000;
    for (const path of paths) {
      for (const sample of this.#store.samples.get(path) ?? []) {
        // The server takes those of all pools at the same time.
        if (sample.at >= oldest) seconds.set(sample.at, [...(seconds.get(sample.at) ?? []), sample]);
      }
    }
    return [...seconds].map(([at, samples]) => ({ at, samples })).toSorted((a, b) => a.at - b.at);
  }

  /** @param {Plot} plot @param {{ at: number, value: number | undefined }[][]} lines @param {HTMLCanvasElement} canvas */
  #draw(plot, lines, canvas) {
    const place = prepare(canvas, height);
    if (!place) return;
    const { context, width } = place;
    const end = this.#store.now;
    const top = Math.max(...lines.flat().map(({ value }) => value ?? 0), 0);
    const highest = niceAbove(top);
    const x = (/** @type {number} */ at) => ((at - end + shown) / shown) * width;
    const y = (/** @type {number} */ value) => height - 4 - (value / highest) * (height - 20);
    context.strokeStyle = context.fillStyle = color('line');
    context.lineWidth = 1;
    for (const part of [0, 0.5, 1]) context.fillRect(0, Math.round(y(highest * part)), width, 1);
    context.fillStyle = color('dim');
    context.font = `10px ${getComputedStyle(document.body).fontFamily}`;
    context.fillText(plot.show(highest), 2, y(highest) - 3);
    lines.forEach((points, index) => {
      const line = plot.lines[index];
      if (!line) return;
      context.strokeStyle = context.fillStyle = color(line.color);
      context.lineWidth = 1.6;
      context.lineJoin = 'round';
      context.beginPath();
      let isDown = false;
      for (const { at, value } of points) {
        if (value === undefined) isDown = false;
        else if (isDown) context.lineTo(x(at), y(value));
        else context.moveTo(x(at), y(value));
        if (value !== undefined && !isDown) context.fillRect(x(at) - 0.8, y(value) - 0.8, 1.6, 1.6);
        isDown = value !== undefined;
      }
      context.stroke();
    });
  }
}

/** @param {(sample: SampleView) => import('../protocol.ts').Percentiles | undefined} read @returns {Line[]} */
function percentilesOf(read) {
  const slowest = (/** @type {number} */ index) => (/** @type {SampleView[]} */ samples) => {
    const values = samples.flatMap((sample) => read(sample)?.[index] ?? []);
    return values.length > 0 ? Math.max(...values) : undefined;
  };
  return [
    { name: 'p50', color: 'idle', of: slowest(0) },
    { name: 'p90', color: 'spawning', of: slowest(1) },
    { name: 'p99', color: 'busy', of: slowest(2) },
  ];
}

/** @param {SampleView[]} samples @param {(sample: SampleView) => number} read */
function sum(samples, read) {
  return samples.reduce((total, sample) => total + read(sample), 0);
}

/** The next of 1, 2 and 5, times a power of ten. @param {number} value */
function niceAbove(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
