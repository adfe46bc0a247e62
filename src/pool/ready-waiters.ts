import type { ShellwrightError } from '../errors.ts';
import type { ReadyOptions } from '../options/pool-calls.ts';
import type { KeepAlive } from './keep-alive.ts';
import { aborted } from './tasks.ts';

/** Those who wait until the pool is ready. */
export class ReadyWaiters {
  readonly #keepAlive: KeepAlive;
  readonly #waiting = new Set<{ resolve(): void; reject(error: ShellwrightError): void }>();

  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
  }

  wait({ signal }: ReadyOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#keepAlive.hold();
      const done = (): void => {
        this.#keepAlive.release();
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter = {
        resolve: () => (done(), resolve()),
        reject: (error: ShellwrightError) => (done(), reject(error)),
      };
      const onAbort = (): void => waiter.reject(readyAborted(signal));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  resolveAll(): void {
    for (const waiter of this.#waiting) waiter.resolve();
  }

  rejectAll(error: ShellwrightError): void {
    for (const waiter of this.#waiting) waiter.reject(error);
  }
}

export function readyAborted(signal: AbortSignal | undefined): ShellwrightError {
  return aborted({ signal }, 'The wait for the pool was aborted');
}
