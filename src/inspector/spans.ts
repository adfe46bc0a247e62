import { Bounded } from './bounded.ts';
import type { SpanView } from './protocol.ts';

/** Commands of a shell that follow each other this closely are one span. ms */
const pause = 10;

/** When commands ran, shell by shell: those that follow each other closely as one, so that busy shells make few spans. */
export class Spans {
  readonly #open = new Map<string, SpanView>();
  readonly #closed: Bounded<SpanView>;

  constructor(limit: number) {
    this.#closed = new Bounded(limit);
  }

  add(span: SpanView): void {
    const open = this.#open.get(span.path);
    if (open && span.from - open.to < pause) return join(open, span);
    if (open) this.#closed.push(open);
    this.#open.set(span.path, span);
  }

  take(): { items: SpanView[]; omitted: number } {
    for (const span of this.#open.values()) this.#closed.push(span);
    this.#open.clear();
    return this.#closed.take();
  }
}

function join(open: SpanView, { to, count, failed }: SpanView): void {
  open.to = Math.max(open.to, to);
  open.count += count;
  open.failed += failed;
  delete open.id;
  delete open.command;
}
