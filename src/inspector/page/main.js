import { forgetColors } from './canvas.js';
import { ChartView } from './chart.js';
import { connect } from './connection.js';
import { byId, html, setAttribute, setChildren, setText } from './dom.js';
import { Facts } from './facts.js';
import { count } from './format.js';
import { HistoryPanel } from './history.js';
import { Metrics } from './metrics.js';
import { Sequence } from './sequence.js';
import { isWithin, Store } from './store.js';
import { startTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { Tree } from './tree.js';

/** ms between two drawings, at least: an eye sees no more. */
const interval = 80;
const shellStates = ['spawning', 'initializing', 'idle', 'busy', 'invalid', 'destroying', 'destroyed'];

const store = new Store();
let selected = decodeURIComponent(location.hash.slice(1));

const tree = new Tree(byId('tree'), store, select);
const chart = new ChartView(byId('chart'), await (await fetch('charts.json')).json());
const facts = new Facts(byId('facts'));
const history = new HistoryPanel(store);
const timeline = new Timeline(store, select);
const metrics = new Metrics(store);
const sequence = new Sequence(store, select);

startTheme(forgetColors);
setChildren(
  byId('legend'),
  shellStates.map((state) =>
    html('li', { 'data-state': state }, html('i', { class: 'cell', 'data-state': state }), state),
  ),
);

connect({
  onPresent(present) {
    store.welcome(present);
    document.title = `${present.root} · Shellwright`;
  },
  onFrame(frame) {
    store.update(frame);
    for (const step of frame.steps) if (step.path === shownPath()) chart.flash(step);
  },
  onState(state) {
    const connection = byId('connection');
    setAttribute(connection, 'data-state', state);
    setText(connection, state);
  },
});

let drawn = 0;
requestAnimationFrame(draw);

/** @param {number} at */
function draw(at) {
  requestAnimationFrame(draw);
  if (at - drawn < interval || store.nodes.size === 0) return;
  drawn = at;
  const path = shownPath();
  const node = store.nodes.get(path);
  if (!node) return;
  tree.render(path);
  setText(byId('focus-title'), node.path);
  const badge = byId('focus-state');
  setText(badge, node.state);
  setAttribute(badge, 'data-state', node.state);
  chart.render(node);
  facts.render(node, store.now);
  history.render(node);
  timeline.render(path);
  metrics.render(path);
  sequence.render(path);
  drawTotals();
}

/** What is selected, or what is left of it: a shell that is gone leaves its pool. */
function shownPath() {
  let path = selected;
  while (path && !store.nodes.has(path)) path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return path && isWithin(path, store.root) ? path : store.root;
}

/** @param {string} path */
function select(path) {
  selected = path;
  location.hash = encodeURIComponent(path);
}

function drawTotals() {
  const shells = store.shellsIn(store.root);
  const pools = store.poolsIn(store.root);
  const waiting = pools.reduce((sum, pool) => sum + (pool.type === 'pool' ? pool.queued : 0), 0);
  const perSecond = pools.reduce((sum, { path }) => sum + (store.samples.get(path)?.at(-1)?.ended ?? 0), 0);
  const busy = shells.filter(({ state }) => state === 'busy').length;
  const totals = { shells: shells.length, busy, waiting, 'commands/s': perSecond };
  const element = byId('totals');
  if (element.children.length === 0) {
    element.append(...Object.keys(totals).map((name) => html('span', {}, html('b'), ` ${name}`)));
  }
  Object.values(totals).forEach((value, index) => {
    const number = element.children[index]?.querySelector('b');
    if (number) setText(number, count(value));
  });
  const notice = byId('notice');
  notice.hidden = store.missed === 0;
  setText(
    notice,
    `This page could not keep up: ${count(store.missed)} updates were dropped. What it shows now is the present state.`,
  );
}
