import { outside } from '../process/outside.ts';
import { startTimer } from './timer.ts';

/** What has to end. */
export interface Endable {
  /** Whether nothing runs or waits any more. */
  isDrained(): boolean;
  /** Takes the edges that are pending: nobody holds a shell any more. */
  settle(): void;
  /** Rejects what runs and waits. */
  rejectAll(): void;
  /** Has every shell ended: in its own time, or by force. */
  stop(graceful: boolean): void;
}

/** How a pool ends: accepted work first, then the shells; when its time is over, both at once. */
export class Ending {
  /** Resolves when every process is gone. */
  readonly done: Promise<void>;
  readonly #pool: Endable;
  #forced: boolean;
  #isGone = false;
  #hurry: () => void = () => {};
  #drained: () => void = () => {};
  #gone!: () => void;

  /** @param timeout ms for accepted work and for the shells to end by themselves */
  constructor(pool: Endable, timeout: number, force: boolean) {
    this.#pool = pool;
    this.#forced = force;
    this.done = this.#carryOut(timeout);
  }

  hurry(): void {
    this.#hurry();
  }

  /** To be called when less runs or waits than before. */
  check(): void {
    if (this.#pool.isDrained()) this.#drained();
  }

  /** Every process is gone. */
  gone(): void {
    this.#isGone = true;
    this.#gone();
  }

  async #carryOut(timeout: number): Promise<void> {
    const whenGone = new Promise<void>((resolve) => {
      this.#gone = resolve;
    });
    const hurried = new Promise<void>((resolve) => {
      this.#hurry = () => {
        this.#forced = true;
        resolve();
      };
    });
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.check();
    });
    const timer = startTimer(timeout, () => this.#hurry());
    if (!this.#forced) await Promise.race([drained, hurried, whenGone]);
    if (this.#forced) this.#pool.rejectAll();
    // All are idle, and may end in their own time.
    else this.#pool.settle();
    if (!this.#isGone) outside(() => this.#pool.stop(!this.#forced));
    if (!this.#forced) await Promise.race([whenGone, hurried]);
    if (!this.#isGone) outside(() => this.#pool.stop(false));
    await whenGone;
    clearTimeout(timer);
  }
}
