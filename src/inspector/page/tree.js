import { html, setAttribute, setChildren, setText } from './dom.js';
import { plural } from './format.js';

/** Pools with more shells than this begin closed. */
const fewShells = 8;
/** Cells of a pool that are shown beside its name. */
const mostCells = 48;

/**
 * @typedef {import('./store.js').NodeView} NodeView
 *
 * @typedef {object} Row what stands for one node
 * @property {HTMLLIElement} item
 * @property {HTMLElement} line
 * @property {HTMLElement} twist
 * @property {HTMLElement} name
 * @property {HTMLElement} about
 * @property {HTMLElement} cells
 * @property {HTMLUListElement} group
 */

/** The supervision tree: a line for each node, and in that of a pool a cell for each shell it may have. */
export class Tree {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** Those that were opened or closed by hand. @type {Map<string, boolean>} */
  #open = new Map();
  #element;
  #store;
  #select;

  /**
   * @param {HTMLElement} element
   * @param {import('./store.js').Store} store
   * @param {(path: string) => void} select
   */
  constructor(element, store, select) {
    this.#element = element;
    this.#store = store;
    this.#select = select;
    element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** @param {string} selected */
  render(selected) {
    const { nodes, root } = this.#store;
    const top = nodes.get(root);
    if (!top) return;
    setChildren(this.#element, [this.#item(top, 1, selected)]);
    for (const path of this.#rows.keys()) if (!nodes.has(path)) this.#rows.delete(path);
    // One of them is reached by Tab, the others from there.
    const entry = this.#rows.get(selected)?.item ?? this.#rows.get(root)?.item;
    for (const { item } of this.#rows.values()) item.tabIndex = item === entry ? 0 : -1;
  }

  /** @param {NodeView} node @param {number} level @param {string} selected @returns {HTMLLIElement} */
  #item(node, level, selected) {
    const row = this.#rows.get(node.path) ?? this.#make(node);
    const children = this.#store.childrenOf(node.path);
    const isOpen = children.length > 0 && this.#isOpen(node, children.length);
    setAttribute(row.item, 'aria-level', String(level));
    setAttribute(row.item, 'aria-selected', String(node.path === selected));
    setAttribute(row.item, 'aria-expanded', children.length > 0 ? String(isOpen) : undefined);
    setAttribute(row.item, 'data-state', node.state);
    setText(row.name, node.name);
    setText(row.about, aboutOf(node));
    if (node.type === 'pool') this.#fillCells(row, node, children);
    setChildren(row.group, isOpen ? children.map((child) => this.#item(child, level + 1, selected)) : []);
    return row.item;
  }

  /** @param {NodeView} node @returns {Row} */
  #make(node) {
    const twist = html('span', { class: 'twist', 'aria-hidden': 'true' });
    const name = html('span', { class: 'name' });
    const about = html('span', { class: 'about' });
    const cells = html('span', { class: 'cells', 'aria-hidden': 'true' });
    const line = html('div', { class: 'line' }, twist, html('span', { class: 'dot' }), name, about, cells);
    const group = html('ul', { role: 'group' });
    const item = html('li', { role: 'treeitem', 'data-path': node.path, 'data-type': node.type }, line, group);
    twist.addEventListener('click', (event) => {
      event.stopPropagation();
      this.#toggle(node.path);
    });
    line.addEventListener('click', (event) => {
      const cell = /** @type {HTMLElement} */ (event.target).dataset['path'];
      item.focus({ preventScroll: true });
      this.#select(cell ?? node.path);
    });
    const row = { item, line, twist, name, about, cells, group };
    this.#rows.set(node.path, row);
    return row;
  }

  /** @param {Row} row @param {Extract<NodeView, { type: 'pool' }>} pool @param {NodeView[]} shells */
  #fillCells({ cells }, pool, shells) {
    const bySlot = new Map(shells.map((shell) => [shell.name, shell]));
    const amount = Math.min(Math.max(pool.max ?? 0, shells.length), mostCells);
    while (cells.children.length > amount) cells.lastElementChild?.remove();
    while (cells.children.length < amount) cells.append(html('i', { class: 'cell' }));
    for (const [index, cell] of [...cells.children].entries()) {
      const shell = bySlot.get(`shell.${index}`);
      setAttribute(cell, 'data-path', shell?.path);
      setAttribute(cell, 'data-state', shell?.state ?? 'empty');
      setAttribute(cell, 'title', shell ? `${shell.name}: ${shell.state}` : `shell.${index}: not started`);
    }
  }

  /** @param {NodeView} node @param {number} children */
  #isOpen(node, children) {
    return this.#open.get(node.path) ?? (node.type !== 'pool' || children <= fewShells);
  }

  /** @param {string} path @param {boolean} [open] */
  #toggle(path, open) {
    const isOpen = this.#rows.get(path)?.item.getAttribute('aria-expanded') === 'true';
    this.#open.set(path, open ?? !isOpen);
    this.render(this.#selected);
  }

  get #selected() {
    const item = this.#element.querySelector('[aria-selected="true"]');
    return (item instanceof HTMLElement && item.dataset['path']) || this.#store.root;
  }

  /** As the ARIA practices have it for trees. @param {KeyboardEvent} event */
  #onKey(event) {
    const items = /** @type {HTMLElement[]} */ ([...this.#element.querySelectorAll('[role="treeitem"]')]);
    const at = items.findIndex((item) => item === document.activeElement);
    const item = items[at];
    const path = item?.dataset['path'];
    if (!item || !path) return;
    const expanded = item.getAttribute('aria-expanded');
    if (event.key === 'ArrowDown') items[at + 1]?.focus();
    else if (event.key === 'ArrowUp') items[at - 1]?.focus();
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (event.key === 'ArrowRight' && expanded === 'true') items[at + 1]?.focus();
    else if (event.key === 'ArrowRight' && expanded === 'false') this.#toggle(path, true);
    else if (event.key === 'ArrowLeft' && expanded === 'true') this.#toggle(path, false);
    else if (event.key === 'ArrowLeft') items.findLast((each) => each !== item && each.contains(item))?.focus();
    else if (event.key === 'Enter' || event.key === ' ') this.#select(path);
    else return;
    event.preventDefault();
  }
}

/** @param {NodeView} node */
function aboutOf(node) {
  if (node.type === 'shell') return node.running?.command ?? (node.pid > 0 ? `pid ${node.pid}` : '');
  if (node.type === 'supervisor') return plural(node.count.specs, 'child', 'children');
  const { size, max, queued } = node;
  return `${size} of ${max ?? '?'}${queued > 0 ? ` · ${queued} waiting` : ''}`;
}
