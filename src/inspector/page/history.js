import { byId, html, setChildren, setText } from './dom.js';
import { clock, duration } from './format.js';

/** ms between two requests for the history, at least. */
const pause = 700;

/** @typedef {import('../protocol.ts').HistoryView} HistoryView */

/** The last commands of the selected shell, asked for when it has run more. */
export class HistoryPanel {
  #store;
  #panel = byId('history-panel');
  #list = byId('history');
  #hint = byId('history-hint');
  #title = byId('history-title');
  #path = '';
  #known = '';
  #asked = 0;
  #isAsking = false;

  /** @param {import('./store.js').Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** @param {import('./store.js').NodeView} node */
  render(node) {
    this.#panel.hidden = node.type !== 'shell';
    if (node.type !== 'shell') return;
    if (node.path !== this.#path) {
      this.#path = node.path;
      this.#known = '';
      this.#asked = 0;
      setText(this.#title, `History of ${node.name}`);
      this.#list.replaceChildren();
      this.#hint.hidden = true;
    }
    const wanted = `${node.path} ${node.pid} ${node.uses}`;
    if (wanted === this.#known || this.#isAsking || Date.now() - this.#asked < pause) return;
    void this.#ask(node.path, wanted);
  }

  /** @param {string} path @param {string} wanted */
  async #ask(path, wanted) {
    this.#isAsking = true;
    this.#asked = Date.now();
    try {
      const response = await fetch(`history?path=${encodeURIComponent(path)}`);
      if (response.ok && path === this.#path) {
        this.#show(await response.json());
        this.#known = wanted;
      }
    } catch {
      // The connection says that it is lost; it is asked again.
    } finally {
      this.#isAsking = false;
    }
  }

  /** @param {HistoryView[]} entries */
  #show(entries) {
    this.#hint.hidden = this.#store.showCommands && entries.length > 0;
    setText(
      this.#hint,
      entries.length === 0
        ? 'It has run nothing yet.'
        : 'What was run is not shown: createInspector was not given showCommands: true.',
    );
    setChildren(this.#list, entries.toReversed().map(lineOf));
  }
}

/** @param {HistoryView} entry */
function lineOf(entry) {
  const { id, startedAt, durationMs, command, stdout, stderr } = entry;
  const { text, isGood } = endOf(entry);
  const line = [
    html('time', {}, clock(startedAt)),
    html('span', { class: 'end', 'data-good': String(isGood) }, text),
    html('span', { class: 'took' }, duration(durationMs)),
    html('code', { class: command === undefined ? 'hidden-text' : '' }, command ?? id),
  ];
  if (!stdout && !stderr) return html('li', {}, html('div', { class: 'entry' }, ...line));
  const output = [outputOf('stdout', stdout), outputOf('stderr', stderr)].filter((part) => part !== undefined);
  return html('li', {}, html('details', {}, html('summary', { class: 'entry' }, ...line), ...output));
}

/** @param {HistoryView} entry */
function endOf({ exitCode, signal, error }) {
  if (error !== undefined) return { text: error.replace('ERR_', '').toLowerCase().replaceAll('_', ' '), isGood: false };
  if (signal !== undefined) return { text: signal, isGood: false };
  return { text: `exit ${exitCode ?? '?'}`, isGood: exitCode === 0 };
}

/** @param {string} name @param {string | undefined} text */
function outputOf(name, text) {
  return text ? html('pre', { 'data-stream': name, 'aria-label': name, tabindex: '0' }, text) : undefined;
}
