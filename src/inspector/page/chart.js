import { setAttribute, svg } from './dom.js';

/** How long the name of an event stays at its arrow. ms */
const labelTime = 1_600;
/** Below this the chart is as high as it is wide elsewhere. px */
const narrow = 620;
/** Radius of the bends of arrows. */
const bend = 6;

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {[x: number, y: number]} Point
 * @typedef {object} Chart
 * @property {number} width
 * @property {number} height
 * @property {(Box & { id: string, name: string, about?: string, kind: 'atomic' | 'compound' | 'final' })[]} states
 * @property {(Box & { kind: 'initial' | 'any' })[]} marks
 * @property {{ from: string, to: string, events: string[], points: Point[] }[]} edges
 * @property {Point[][]} beginnings
 */

/** The statechart of the selected node's machine: the states that it is in are lit, and the transitions that it takes flash. */
export class ChartView {
  #element;
  #charts;
  #drawn = '';
  /** @type {Map<string, SVGGElement>} */
  #states = new Map();
  /** @type {Map<string, SVGGElement>} by from and to */
  #edges = new Map();

  /** @param {HTMLElement} element @param {Record<string, Record<'wide' | 'tall', Chart>>} charts by the type of a node */
  constructor(element, charts) {
    this.#element = element;
    this.#charts = charts;
  }

  /** @param {import('./store.js').NodeView} node */
  render(node) {
    this.#draw(node.type, this.#element.clientWidth < narrow ? 'tall' : 'wide');
    const active = new Set(node.active);
    for (const [id, state] of this.#states) {
      setAttribute(state, 'class', `state${active.has(id) ? ' active' : ''}`);
    }
    setAttribute(
      this.#element,
      'aria-label',
      `Statechart of ${node.path}: ${node.active.length > 0 ? `in ${node.active.join(', in ')}` : 'not running'}`,
    );
  }

  /** @param {import('./store.js').StepView} step */
  flash({ from, to, event }) {
    const edge = this.#edges.get(`${from} ${to}`);
    if (!edge) return;
    const trace = edge.querySelector('.trace');
    trace?.animate([{ strokeDashoffset: '0.35' }, { strokeDashoffset: '-1.05' }], {
      duration: 700,
      easing: 'ease-in-out',
    });
    edge.animate([{ opacity: 1 }, { opacity: 1, offset: 0.6 }, {}], { duration: labelTime });
    const label = edge.querySelector('.label');
    const text = label?.querySelector('text');
    if (text) text.textContent = event || 'always';
    fitLabel(label);
    label?.animate([{ opacity: 1 }, { opacity: 1, offset: 0.7 }, { opacity: 0 }], { duration: labelTime });
    const state = this.#states.get(to);
    if (state?.dataset['kind'] === 'compound') return;
    state?.animate([{ filter: 'brightness(1.7)' }, { filter: 'brightness(1)' }], { duration: 500 });
  }

  /** @param {string} type @param {'wide' | 'tall'} shape */
  #draw(type, shape) {
    const wanted = `${type} ${shape}`;
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#states.clear();
    this.#edges.clear();
    const chart = this.#charts[type]?.[shape];
    if (!chart) return this.#element.replaceChildren();
    const { width, height } = chart;
    const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
    drawing.style.setProperty('--natural', `${width}px`);
    drawing.append(arrowHeads());
    const compounds = chart.states.filter((state) => state.kind === 'compound');
    const others = chart.states.filter((state) => state.kind !== 'compound');
    for (const state of compounds) drawing.append(this.#stateOf(state));
    for (const points of chart.beginnings) {
      drawing.append(svg('path', { class: 'beginning', d: pathOf(points), 'marker-end': 'url(#head)' }));
    }
    for (const edge of chart.edges) drawing.append(this.#edgeOf(edge));
    for (const mark of chart.marks) drawing.append(markOf(mark));
    for (const state of others) drawing.append(this.#stateOf(state));
    // Labels over everything else.
    for (const edge of this.#edges.values()) {
      const label = edge.querySelector('.label');
      edge.addEventListener('pointerenter', () => drawing.append(edge));
      if (label) fitLabel(label);
    }
    this.#element.replaceChildren(drawing);
  }

  /** @param {Chart['states'][number]} state */
  #stateOf({ id, name, about, kind, x, y, width, height }) {
    const isCompound = kind === 'compound';
    const text = isCompound
      ? svg('text', { x: x + 12, y: y + 21, class: 'compound-name' }, name)
      : svg('text', { x: x + width / 2, y: y + height / 2 + 4.5, 'text-anchor': 'middle' }, name);
    const box = svg('rect', { x, y, width, height, rx: isCompound ? 12 : 9 });
    const group = svg('g', { class: 'state', 'data-kind': kind, 'data-state': topOf(id), 'data-id': id }, box);
    if (kind === 'final') {
      group.append(svg('rect', { class: 'inner', x: x + 3, y: y + 3, width: width - 6, height: height - 6, rx: 6.5 }));
    }
    group.append(text);
    if (about) group.append(svg('title', {}, about));
    this.#states.set(id, group);
    return group;
  }

  /** @param {Chart['edges'][number]} edge */
  #edgeOf({ from, to, events, points }) {
    const d = pathOf(points);
    const [x, y] = middleOf(points);
    const label = svg(
      'g',
      { class: 'label' },
      svg('rect', { rx: 5 }),
      svg('text', { x, y: y + 4, 'text-anchor': 'middle' }, ''),
    );
    const title = svg(
      'title',
      {},
      `${from || 'any state'} → ${to}\n${events.map((event) => event || 'always').join('\n')}`,
    );
    const group = svg(
      'g',
      { class: 'edge' },
      svg('path', { class: 'reach', d }),
      svg('path', { class: 'wire', d, 'marker-end': 'url(#head)' }),
      svg('path', { class: 'trace', d, pathLength: 1 }),
      label,
      title,
    );
    this.#edges.set(`${from} ${to}`, group);
    return group;
  }
}

function arrowHeads() {
  const head = svg('path', { d: 'M0 0 7 3.5 0 7z' });
  const shape = {
    id: 'head',
    viewBox: '0 0 7 7',
    refX: 6.2,
    refY: 3.5,
    markerWidth: 6.5,
    markerHeight: 6.5,
    orient: 'auto',
  };
  return svg('defs', {}, svg('marker', shape, head));
}

/** @param {Chart['marks'][number]} mark */
function markOf({ kind, x, y, width, height }) {
  const circle = svg('circle', { cx: x + width / 2, cy: y + height / 2, r: kind === 'initial' ? 4 : 4.5, class: kind });
  circle.append(svg('title', {}, kind === 'initial' ? 'begins here' : 'from any state in this box'));
  return circle;
}

/** Lines with round bends. @param {readonly Point[]} points */
function pathOf(points) {
  return points
    .map(([x, y], index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (!before) return `M${x} ${y}`;
      if (!after) return `L${x} ${y}`;
      const [ax, ay] = towards([x, y], before);
      const [bx, by] = towards([x, y], after);
      return `L${ax} ${ay}Q${x} ${y} ${bx} ${by}`;
    })
    .join('');
}

/** A point near one on the way to another. @param {Point} from @param {Point} to @returns {Point} */
function towards([x, y], [toX, toY]) {
  const length = Math.hypot(toX - x, toY - y) || 1;
  const step = Math.min(bend, length / 2) / length;
  return [x + (toX - x) * step, y + (toY - y) * step];
}

/** The middle of the longest line. @param {readonly Point[]} points @returns {Point} */
function middleOf(points) {
  let longest = -1;
  /** @type {Point} */
  let middle = [0, 0];
  points.slice(1).forEach(([x, y], index) => {
    const [fromX, fromY] = points[index] ?? [x, y];
    const length = Math.hypot(x - fromX, y - fromY);
    if (length <= longest) return;
    longest = length;
    middle = [(x + fromX) / 2, (y + fromY) / 2];
  });
  return middle;
}

/** @param {Element | null | undefined} label */
function fitLabel(label) {
  const text = label?.querySelector('text');
  const box = label?.querySelector('rect');
  if (!text || !box) return;
  const width = (text.textContent?.length ?? 0) * 6.4 + 12;
  const x = Number(text.getAttribute('x'));
  const y = Number(text.getAttribute('y'));
  setAttribute(box, 'x', String(x - width / 2));
  setAttribute(box, 'y', String(y - 13));
  setAttribute(box, 'width', String(width));
  setAttribute(box, 'height', '18');
}

/** The outermost state, which gives the color. @param {string} id */
function topOf(id) {
  return id.split('.')[0] ?? '';
}
