import { outside } from '../process/outside.ts';
import { nodesOf } from './nodes.ts';
import { Probe, type Target } from './probe.ts';
import type { Frame, NodeView, Present } from './protocol.ts';
import { Recent } from './recent.ts';
import type { Viewer } from './viewer.ts';

/** ms between two frames, at least. */
const interval = 100;
/** ms after which a frame is sent though nothing is new: silence means that the server is gone. */
const heartbeat = 5_000;
/** Of the time, making frames takes at most one part in so many. */
const share = 10;

/** Who looks, and what at: while nobody does, nothing is attached to the pool or tree, and no timer runs. */
export class Hub {
  readonly #target: Target;
  readonly #about: Pick<Present, 'root' | 'version' | 'showCommands'>;
  readonly #probe: Probe;
  readonly #viewers = new Set<Viewer>();
  readonly #recent = new Recent();
  /** Every node as it was last sent. */
  #known = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;

  constructor(target: Target, about: Pick<Present, 'root' | 'version' | 'showCommands'>) {
    this.#target = target;
    this.#about = about;
    this.#probe = new Probe(target, about.root, about.showCommands);
  }

  get size(): number {
    return this.#viewers.size;
  }

  join(viewer: Viewer): void {
    if (this.#viewers.size === 0) {
      this.#probe.attach();
      this.#schedule(interval);
    }
    // Those who were here get what has changed; the newcomer gets it all.
    this.#send();
    this.#viewers.add(viewer);
    viewer.welcome(JSON.stringify(this.#present(0)));
  }

  leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
    clearTimeout(this.#timer);
    this.#probe.detach();
    this.#recent.clear();
    this.#known.clear();
  }

  end(): void {
    for (const viewer of this.#viewers) {
      this.leave(viewer);
      viewer.end();
    }
  }

  #schedule(ms: number): void {
    this.#timer = outside(() => setTimeout(() => this.#tick(), ms).unref());
  }

  #tick(): void {
    const started = performance.now();
    this.#probe.inspect();
    this.#send();
    if (this.#viewers.size > 0) this.#schedule(Math.max(interval, (performance.now() - started) * share));
  }

  #send(): void {
    const frame = this.#frame();
    if (!frame) return;
    const text = JSON.stringify(frame);
    // Made once, and only where somebody needs it; how many frames each missed differs.
    let present: Present | undefined;
    for (const viewer of this.#viewers) {
      viewer.send(text, (missed) => {
        present ??= this.#present(missed);
        return JSON.stringify({ ...present, missed });
      });
    }
  }

  /** What is new; undefined when nothing is. */
  #frame(): Frame | undefined {
    const now = Date.now();
    const nodes = nodesOf(this.#target, this.#about.showCommands);
    for (const node of nodes) if (node.type === 'pool') this.#probe.samples.queued(node.path, node.queued);
    const happened = this.#probe.take(now);
    this.#recent.add(happened);
    const changed = this.#note(nodes);
    const { messages, steps, turns, spans, samples } = happened;
    const isNews = [messages, steps, turns, spans, samples, changed.nodes, changed.gone].some(
      (list) => list.length > 0,
    );
    if (!isNews && now - this.#sentAt < heartbeat) return undefined;
    this.#sentAt = now;
    return { at: now, ...changed, ...happened };
  }

  /** Which of them are new or different, and which are gone. */
  #note(nodes: NodeView[]): Pick<Frame, 'nodes' | 'gone'> {
    const before = this.#known;
    this.#known = new Map(nodes.map((node) => [node.path, JSON.stringify(node)]));
    return {
      nodes: nodes.filter(({ path }) => before.get(path) !== this.#known.get(path)),
      gone: [...before.keys()].filter((path) => !this.#known.has(path)),
    };
  }

  #present(missed: number): Present {
    return {
      at: Date.now(),
      ...this.#about,
      nodes: Array.from(this.#known.values(), (text) => JSON.parse(text) as NodeView),
      recent: this.#recent.all,
      missed,
    };
  }
}
