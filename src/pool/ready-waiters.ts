import type { ShellwrightError } from '../errors.ts';
import { onAbort } from '../execution/on-abort.ts';
import type { ReadyOptions } from '../options/pool-calls.ts';
import type { KeepAlive } from './keep-alive.ts';
import { aborted } from './tasks.ts';

/** Those who wait until something is ready. */
export class ReadyWaiters {
  readonly #keepAlive: KeepAlive;
  readonly #what: string;
  readonly #waiting = new Set<{ resolve(): void; reject(error: ShellwrightError): void }>();

  constructor(keepAlive: KeepAlive, what: string) {
    this.#keepAlive = keepAlive;
    this.#what = what;
  }

  get size(): number {
    return this.#waiting.size;
  }

  wait({ signal }: ReadyOptions): Promise<void> {
    if (signal?.aborted) return Promise.reject(this.#abortedError(signal));
    return new Promise((resolve, reject) => {
      this.#keepAlive.hold();
      const done = (): void => {
        this.#keepAlive.release();
        this.#waiting.delete(waiter);
        forgetSignal?.();
      };
      const waiter = {
        resolve: () => (done(), resolve()),
        reject: (error: ShellwrightError) => (done(), reject(error)),
      };
      const forgetSignal = signal && onAbort(signal, () => waiter.reject(this.#abortedError(signal)));
      this.#waiting.add(waiter);
    });
  }

  resolveAll(): void {
    for (const waiter of this.#waiting) waiter.resolve();
  }

  rejectAll(error: () => ShellwrightError): void {
    for (const waiter of this.#waiting) waiter.reject(error());
  }

  #abortedError(signal: AbortSignal | undefined): ShellwrightError {
    return aborted({ signal }, `The wait for the ${this.#what} was aborted`);
  }
}
