import type { AnyActorRef } from 'xstate';
import type { PoolEvent, PoolState, ShellContext, ShellSlot, ShellState } from '../../machines/index.ts';
import { ShellwrightError } from '../errors.ts';
import type { ReadyOptions } from '../options/pool-calls.ts';
import { endIdleGuard } from '../process/guard.ts';
import { outside } from '../process/outside.ts';
import { createPoolActor, type PoolEffects, type ShellEffects } from './actors.ts';
import type { PoolContext } from './context.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Leases, Stoppable } from './lease-request.ts';
import { ManagedShell, type ShellWatcher } from './managed-shell.ts';
import { Shell, type Tell } from './shell.ts';
import type { StatusStream } from './status-stream.ts';
import type { PoolStatus } from './status.ts';
import { aborted } from './tasks.ts';
import { startTimer } from './timer.ts';

/** Joins the pool's machine, which decides how many shells live, to the dispatcher, which decides who uses them. */
export class Lifecycle implements PoolEffects, ShellWatcher, Leases {
  readonly dispatcher: Dispatcher;
  readonly sessions = new Set<Stoppable>();
  readonly #pool: PoolContext;
  readonly #statuses: StatusStream;
  readonly #actor: ReturnType<typeof createPoolActor>;
  readonly #shells = new Map<ShellSlot, Shell>();
  readonly #waitingForReady = new Set<{ resolve(): void; reject(error: ShellwrightError): void }>();
  #state: PoolState = 'starting';
  #lastError: ShellwrightError | undefined;
  #failure: ShellwrightError | undefined;
  /** The machine starts no more shells: it has failed, or failed while it was closing. */
  #givenUp = false;
  #closing: Promise<void> | undefined;
  #hurry: () => void = () => {};
  #drained: () => void = () => {};
  #closed!: () => void;
  readonly #whenClosed = new Promise<void>((resolve) => {
    this.#closed = resolve;
  });

  constructor(pool: PoolContext, statuses: StatusStream) {
    this.#pool = pool;
    this.#statuses = statuses;
    this.#actor = createPoolActor(pool.options, this);
    this.dispatcher = new Dispatcher(pool.options.max, (event) => this.#send(event));
    this.dispatcher.onEdge = () => this.#onEdge();
  }

  get actor(): AnyActorRef {
    return this.#actor;
  }

  start(): void {
    this.#actor.subscribe({ error: (error) => this.#broken(error) });
    // In a moment, so that whoever made the pool can subscribe before the first event.
    outside(() => queueMicrotask(() => this.#actor.start()));
  }

  /** Why a new request cannot be taken, if it cannot. */
  refusal(): ShellwrightError | undefined {
    const { maxQueue } = this.#pool.options;
    if (this.#closing || this.#state === 'closed') return this.#closedError();
    if (this.#givenUp && !this.#canServe()) {
      // After `cooldown` the machine takes the first request as the occasion for one more try.
      outside(() => this.#send({ type: 'demand', waiting: 1 }));
      if (this.#hasGivenUp()) return this.#failedError();
    }
    if (this.dispatcher.isFull(maxQueue)) return this.#queueFull(maxQueue);
    return undefined;
  }

  ready({ signal }: ReadyOptions): Promise<void> {
    if (signal?.aborted) return Promise.reject(aborted({ signal }, 'The wait for the pool was aborted'));
    if (this.#state === 'ready' || this.#state === 'saturated') return Promise.resolve();
    const refusal = this.refusal();
    if (refusal && refusal.code !== 'ERR_QUEUE_FULL') return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#pool.keepAlive.hold();
      const done = (): void => {
        this.#pool.keepAlive.release();
        this.#waitingForReady.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter = {
        resolve: () => (done(), resolve()),
        reject: (error: ShellwrightError) => (done(), reject(error)),
      };
      const onAbort = (): void => waiter.reject(aborted({ signal }, 'The wait for the pool was aborted'));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waitingForReady.add(waiter);
      if (this.#shells.size === 0) outside(() => this.#send({ type: 'demand', waiting: 1 }));
    });
  }

  status(): PoolStatus {
    this.dispatcher.settle();
    const shells = [...this.#shells.values()].toSorted((a, b) => a.slot.localeCompare(b.slot, 'en', { numeric: true }));
    const inState = (state: ShellState): number => shells.filter((shell) => shell.state === state).length;
    return {
      name: this.#pool.name,
      state: this.#state,
      size: shells.length,
      idle: inState('idle'),
      busy: inState('busy'),
      queued: this.dispatcher.queued,
      ...(this.#lastError && { lastError: this.#lastError }),
      shells: shells.map(({ slot, pid, state, since, uses, history }) => ({
        id: slot,
        pid,
        state,
        since,
        uses,
        history: history.entries(),
      })),
    };
  }

  close({ timeout, force }: { timeout: number; force: boolean }): Promise<void> {
    if (this.#closing && force) this.#hurry();
    this.#closing ??= this.#close(timeout, force);
    return this.#closing;
  }

  // Told by the machines.

  create(_path: string, slot: ShellSlot, tell: Tell): ShellEffects {
    const shell = new Shell(slot, this.#pool, tell);
    this.#shells.set(slot, shell);
    this.#pool.metrics.shells.spawned++;
    return new ManagedShell(shell, this.#pool, this);
  }

  entered(shell: Shell, state: ShellState, { reason, cause }: ShellContext): void {
    const { bus, metrics } = this.#pool;
    const isNew = shell.state === 'idle' && !this.#known.has(shell);
    if (state === 'destroyed' && this.#shells.get(shell.slot) === shell) this.#shells.delete(shell.slot);
    if (shell.startError instanceof ShellwrightError && state === 'invalid') this.#lastError = shell.startError;
    if (state === 'invalid') metrics.shells.invalid++;
    if (state === 'destroyed') metrics.shells.destroyed++;
    if (state === 'invalid' || state === 'destroying') this.dispatcher.remove(shell);
    this.#count();
    bus.publish(`shell.${state}`, {
      shellId: shell.slot,
      ...(shell.pid > 0 && { pid: shell.pid }),
      ...((state === 'invalid' || state === 'destroying' || state === 'destroyed') && { reason }),
      ...(state === 'invalid' && cause !== undefined && { cause }),
      ...(state === 'destroyed' && shell.strays.length > 0 && { strays: [...shell.strays] }),
    });
    if (state === 'destroyed' && shell.strays.length > 0)
      bus.warn('Processes have left the session of their shell, and outlive it', {
        shellId: shell.slot,
        shellPid: shell.pid,
        strays: shell.strays,
      });
    if (isNew) {
      this.#known.add(shell);
      metrics.shells.ready++;
      // When the machine's step is over: it is to be idle before it is borrowed.
      outside(() => queueMicrotask(() => this.dispatcher.add(shell)));
    }
    this.#statuses.changed();
    this.#abandon();
  }

  disposed(shell: Shell): void {
    this.dispatcher.remove(shell);
    if (this.#shells.get(shell.slot) === shell) this.#shells.delete(shell.slot);
    this.#count();
    this.#statuses.changed();
    this.#abandon();
  }

  enter(state: PoolState): void {
    const before = this.#state;
    this.#state = state;
    if (state === 'starting' || state === 'ready') this.#givenUp = false;
    const { bus } = this.#pool;
    if (state === 'ready' && before !== 'saturated') bus.publish('pool.ready', {});
    if (state === 'saturated') bus.publish('pool.saturated', { queued: this.dispatcher.queued });
    if (state === 'ready' && before === 'saturated') bus.publish('pool.drained', {});
    if (state === 'ready') for (const waiter of this.#waitingForReady) waiter.resolve();
    if (state === 'closing') bus.publish('pool.closing', {});
    if (state === 'closed') this.#closed();
    this.#statuses.changed();
  }

  fail(cause: string | undefined): void {
    this.#failure = this.#lastError ?? new ShellwrightError('ERR_SPAWN', cause ?? 'shells failed to start');
    this.#givenUp = true;
    const error = this.#failedError();
    this.#pool.bus.publish('pool.failed', { error });
    for (const waiter of this.#waitingForReady) waiter.reject(error);
    this.dispatcher.failAll(() => this.#failedError());
  }

  reap(slot: ShellSlot): void {
    const shell = this.#shells.get(slot);
    if (shell && this.dispatcher.remove(shell)) shell.tell({ type: 'retire', reason: 'idle-timeout' });
  }

  crashed(slot: ShellSlot): void {
    this.#shells.get(slot)?.dispose();
  }

  readonly #known = new WeakSet<Shell>();

  /** XState complains on stderr of events to a stopped actor. */
  #send(event: PoolEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event);
  }

  /** In a failed pool nobody starts a shell for what still waits for those that lived. */
  #abandon(): void {
    if (this.#givenUp && !this.#canServe()) this.dispatcher.failAll(() => this.#failedError());
  }

  #canServe(): boolean {
    return [...this.#shells.values()].some(
      ({ usable, state }) => usable || state === 'spawning' || state === 'initializing',
    );
  }

  #hasGivenUp(): boolean {
    return this.#givenUp;
  }

  #stateIs(state: PoolState): boolean {
    return this.#state === state;
  }

  #count(): void {
    let starting = 0;
    for (const { state } of this.#shells.values()) if (state === 'spawning' || state === 'initializing') starting++;
    this.dispatcher.size = this.#shells.size;
    this.dispatcher.starting = starting;
    // A shell that is gone makes room, and its end may have taken away what was started for somebody.
    if (this.dispatcher.queued > 0) this.dispatcher.schedule();
  }

  #onEdge(): void {
    this.#statuses.changed();
    if (this.dispatcher.queued === 0 && this.dispatcher.borrowed === 0) this.#drained();
  }

  async #close(timeout: number, force: boolean): Promise<void> {
    const { keepAlive, bus } = this.#pool;
    keepAlive.hold();
    outside(() => this.#send({ type: 'close' }));
    for (const waiter of this.#waitingForReady) waiter.reject(this.#closedError());
    let forced = force;
    const hurried = new Promise<void>((resolve) => {
      this.#hurry = () => {
        forced = true;
        resolve();
      };
    });
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#onEdge();
    });
    const timer = startTimer(timeout, () => this.#hurry());
    if (!forced) await Promise.race([drained, hurried]);
    if (forced) this.#rejectAll();
    // Nobody holds a shell any more: all are idle, and may end in their own time.
    else this.dispatcher.settle();
    outside(() => this.#send({ type: 'stop', graceful: !forced }));
    if (!forced) await Promise.race([this.#whenClosed, hurried]);
    if (!this.#stateIs('closed')) outside(() => this.#send({ type: 'stop', graceful: false }));
    await this.#whenClosed;
    endIdleGuard();
    clearTimeout(timer);
    bus.publish('pool.closed', {});
    this.#statuses.end();
    bus.end();
    keepAlive.release();
    keepAlive.end();
  }

  #rejectAll(): void {
    const stop = { code: 'ERR_POOL_CLOSED', message: 'The pool was closed before the command had ended' } as const;
    this.dispatcher.failAll(() => this.#closedError());
    for (const session of this.sessions) session.stopAll(stop, 'kill');
    for (const shell of this.#shells.values()) shell.task?.stop(stop, 'kill');
  }

  /** The machine itself failed: a defect of ours. Nothing may hang on it. */
  #broken(error: unknown): void {
    this.#failure = new ShellwrightError('ERR_POOL_FAILED', 'The pool stopped because of an internal error', {
      cause: error,
    });
    this.#state = 'failed';
    this.dispatcher.failAll(() => this.#failedError());
    for (const shell of this.#shells.values()) shell.dispose();
    this.#closed();
  }

  #failedError(): ShellwrightError {
    const cause = this.#failure;
    return new ShellwrightError(
      'ERR_POOL_FAILED',
      `The shells of pool ${this.#pool.name} failed to start: ${cause?.message}`,
      { cause, started: false },
    );
  }

  #closedError(): ShellwrightError {
    return new ShellwrightError(
      'ERR_POOL_CLOSED',
      `The pool ${this.#pool.name} is ${this.#state === 'closed' ? 'closed' : 'closing'}`,
      { started: false },
    );
  }

  #queueFull(maxQueue: number): ShellwrightError {
    return new ShellwrightError(
      'ERR_QUEUE_FULL',
      `The pool ${this.#pool.name} has maxQueue (${maxQueue}) requests waiting already`,
      { started: false },
    );
  }
}
