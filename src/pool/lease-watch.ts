import { outside } from '../process/outside.ts';

/** How long a lease may be held before it is warned of, where others wait. ms */
const patience = 30_000;
/** How often leases are looked at. Others wait when they do so at two looks in a row: a queue of a moment is none. ms */
const period = 5_000;

/** What a watch must know of its pool. */
export interface Watched {
  /** Requests that wait now. */
  queued(): number;
  warn(fields: Record<string, unknown>, message: string): void;
}

/** One lease, while it is held. */
export interface HeldLease {
  /** For the log line. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whatever has a `stack`: made where the lease was asked for, and read only to warn. */
  readonly origin: { stack?: string };
}

/**
 * Warns, once each, of leases that are held long while others wait: nearly always one that was never released, and then the stack that acquired it
 * says which (the idea is HikariCP's leak detection). One timer for all leases of a pool.
 */
export class LeaseWatch {
  readonly #watched: Watched;
  /** Since when; the oldest is first. */
  readonly #held = new Map<HeldLease, number>();
  #looking = false;
  #othersWaited = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  add(lease: HeldLease): void {
    this.#held.set(lease, performance.now());
    if (!this.#looking) this.#lookLater();
  }

  delete(lease: HeldLease): void {
    this.#held.delete(lease);
  }

  #lookLater(): void {
    this.#looking = true;
    outside(() => setTimeout(() => this.#look(), period).unref());
  }

  #look(): void {
    const waiting = this.#watched.queued();
    if (waiting > 0 && this.#othersWaited) this.#warnOfOld(waiting);
    this.#othersWaited = waiting > 0;
    if (this.#held.size > 0) this.#lookLater();
    else this.#looking = false;
  }

  #warnOfOld(waiting: number): void {
    const now = performance.now();
    for (const [lease, since] of this.#held) {
      if (now - since < patience) return;
      this.#held.delete(lease);
      const { fields, origin } = lease;
      const heldMs = Math.round(now - since);
      this.#watched.warn(
        { ...fields, heldMs, waiting, stack: origin.stack },
        `A lease has been held for ${Math.round(heldMs / 1_000)} s while others wait: is it released?`,
      );
    }
  }
}

/** A stack to read later: what is not read costs no more than the frames. */
export function originOf(entry: (...args: never[]) => unknown): { stack?: string } {
  const origin: { stack?: string } = {};
  Error.captureStackTrace(origin, entry);
  return origin;
}
