import { color, prepare } from './canvas.js';
import { byId, html, setAttribute, setChildren, setText } from './dom.js';
import { duration } from './format.js';
import { isWithin } from './store.js';

const windows = [15_000, 60_000, 300_000];
const laneHeight = 24;
/** Lanes that are drawn; the others are counted. */
const mostLanes = 40;

/**
 * @typedef {import('./store.js').Store} Store
 *
 * @typedef {object} Lane
 * @property {HTMLElement} row
 * @property {HTMLButtonElement} label
 * @property {HTMLCanvasElement} canvas
 */

/** The states and commands of the shells of the selected node over time: a lane for each. */
export class Timeline {
  #store;
  #select;
  #element = byId('timeline');
  #choices = byId('timeline-window');
  #axis = html('div', { class: 'axis', 'aria-hidden': 'true' });
  #more = html('p', { class: 'hint' });
  /** @type {Map<string, Lane>} */
  #lanes = new Map();
  #window = windows[1] ?? 60_000;

  /** @param {Store} store @param {(path: string) => void} select */
  constructor(store, select) {
    this.#store = store;
    this.#select = select;
    for (const ms of windows) {
      const button = html(
        'button',
        { type: 'button', 'aria-pressed': ms === this.#window },
        duration(ms).replace(' 0 s', ''),
      );
      button.addEventListener('click', () => {
        this.#window = ms;
        for (const each of this.#choices.children) setAttribute(each, 'aria-pressed', String(each === button));
      });
      setAttribute(button, 'aria-pressed', String(ms === this.#window));
      this.#choices.append(button);
    }
  }

  /** @param {string} selected */
  render(selected) {
    const node = this.#store.nodes.get(selected);
    const top = node?.type === 'shell' ? (node.parent ?? selected) : selected;
    const shells = this.#shellsOf(top);
    const shown = shells.slice(0, mostLanes);
    const lanes = shown.map((path) => this.#laneOf(path));
    setText(this.#more, shells.length > shown.length ? `and ${shells.length - shown.length} more shells` : '');
    setChildren(this.#element, [...lanes.map(({ row }) => row), this.#axis, this.#more]);
    for (const path of this.#lanes.keys()) if (!shown.includes(path)) this.#lanes.delete(path);
    const end = this.#store.now;
    shown.forEach((path, index) => {
      const lane = lanes[index];
      if (lane) this.#draw(path, lane, end, path === selected, top);
    });
    this.#drawAxis();
  }

  /** Those that are there, and those that were in the time shown. @param {string} top */
  #shellsOf(top) {
    const present = this.#store.shellsIn(top).map(({ path }) => path);
    const oldest = this.#store.now - this.#window;
    const gone = [...this.#store.turns].filter(
      ([path, turns]) => isWithin(path, top) && !this.#store.nodes.has(path) && (turns.at(-1)?.at ?? 0) > oldest,
    );
    const order = new Intl.Collator('en', { numeric: true });
    return [...present, ...gone.map(([path]) => path)].toSorted((a, b) => order.compare(a, b));
  }

  /** @param {string} path @returns {Lane} */
  #laneOf(path) {
    const known = this.#lanes.get(path);
    if (known) return known;
    const label = html('button', { type: 'button', class: 'lane-label' });
    const canvas = html('canvas', { height: laneHeight, 'aria-hidden': 'true' });
    const row = html('div', { class: 'lane', 'data-path': path }, label, canvas);
    label.addEventListener('click', () => this.#select(path));
    canvas.addEventListener('click', () => this.#select(path));
    canvas.addEventListener('pointermove', (event) => (canvas.title = this.#at(path, canvas, event.offsetX)));
    const lane = { row, label, canvas };
    this.#lanes.set(path, lane);
    return lane;
  }

  /** @param {string} path @param {Lane} lane @param {number} end @param {boolean} isSelected @param {string} top */
  #draw(path, { row, label, canvas }, end, isSelected, top) {
    const node = this.#store.nodes.get(path);
    const state = node?.state ?? 'gone';
    setText(label, path.slice(top.length + 1) || path);
    setAttribute(label, 'title', `${path}: ${state}`);
    setAttribute(row, 'data-state', state);
    setAttribute(row, 'class', `lane${isSelected ? ' selected' : ''}`);
    const place = prepare(canvas, laneHeight);
    if (!place) return;
    const { context, width } = place;
    const x = (/** @type {number} */ at) => ((at - end + this.#window) / this.#window) * width;
    const turns = this.#store.turns.get(path) ?? [];
    turns.forEach((turn, index) => {
      const until = turns[index + 1]?.at ?? end;
      if (until < end - this.#window || turn.state === 'destroyed') return;
      const from = Math.max(0, x(turn.at));
      context.globalAlpha = turn.state === 'idle' ? 0.3 : turn.state === 'busy' ? 0.34 : 0.9;
      context.fillStyle = color(turn.state);
      context.fillRect(from, 6, Math.max(1, x(until) - from), laneHeight - 12);
    });
    context.globalAlpha = 1;
    const running =
      node?.type === 'shell' && node.running ? [{ from: node.running.startedAt, to: end, failed: 0 }] : [];
    for (const { from, to, failed } of [...(this.#store.spans.get(path) ?? []), ...running]) {
      if (to < end - this.#window) continue;
      const left = Math.max(0, x(from));
      context.fillStyle = color(failed > 0 ? 'invalid' : 'busy');
      context.fillRect(left, 4, Math.max(1.5, x(to) - left), laneHeight - 8);
    }
  }

  #drawAxis() {
    const marks = [1, 0.75, 0.5, 0.25, 0].map((part) =>
      part === 0 ? 'now' : `−${duration(part * this.#window).replace(' 0 s', '')}`,
    );
    const text = marks.join('|');
    if (this.#axis.dataset['marks'] === text) return;
    this.#axis.dataset['marks'] = text;
    this.#axis.replaceChildren(...marks.map((mark) => html('span', {}, mark)));
  }

  /** What was there, for the tooltip. @param {string} path @param {HTMLCanvasElement} canvas @param {number} x */
  #at(path, canvas, x) {
    const ms = this.#window / canvas.clientWidth;
    const at = this.#store.now - this.#window + x * ms;
    const span = this.#store.spans.get(path)?.findLast(({ from, to }) => from - 2 * ms <= at && at <= to + 2 * ms);
    const turn = this.#store.turns.get(path)?.findLast((each) => each.at <= at);
    const state = turn ? `${turn.state}${turn.reason ? ` (${turn.reason})` : ''}` : '';
    if (!span) return state;
    const what = span.command ?? span.id ?? `${span.count} commands`;
    return `${what}\n${duration(span.to - span.from)}${span.failed > 0 ? `, ${span.failed} failed` : ''}\n${state}`;
  }
}
