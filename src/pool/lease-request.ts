import type { ShellwrightError } from '../errors.ts';
import { onAbort } from '../execution/on-abort.ts';
import type { AcquireOptions } from '../options/exec-options.ts';
import type { PoolContext } from './context.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Request } from './requests.ts';
import { acquireTimedOut } from './exec-request.ts';
import type { HeldLease, LeaseWatch } from './lease-watch.ts';
import { Session } from './session.ts';
import type { Shell } from './shell.ts';
import { aborted } from './tasks.ts';
import { startTimer } from './timer.ts';

/** A lease, for whoever closes the pool. */
export type Stoppable = Pick<Session, 'stopAll'>;

/** Where leases are known while they last. */
export interface Leases {
  readonly dispatcher: Dispatcher;
  readonly sessions: Set<Stoppable>;
}

/** What kind of lease is wanted. */
export interface LeaseKind {
  /** Its id is shown: to its holder it is a session, and not the inside of one call. */
  named: boolean;
  /** Of a keyed session. */
  key?: string | undefined;
  /** Warns when it is held for long. */
  watch?: { leases: LeaseWatch; origin: HeldLease['origin'] } | undefined;
  /** Told when the shell goes back, or is lost. */
  onEnd?: (() => void) | undefined;
}

let leased = 0;

/** A wish for a shell of one's own. */
export class LeaseRequest<Default extends string | Buffer> implements Request {
  readonly priority: number;
  readonly since = performance.now();
  readonly key: string | undefined;
  readonly #options: AcquireOptions;
  readonly #pool: PoolContext;
  readonly #leases: Leases;
  readonly #kind: LeaseKind;
  #session: Session<Default> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #forgetSignal: (() => void) | undefined;
  #resolve!: (session: Session<Default>) => void;
  #reject!: (error: ShellwrightError) => void;

  constructor(options: AcquireOptions, pool: PoolContext, leases: Leases, kind: LeaseKind) {
    this.priority = options.priority ?? 0;
    this.key = kind.key;
    this.#options = options;
    this.#pool = pool;
    this.#leases = leases;
    this.#kind = kind;
  }

  get granted(): boolean {
    return this.#session !== undefined;
  }

  submit(): Promise<Session<Default>> {
    const { signal, acquireTimeout = this.#pool.options.acquireTimeout } = this.#options;
    const { dispatcher } = this.#leases;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (signal?.aborted) return reject(this.#abortedError());
      this.#pool.keepAlive.hold();
      if (signal) this.#forgetSignal = onAbort(signal, () => this.#aborted());
      // Aborted: by `validate`, which may be asked before this returns.
      if (dispatcher.submit(this) || signal?.aborted) return;
      this.#timer = startTimer(acquireTimeout, () => {
        dispatcher.cancel(this);
        this.fail(acquireTimedOut(acquireTimeout, 'A lease was wanted'));
      });
    });
  }

  grant(shell: Shell): boolean {
    this.#settle();
    const { dispatcher, sessions } = this.#leases;
    const { named, watch, onEnd } = this.#kind;
    const id = `${this.#pool.name}-session-${(++leased).toString(36)}`;
    const held = watch && this.#held(id, shell, watch.origin);
    const session = new Session<Default>(
      id,
      this.#pool,
      shell,
      () => {
        sessions.delete(session);
        if (held) watch.leases.delete(held);
        onEnd?.();
        dispatcher.letGo(shell);
      },
      named,
    );
    this.#session = session;
    sessions.add(session);
    if (held) watch.leases.add(held);
    this.#resolve(session);
    return true;
  }

  fail(error: ShellwrightError): void {
    this.#settle();
    this.#reject(error);
  }

  shellLost(): void {
    this.#session?.shellLost();
  }

  #held(sessionId: string, { slot: shellId }: Shell, origin: HeldLease['origin']): HeldLease {
    const { key } = this;
    const { mask } = this.#pool;
    return { fields: { shellId, sessionId, ...(key !== undefined && { sessionKey: mask?.text(key) ?? key }) }, origin };
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#forgetSignal?.();
    this.#pool.keepAlive.release();
  }

  #aborted(): void {
    this.#leases.dispatcher.cancel(this);
    this.fail(this.#abortedError());
  }

  #abortedError(): ShellwrightError {
    return aborted(this.#options, 'The wait for a shell was aborted');
  }
}
