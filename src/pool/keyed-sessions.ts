import type { ShellwrightError } from '../errors.ts';
import { checkKey, checkSessionOptions } from '../options/session-options.ts';
import type { KeyedSession } from './access.ts';
import type { PoolContext } from './context.ts';
import { KeyedLease, waitAborted, type TakeShell } from './keyed-lease.ts';
import { KeyedHandle } from './keyed-session.ts';

/** The keyed sessions that live, and no others: a key is forgotten when its session ends. */
export class KeyedSessions<Default extends string | Buffer> {
  readonly #leases = new Map<string, KeyedLease<Default>>();
  readonly #pool: PoolContext;

  constructor(pool: PoolContext) {
    this.#pool = pool;
  }

  /** The session of the key; where there is none, one that `take` gets a shell for. */
  async open(
    givenKey: unknown,
    givenOptions: unknown,
    take: (key: string) => TakeShell<Default>,
  ): Promise<KeyedSession<Default>> {
    const key = checkKey(givenKey);
    const options = checkSessionOptions(givenOptions);
    if (options.signal?.aborted) throw waitAborted(options.signal);
    const known = this.#leases.get(key);
    const lease = known?.lives ? known : new KeyedLease(key, options, this.#pool, take(key), () => this.#drop(lease));
    this.#leases.set(key, lease);
    return new KeyedHandle(lease, await lease.join(options), this.#pool);
  }

  /** The pool closes: each ends when what was given has ended. */
  close(refusal: () => ShellwrightError): void {
    for (const lease of this.#leases.values()) lease.end(refusal);
  }

  #drop(lease: KeyedLease<Default>): void {
    if (this.#leases.get(lease.key) === lease) this.#leases.delete(lease.key);
  }
}
