import { html, setChildren, setText } from './dom.js';
import { count, duration } from './format.js';

/** What is known of the selected node, as pairs of a name and a value. */
export class Facts {
  #element;
  /** @type {Map<string, { element: HTMLElement, value: HTMLElement }>} */
  #pairs = new Map();

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {import('./store.js').NodeView} node @param {number} now */
  render(node, now) {
    const wanted = factsOf(node, now).filter(([, value]) => value !== undefined && value !== '');
    const elements = wanted.flatMap(([name, value]) => {
      const known = this.#pairs.get(name);
      const pair = known ?? pairOf(name);
      this.#pairs.set(name, pair);
      setText(pair.value, String(value));
      return [pair.element];
    });
    setChildren(this.#element, elements);
  }
}

/** @param {string} name */
function pairOf(name) {
  const value = html('dd');
  return { value, element: html('div', {}, html('dt', {}, name), value) };
}

/** @param {import('./store.js').NodeView} node @param {number} now @returns {[string, string | number | undefined][]} */
function factsOf(node, now) {
  if (node.type === 'shell') {
    const { pid, since, uses, running } = node;
    return [
      ['pid', pid || undefined],
      ['in this state', duration(Math.max(0, now - since))],
      ['commands run', count(uses)],
      ['runs now', running && (running.command ?? running.id)],
      ['for', running && duration(Math.max(0, now - running.startedAt))],
    ];
  }
  if (node.type === 'pool') {
    return [
      ['shells', `${node.size} (${node.min ?? '?'} to ${node.max ?? '?'})`],
      ['idle', node.idle],
      ['busy', node.busy],
      ['waiting', node.queued],
      ['commands', count(node.finished)],
      ['of them failed', count(node.failed)],
      ['rejected', count(node.rejected)],
      ['shells started', count(node.spawned)],
      ['shells lost', count(node.lost)],
      ...supervisedBy(node),
      ...errorIn(node),
    ];
  }
  const { strategy, intensity, period, recentRestarts, count: children } = node;
  return [
    ['strategy', strategy],
    ['children', children.specs],
    ['active', children.active],
    ['restarts that count', intensity === undefined ? recentRestarts : `${recentRestarts} of ${intensity}`],
    ['within', period === undefined ? undefined : duration(period)],
    ...supervisedBy(node),
    ...errorIn(node),
  ];
}

/** @param {{ restart?: string, restarts?: number, lastExit?: string }} node @returns {[string, string | number | undefined][]} */
function supervisedBy({ restart, restarts, lastExit }) {
  return [
    ['restart', restart],
    ['started again', restarts],
    ['last exit', lastExit],
  ];
}

/** @param {{ lastError?: import('../protocol.ts').ErrorView }} node @returns {[string, string | undefined][]} */
function errorIn({ lastError }) {
  return [['last error', lastError && (lastError.message ?? lastError.code)]];
}
