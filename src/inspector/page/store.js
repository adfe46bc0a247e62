/**
 * @typedef {import('../protocol.ts').NodeView} NodeView
 * @typedef {import('../protocol.ts').ShellView} ShellView
 * @typedef {import('../protocol.ts').Happened} Happened
 * @typedef {import('../protocol.ts').Frame} Frame
 * @typedef {import('../protocol.ts').Present} Present
 * @typedef {import('../protocol.ts').MessageView} MessageView
 * @typedef {import('../protocol.ts').StepView} StepView
 * @typedef {import('../protocol.ts').TurnView} TurnView
 * @typedef {import('../protocol.ts').SpanView} SpanView
 * @typedef {import('../protocol.ts').SampleView} SampleView
 */

/** How much is kept of each. */
const kept = { messages: 2_000, turns: 400, spans: 2_000, samples: 300 };

/** All that the page knows: what the server sent, in the order of the tree. */
export class Store {
  root = '';
  version = '';
  showCommands = false;
  /** @type {Map<string, NodeView>} */
  nodes = new Map();
  /** @type {MessageView[]} the oldest first */
  messages = [];
  /** @type {Map<string, TurnView[]>} by the path of the shell */
  turns = new Map();
  /** @type {Map<string, SpanView[]>} by the path of the shell */
  spans = new Map();
  /** @type {Map<string, SampleView[]>} by the path of the pool */
  samples = new Map();
  /** Updates that did not reach this page, and messages that were too many. */
  missed = 0;
  omitted = 0;
  /** The server's clock, as it is ahead of ours. ms */
  #ahead = 0;

  /** Now, by the server's clock. */
  get now() {
    return Date.now() + this.#ahead;
  }

  /** What is sent at first, and after what was missed: it takes the place of all that is known of the present. @param {Present} present */
  welcome(present) {
    this.#ahead = present.at - Date.now();
    this.root = present.root;
    this.version = present.version;
    this.showCommands = present.showCommands;
    this.missed += present.missed;
    this.nodes = new Map(present.nodes.map((node) => [node.path, node]));
    const last = this.messages.at(-1)?.n ?? 0;
    const newest = present.recent.messages.at(-1)?.n ?? 0;
    // The numbers begin anew where nobody looked for a while.
    if (newest < last) this.messages.push(...present.recent.messages);
    else this.messages.push(...present.recent.messages.filter(({ n }) => n > last));
    this.turns.clear();
    this.spans.clear();
    this.samples.clear();
    this.#remember({ ...present.recent, messages: [] });
    for (const node of present.nodes) {
      if (node.type !== 'shell') continue;
      const known = this.turns.get(node.path)?.at(-1);
      if (known?.state !== node.state) append(this.turns, turnOf(node), kept.turns);
    }
  }

  /** @param {Frame} frame */
  update(frame) {
    for (const node of frame.nodes) this.nodes.set(node.path, node);
    for (const path of frame.gone) this.nodes.delete(path);
    this.#remember(frame);
  }

  /** Those directly below, in their order. @param {string} path */
  childrenOf(path) {
    const children = [...this.nodes.values()].filter(({ parent }) => parent === path);
    return children.every(({ type }) => type === 'shell') ? children.toSorted(bySlot) : children;
  }

  /** The shells of a node and of all below it. @param {string} path @returns {ShellView[]} */
  shellsIn(path) {
    const shells = /** @type {ShellView[]} */ (
      [...this.nodes.values()].filter((node) => node.type === 'shell' && isWithin(node.path, path))
    );
    return shells.toSorted((a, b) => (a.parent === b.parent ? bySlot(a, b) : 0));
  }

  /** @param {string} path */
  poolsIn(path) {
    const pools = [...this.nodes.values()].filter((node) => node.type === 'pool');
    return pools.filter((pool) => isWithin(pool.path, path) || isWithin(path, pool.path));
  }

  /** @param {Happened} happened */
  #remember({ messages, turns, spans, samples, omitted }) {
    this.messages.push(...messages);
    if (this.messages.length > kept.messages * 1.2) this.messages.splice(0, this.messages.length - kept.messages);
    this.omitted += omitted.messages;
    for (const turn of turns) append(this.turns, turn, kept.turns);
    for (const span of spans) append(this.spans, span, kept.spans);
    for (const sample of samples) append(this.samples, sample, kept.samples);
  }
}

/** Whether a path is that of a node, or below it. @param {string} path @param {string} top */
export function isWithin(path, top) {
  return path === top || path.startsWith(`${top}/`);
}

/** @param {ShellView} shell @returns {TurnView} */
function turnOf({ path, since, state }) {
  return { path, at: since, state };
}

/** @param {NodeView} a @param {NodeView} b */
function bySlot(a, b) {
  return Number(a.name.slice('shell.'.length)) - Number(b.name.slice('shell.'.length));
}

/**
 * @template {{ path: string }} Item
 * @param {Map<string, Item[]>} lists
 * @param {Item} item
 * @param {number} limit
 */
function append(lists, item, limit) {
  const list = lists.get(item.path) ?? [];
  list.push(item);
  if (list.length > limit * 1.2) list.splice(0, list.length - limit);
  lists.set(item.path, list);
}
