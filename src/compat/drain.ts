import { ShellwrightError } from '../errors.ts';
import type { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import { startTimer } from '../pool/timer.ts';

/**
 * Work that is to end by itself; or, when nothing of it ends for long, is stopped. Without an AbortSignal of each command, which would be
 * there for the one moment at the end.
 */
export class Drain {
  readonly #controller = new AbortController();
  readonly #work = new Set<Promise<unknown>>();
  readonly #running = new Set<Execution>();
  #progress: () => void = () => {};

  /** Aborted when the work is stopped. */
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
      this.#progress();
    }
  }

  /** A command of the work, which has begun. */
  async follow(execution: Execution): Promise<ExecResult> {
    this.#running.add(execution);
    try {
      return await execution;
    } finally {
      this.#running.delete(execution);
      this.#progress();
    }
  }

  /** @throws {ShellwrightError} ERR_ABORTED when the work was stopped: nothing more of it may begin */
  check(): void {
    const { aborted, reason } = this.signal;
    if (aborted)
      throw new ShellwrightError('ERR_ABORTED', 'The command was aborted before it began', { cause: reason });
  }

  /**
   * Resolves when all that there is has ended, or is being stopped.
   * @param patience ms without progress, after which it is
   */
  async end(patience: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stopped = new Promise<void>((resolve) => {
      this.#progress = () => {
        clearTimeout(timer);
        timer = startTimer(patience, () => {
          this.#stop(new Error(`shutdown() has waited ${patience} ms, and no command has ended`));
          resolve();
        });
      };
    });
    this.#progress();
    await Promise.race([stopped, Promise.allSettled(this.#work)]);
    this.#progress = () => {};
    clearTimeout(timer);
  }

  #stop(reason: Error): void {
    this.#controller.abort(reason);
    for (const execution of this.#running) execution.abort(reason);
  }
}
