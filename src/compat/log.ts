import { inspect } from 'node:util';
import type { LogMethod, Logger } from '../events/log.ts';
import type { LogFunction } from './types.ts';

export type Severity = 'error' | 'warn' | 'info' | 'verbose';

/** Where lines for people go: to `logFunction`, and nowhere without one. What it throws is its own affair. */
export class Log {
  readonly #write: LogFunction | undefined;

  constructor(write: LogFunction | undefined) {
    this.#write = write;
  }

  line(severity: Severity, origin: string, message: string): void {
    try {
      this.#write?.(severity, origin, message);
    } catch {
      // As with any logger: a broken one must not break the pool.
    }
  }

  /** For the pool: its lines come with the origin `Pool`. */
  forPool(): Logger | false {
    if (!this.#write) return false;
    const method =
      (severity: Severity): LogMethod =>
      (fields, message = '') =>
        this.line(severity, 'Pool', `${message} ${inspect(fields, { breakLength: Infinity })}`);
    return { debug: method('verbose'), info: method('info'), warn: method('warn'), error: method('error') };
  }
}
