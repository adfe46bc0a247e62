import { byId, html, setAttribute, setText } from './dom.js';
import { clock, count, plural } from './format.js';
import { isWithin } from './store.js';

/** Lines that the page has at most. */
const mostLines = 250;

/**
 * @typedef {import('./store.js').MessageView} MessageView
 */

/** What the actors told each other, the newest first: to filter, to hold still, and to look at one by one. */
export class Sequence {
  #store;
  #select;
  #list = byId('messages');
  #detail = byId('message-detail');
  #count = byId('sequence-count');
  #pause = byId('sequence-pause');
  /** @type {HTMLInputElement} */
  #filter = byId('sequence-filter');
  /** @type {HTMLInputElement} */
  #onlySelected = byId('sequence-selected');
  /** What is shown while it is held. @type {MessageView[] | undefined} */
  #held;
  /** @type {MessageView | undefined} */
  #chosen;
  #shown = '';
  /** @type {WeakMap<MessageView, HTMLLIElement>} */
  #lines = new WeakMap();
  #selected = '';

  /** @param {import('./store.js').Store} store @param {(path: string) => void} select */
  constructor(store, select) {
    this.#store = store;
    this.#select = select;
    this.#pause.addEventListener('click', () => {
      this.#held = this.#held ? undefined : [...store.messages];
      setAttribute(this.#pause, 'aria-pressed', String(this.#held !== undefined));
      setText(this.#pause, this.#held ? 'Resume' : 'Pause');
      this.render(this.#selected);
    });
    for (const tool of [this.#filter, this.#onlySelected])
      tool.addEventListener('input', () => this.render(this.#selected));
    this.#list.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** @param {string} selected */
  render(selected) {
    this.#selected = selected;
    const all = this.#held ?? this.#store.messages;
    const fits = this.#test(selected);
    const found = all.filter(fits);
    const shown = found.slice(-mostLines).toReversed();
    const since = this.#held ? this.#store.messages.filter(({ n }) => n > (all.at(-1)?.n ?? 0)).length : 0;
    setText(
      this.#count,
      [
        found.length === all.length
          ? plural(all.length, 'message')
          : `${count(found.length)} of ${plural(all.length, 'message')}`,
        ...(since > 0 ? [`${count(since)} new since the pause`] : []),
        ...(this.#store.omitted > 0 ? [`${count(this.#store.omitted)} were too many to send`] : []),
      ].join(' · '),
    );
    const key = `${shown[0]?.n} ${shown.length} ${this.#chosen?.n} ${this.#filter.value} ${this.#onlySelected.checked} ${selected}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#list.replaceChildren(...shown.map((message) => this.#lineOf(message)));
  }

  /** @param {string} selected @returns {(message: MessageView) => boolean} */
  #test(selected) {
    const words = this.#filter.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '' && word !== '-');
    const only = this.#onlySelected.checked;
    return ({ from = '', to, type }) => {
      if (only && !isWithin(to, selected) && !isWithin(from, selected)) return false;
      const text = `${from} ${to} ${type}`.toLowerCase();
      return words.every((word) => (word.startsWith('-') ? !text.includes(word.slice(1)) : text.includes(word)));
    };
  }

  /** @param {MessageView} message */
  #lineOf(message) {
    const known = this.#lines.get(message);
    const isChosen = String(message === this.#chosen);
    if (known) {
      setAttribute(known, 'aria-selected', isChosen);
      return known;
    }
    const { n, at, from, to, type, detail } = message;
    const said = Object.values(detail).slice(0, 2).join(' ');
    const line = html(
      'li',
      { role: 'option', 'aria-selected': isChosen, id: `message-${n}`, 'data-type': type },
      html('time', {}, clock(at)),
      html('span', { class: 'type' }, type),
      html('span', { class: 'said' }, said),
      html(
        'span',
        { class: 'way' },
        from === to ? `${this.#short(to)} itself` : `${this.#short(from)} → ${this.#short(to)}`,
      ),
    );
    line.addEventListener('click', () => this.#choose(message));
    this.#lines.set(message, line);
    return line;
  }

  /** Without what all have in common. @param {string | undefined} path */
  #short(path) {
    if (path === undefined) return 'outside';
    const { root } = this.#store;
    return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  }

  /** @param {MessageView | undefined} message */
  #choose(message) {
    this.#chosen = message;
    this.#detail.hidden = message === undefined;
    setAttribute(this.#list, 'aria-activedescendant', message && `message-${message.n}`);
    if (message) this.#show(message);
    this.render(this.#selected);
  }

  /** @param {MessageView} message */
  #show({ n, at, from, to, type, detail }) {
    const close = html('button', { type: 'button', class: 'quiet', 'aria-label': 'Close' }, '×');
    close.addEventListener('click', () => this.#choose(undefined));
    this.#detail.replaceChildren(
      html('div', { class: 'head' }, html('h3', {}, type), close),
      html('p', { class: 'hint' }, `number ${n}, ${clock(at)}`),
      html('p', {}, 'from ', this.#linkTo(from), ' to ', this.#linkTo(to)),
      html('pre', { tabindex: '0' }, JSON.stringify({ type, ...detail }, undefined, 2)),
    );
  }

  /** A button where there is such a node, or one above it. @param {string | undefined} path */
  #linkTo(path) {
    if (path === undefined) return 'outside';
    let known = path;
    while (known && !this.#store.nodes.has(known)) known = known.slice(0, Math.max(0, known.lastIndexOf('/')));
    if (!known) return path;
    const link = html('button', { type: 'button', class: 'link' }, path);
    link.addEventListener('click', () => this.#select(known));
    return link;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') return this.#choose(undefined);
    if (step === 0) return;
    event.preventDefault();
    const shown = (this.#held ?? this.#store.messages)
      .filter(this.#test(this.#selected))
      .slice(-mostLines)
      .toReversed();
    const at = this.#chosen ? shown.indexOf(this.#chosen) : -1;
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + step))];
    this.#choose(next);
    document.getElementById(`message-${next?.n}`)?.scrollIntoView({ block: 'nearest' });
  }
}
