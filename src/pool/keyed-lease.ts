import type { ShellwrightError } from '../errors.ts';
import type { AcquireOptions } from '../options/exec-options.ts';
import type { CheckedSessionOptions } from '../options/session-options.ts';
import { outside } from '../process/outside.ts';
import type { PoolContext } from './context.ts';
import { acquireTimedOut } from './exec-request.ts';
import type { Session } from './session.ts';
import { setUp } from './session-setup.ts';
import { aborted } from './tasks.ts';
import { startTimer } from './timer.ts';

const defaultIdleTimeout = 600_000;

/** Takes a shell from the pool; `onEnd` is told when it goes back or is lost. */
export type TakeShell<Default extends string | Buffer> = (
  options: AcquireOptions,
  onEnd: () => void,
) => Promise<Session<Default>>;

/** The session of one key, from the first call that wants it to its end. */
export class KeyedLease<Default extends string | Buffer> {
  readonly key: string;
  readonly #pool: PoolContext;
  readonly #gone: () => void;
  readonly #opening: Promise<Session<Default>>;
  /** Nobody waits for it any more, or the pool closes. */
  readonly #cancel = new AbortController();
  #session: Session<Default> | undefined;
  #idleTimeout: number;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #unclaimed = true;
  #refusal: (() => ShellwrightError) | undefined;
  #resolveEnded!: () => void;
  /** The shell went back, or is lost. */
  readonly ended = new Promise<void>((resolve) => {
    this.#resolveEnded = resolve;
  });

  /** @param gone called when the key has no session any more; maybe more than once */
  constructor(
    key: string,
    options: CheckedSessionOptions,
    pool: PoolContext,
    take: TakeShell<Default>,
    gone: () => void,
  ) {
    this.key = key;
    this.#pool = pool;
    this.#gone = gone;
    this.#idleTimeout = options.idleTimeout ?? defaultIdleTimeout;
    this.#opening = this.#open(options, take);
    this.#opening.catch(() => this.#end());
  }

  /** Whether it can serve one more caller. */
  get lives(): boolean {
    return this.#refusal === undefined && !this.#cancel.signal.aborted && this.#session?.lost !== true;
  }

  /** Why it takes no command any more, though its shell may be there. */
  get refusal(): ShellwrightError | undefined {
    return this.#refusal?.();
  }

  /** Whether the state is new: true for one caller. */
  claim(): boolean {
    const isFirst = this.#unclaimed;
    this.#unclaimed = false;
    return isFirst;
  }

  /** The session when it is set up, within this caller's limits: they do not bind others who wait for it too. */
  join({ signal, acquireTimeout, idleTimeout }: CheckedSessionOptions): Promise<Session<Default>> {
    const limit = acquireTimeout ?? this.#pool.options.acquireTimeout;
    if (idleTimeout !== undefined) this.#idleTimeout = idleTimeout;
    this.#waiting++;
    clearTimeout(this.#timer);
    return new Promise((resolve, reject) => {
      let waits = true;
      const leave = (settle: () => void): void => {
        if (!waits) return;
        waits = false;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        settle();
        this.#left();
      };
      const onAbort = (): void => leave(() => reject(waitAborted(signal)));
      const timer = startTimer(limit, () =>
        leave(() => reject(acquireTimedOut(limit, `The session of key ${this.#shownKey} was wanted`))),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#opening.then(
        (session) => leave(() => resolve(session)),
        (error: unknown) => leave(() => reject(this.#refusal?.() ?? error)),
      );
    });
  }

  /** A command was given: it is not idle, until it says so. */
  used(): void {
    if (this.#session?.idle === false) clearTimeout(this.#timer);
  }

  /** Ends it when what was given has ended; what is given later gets `refusal`. */
  end(refusal: () => ShellwrightError): void {
    this.#refusal ??= refusal;
    this.#gone();
    if (!this.#session) this.#cancel.abort();
    else if (this.#session.idle) this.#retire('ended');
  }

  async #open(options: CheckedSessionOptions, take: TakeShell<Default>): Promise<Session<Default>> {
    const { keepAlive } = this.#pool;
    const { signal } = this.#cancel;
    const { priority } = options;
    const session = await take({ priority, signal, acquireTimeout: Infinity }, () => this.#end());
    keepAlive.hold();
    try {
      if (!signal.aborted) await setUp(session, options, this.#pool, signal);
    } finally {
      keepAlive.release();
    }
    if (signal.aborted) {
      session.retire('session-ended', 'nobody waits for it');
      throw waitAborted(signal);
    }
    session.onIdle = () => this.#idle();
    this.#session = session;
    return session;
  }

  /** One who waited has got it, or given up. */
  #left(): void {
    if (--this.#waiting > 0) return;
    if (this.#session) return this.#idle();
    this.#gone();
    this.#cancel.abort();
  }

  #idle(): void {
    if (this.#refusal) return this.#retire('ended');
    if (this.#waiting > 0 || !this.#session?.idle || this.#session.busyBeside) return;
    clearTimeout(this.#timer);
    this.#timer = outside(() => startTimer(this.#idleTimeout, () => this.#retire('idle')));
    this.#timer?.unref();
  }

  /** Its state is of one user: the shell is replaced, and never given on. */
  #retire(why: string): void {
    this.#session?.retire('session-ended', why);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#gone();
    this.#resolveEnded();
  }

  get #shownKey(): string {
    return this.#pool.mask?.text(this.key) ?? this.key;
  }
}

export function waitAborted(signal: AbortSignal | undefined): ShellwrightError {
  return aborted({ signal }, 'The wait for a keyed session was aborted');
}
