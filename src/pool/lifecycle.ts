import type { AnyActorRef } from 'xstate';
import type { PoolEvent, PoolState, ShellContext, ShellSlot, ShellState } from '../../machines/index.ts';
import { ShellwrightError } from '../errors.ts';
import type { ReadyOptions } from '../options/pool-calls.ts';
import { outside } from '../process/outside.ts';
import { createPoolActor, type PoolEffects, type ShellEffects } from './actors.ts';
import type { PoolContext } from './context.ts';
import { Dispatcher } from './dispatcher.ts';
import { Ending } from './ending.ts';
import type { Leases, Stoppable } from './lease-request.ts';
import { ManagedShell, type ShellWatcher } from './managed-shell.ts';
import { readyAborted, ReadyWaiters } from './ready-waiters.ts';
import { closedError, failedError, queueFullError } from './refusals.ts';
import { Shell, type Tell } from './shell.ts';
import type { StatusStream } from './status-stream.ts';
import { statusOf, type PoolStatus } from './status.ts';

/** Joins the pool's machine, which decides how many shells live, to the dispatcher, which decides who uses them. */
export class Lifecycle implements PoolEffects, ShellWatcher, Leases {
  readonly dispatcher: Dispatcher;
  readonly sessions = new Set<Stoppable>();
  readonly #pool: PoolContext;
  readonly #statuses: StatusStream;
  readonly #actor: ReturnType<typeof createPoolActor>;
  readonly #shells = new Map<ShellSlot, Shell>();
  readonly #readyWaiters: ReadyWaiters;
  #state: PoolState = 'starting';
  #lastError: ShellwrightError | undefined;
  #failure: ShellwrightError | undefined;
  /** The machine starts no more shells: it has failed, or failed while it was closing. */
  #givenUp = false;
  #closing: Promise<void> | undefined;
  #ending: Ending | undefined;
  /** No process is left, and no other comes. */
  #isGone = false;

  constructor(pool: PoolContext, statuses: StatusStream) {
    this.#pool = pool;
    this.#statuses = statuses;
    this.#readyWaiters = new ReadyWaiters(pool.keepAlive);
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
    if (this.dispatcher.isFull(maxQueue)) return queueFullError(this.#pool.name, maxQueue);
    return undefined;
  }

  ready({ signal }: ReadyOptions): Promise<void> {
    if (signal?.aborted) return Promise.reject(readyAborted(signal));
    if (this.#state === 'ready' || this.#state === 'saturated') return Promise.resolve();
    const refusal = this.refusal();
    if (refusal && refusal.code !== 'ERR_QUEUE_FULL') return Promise.reject(refusal);
    const ready = this.#readyWaiters.wait({ signal });
    if (this.#shells.size === 0) outside(() => this.#send({ type: 'demand', waiting: 1 }));
    return ready;
  }

  status(): PoolStatus {
    this.dispatcher.settle();
    return statusOf([...this.#shells.values()], {
      name: this.#pool.name,
      state: this.#state,
      queued: this.dispatcher.queued,
      lastError: this.#lastError,
    });
  }

  close({ timeout, force }: { timeout: number; force: boolean }): Promise<void> {
    if (this.#closing && force) this.#ending?.hurry();
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
    if (state === 'ready') this.#readyWaiters.resolveAll();
    if (state === 'closing') bus.publish('pool.closing', {});
    if (state === 'closed') this.#end();
    this.#statuses.changed();
  }

  fail(cause: string | undefined): void {
    this.#failure = this.#lastError ?? new ShellwrightError('ERR_SPAWN', cause ?? 'shells failed to start');
    this.#givenUp = true;
    const error = this.#failedError();
    this.#pool.bus.publish('pool.failed', { error });
    this.#readyWaiters.rejectAll(error);
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
    this.#ending?.check();
  }

  async #close(timeout: number, force: boolean): Promise<void> {
    const { keepAlive, bus } = this.#pool;
    keepAlive.hold();
    outside(() => this.#send({ type: 'close' }));
    this.#readyWaiters.rejectAll(this.#closedError());
    this.#ending = new Ending(
      {
        isDrained: () => this.dispatcher.queued === 0 && this.dispatcher.borrowed === 0,
        settle: () => this.dispatcher.settle(),
        rejectAll: () => this.#rejectAll(),
        stop: (graceful) => this.#send({ type: 'stop', graceful }),
      },
      timeout,
      force,
    );
    if (this.#isGone) this.#ending.gone();
    await this.#ending.done;
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
    this.#end();
  }

  #end(): void {
    this.#isGone = true;
    this.#ending?.gone();
  }

  #failedError(): ShellwrightError {
    return failedError(this.#pool.name, this.#failure);
  }

  #closedError(): ShellwrightError {
    return closedError(this.#pool.name, this.#state);
  }
}
