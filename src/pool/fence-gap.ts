import type { Task } from '../execution/task.ts';
import { outside } from '../process/outside.ts';

/** How long one fence may follow the other. ms */
const limit = 2_000;

/** Both fences of a command are written at once: when one comes and the other does not, the command took the driver's descriptors away. */
export class FenceGap {
  readonly #task: () => Task | undefined;
  readonly #onLimit: () => void;
  /** Of `performance.now()`; 0 while none has come. */
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param task what runs; it is over when nothing does */
  constructor(task: () => Task | undefined, onLimit: () => void) {
    this.#task = task;
    this.#onLimit = onLimit;
  }

  /** A command begins. */
  reset(): void {
    this.#since = 0;
  }

  /** One of the two has come, or will never. */
  begin(): void {
    if (this.#since === 0) this.#since = performance.now();
    this.#timer ??= outside(() => setInterval(() => this.#check(), limit / 2).unref());
  }

  /** A launcher can be slow: the other fence may be behind all that still comes. */
  noteOutput(): void {
    this.#since &&= performance.now();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const task = this.#task();
    if (!task) this.end();
    else if (this.#since > 0 && performance.now() - this.#since > limit && !task.held) this.#onLimit();
  }
}
