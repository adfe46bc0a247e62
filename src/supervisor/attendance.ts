import type { ShellwrightError } from '../errors.ts';
import type { KeepAlive } from '../pool/keep-alive.ts';
import { ReadyWaiters } from '../pool/ready-waiters.ts';

/** Who waits for a supervisor: until it is ready, until its next run, until that is over, until it never runs again. */
export class Attendance {
  /** Rejects when it, or one above it, gave up. */
  readonly finished: Promise<void>;
  readonly ready: ReadyWaiters;
  readonly #forRun: (() => void)[] = [];
  readonly #forEnd: (() => void)[] = [];
  #settle!: (error: ShellwrightError | undefined) => void;

  constructor(keepAlive: KeepAlive) {
    this.ready = new ReadyWaiters(keepAlive, 'supervisor');
    this.finished = new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
    // Whoever does not look at it has other ways to learn of a failure.
    this.finished.catch(() => {});
  }

  /** Resolves when a run has begun, or none is to. */
  nextRun(): Promise<void> {
    return new Promise((resolve) => this.#forRun.push(resolve));
  }

  endOfRun(): Promise<void> {
    return new Promise((resolve) => this.#forEnd.push(resolve));
  }

  /** A run has begun, or none is to. */
  tellOfRun(): void {
    for (const resolve of this.#forRun.splice(0)) resolve();
  }

  tellOfEnd(): void {
    for (const resolve of this.#forEnd.splice(0)) resolve();
  }

  finish(error: ShellwrightError | undefined): void {
    this.#settle(error);
  }
}
