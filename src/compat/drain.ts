import { startTimer } from '../pool/timer.ts';

/** Work that is to end by itself; or, when nothing of it ends for long, by the signal. */
export class Drain {
  readonly #controller = new AbortController();
  readonly #work = new Set<Promise<unknown>>();
  #progress: () => void = () => {};

  /** What the work is stopped by. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A part of the work. */
  async include<T>(run: () => Promise<T>): Promise<T> {
    const part = run();
    this.#work.add(part);
    try {
      return await part;
    } finally {
      this.#work.delete(part);
      this.progress();
    }
  }

  /** Some of it has ended. */
  progress(): void {
    this.#progress();
  }

  /**
   * Resolves when all that there is has ended.
   * @param patience ms without progress, after which it is stopped
   */
  async end(patience: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    this.#progress = () => {
      clearTimeout(timer);
      timer = startTimer(patience, () => this.#stop(patience));
    };
    this.#progress();
    await Promise.allSettled(this.#work);
    this.#progress = () => {};
    clearTimeout(timer);
  }

  #stop(patience: number): void {
    this.#controller.abort(new Error(`shutdown() has waited ${patience} ms, and no command has ended`));
  }
}
