import type { AnyActorRef } from 'xstate';
import type { PoolEvent, PoolState, ShellContext, ShellSlot, ShellState } from '../../machines/index.ts';
import { ShellwrightError } from '../errors.ts';
import { harmless } from '../events/inspection.ts';
import type { ReadyOptions } from '../options/pool-calls.ts';
import { endIdleGuard } from '../process/guard.ts';
import { outside } from '../process/outside.ts';
import { createPoolActor, type PoolActor, type PoolEffects, type ShellEffects } from './actors.ts';
import type { PoolContext } from './context.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Keeper } from './keeper.ts';
import type { Leases, Stoppable } from './lease-request.ts';
import { ManagedShell, type ShellWatcher } from './managed-shell.ts';
import { ReadyWaiters } from './ready-waiters.ts';
import { internalError, notStartedError, queueFullError } from './refusals.ts';
import type { Tell } from './shell-roles.ts';
import { Shell } from './shell.ts';
import type { StatusStream } from './status-stream.ts';
import { publishShellState, publishState } from './state-events.ts';
import { statusOf } from './status-of.ts';
import type { PoolStatus } from './status.ts';
import { Tenure, type Eviction, type Tenants } from './tenure.ts';
import { upkeepOf, type PoolUpkeep } from './upkeep.ts';

/** Joins the pool's machine, which decides how many shells live, to the dispatcher, which decides who uses them. */
export class Lifecycle implements PoolEffects, ShellWatcher, Leases, Tenants {
  readonly dispatcher: Dispatcher;
  readonly readyWaiters: ReadyWaiters;
  readonly tenure: Tenure;
  readonly sessions = new Set<Stoppable>();
  readonly #pool: PoolContext;
  readonly #statuses: StatusStream<PoolStatus>;
  readonly #keeper: Keeper | undefined;
  readonly #upkeep: PoolUpkeep | undefined;
  readonly #shells = new Map<ShellSlot, Shell>();
  #actor: PoolActor | undefined;
  #state: PoolState = 'starting';
  #lastError: ShellwrightError | undefined;
  /** The machine starts no more shells: it has failed, or failed while it was closing. */
  #givenUp = false;
  #closed: Promise<void> | undefined;

  /** @param keeper who runs the machine, as often as needed; without one the pool does, once */
  constructor(pool: PoolContext, statuses: StatusStream<PoolStatus>, keeper?: Keeper) {
    this.#pool = pool;
    this.#statuses = statuses;
    this.#keeper = keeper;
    this.readyWaiters = new ReadyWaiters(pool.keepAlive, 'pool');
    this.dispatcher = new Dispatcher(pool.options.max, (event) => this.send(event));
    this.dispatcher.onEdge = () => this.#onEdge();
    this.#upkeep = upkeepOf(pool, this.dispatcher);
    this.tenure = new Tenure(pool, this, keeper);
  }

  /** The machine's present run, or the last one. */
  get actor(): AnyActorRef {
    if (!this.#actor) throw notStartedError(this.#pool.name);
    return this.#actor;
  }

  /** Starts the machine of a pool of its own. */
  start(): void {
    const { options, bus } = this.#pool;
    const actor = createPoolActor(options, this, harmless(options.inspect, bus));
    this.#actor = actor;
    actor.subscribe({ error: (error) => this.#broken(error) });
    // In a moment, so that whoever made the pool can subscribe before the first event.
    outside(() => queueMicrotask(() => actor.start()));
  }

  /** Why a new request cannot be taken, if it cannot. */
  refusal(): ShellwrightError | undefined {
    const ended = this.tenure.refusal();
    if (ended) return ended;
    if (this.#givenUp && !this.#keeper && !this.#canServe() && !this.#triesAgain()) return this.tenure.failedError();
    const { maxQueue } = this.#pool.options;
    return this.dispatcher.isFull(maxQueue) ? queueFullError(this.#pool.name, maxQueue) : undefined;
  }

  ready({ signal }: ReadyOptions): Promise<void> {
    if (signal?.aborted) return this.readyWaiters.wait({ signal });
    const refusal = this.refusal();
    if (refusal && refusal.code !== 'ERR_QUEUE_FULL') return Promise.reject(refusal);
    if (this.#givenUp && !this.#keeper && !this.#triesAgain()) return Promise.reject(this.tenure.failedError());
    if (this.#stateIs('ready') || this.#stateIs('saturated')) return Promise.resolve();
    const ready = this.readyWaiters.wait({ signal });
    if (this.#shells.size === 0) outside(() => this.send({ type: 'demand', waiting: 1 }));
    return ready;
  }

  status(): PoolStatus {
    this.dispatcher.settle();
    return statusOf([...this.#shells.values()], {
      name: this.#pool.name,
      state: this.tenure.vacancy ?? this.#state,
      queued: this.dispatcher.queued,
      lastError: this.#lastError,
      mask: this.#pool.mask,
    });
  }

  close({ timeout, force }: { timeout: number; force: boolean }): Promise<void> {
    if (this.#keeper) return this.tenure.close(timeout, force);
    const closed = this.tenure.close(timeout, force);
    this.#closed ??= closed.then(() => this.finish());
    return this.#closed;
  }

  /** The run is over, whatever its machine has said: what is left of it is killed. */
  lost(): void {
    if (!this.#actor || this.tenure.isVacant) return;
    this.#disposeAll();
    this.enter('closed', this.#actor);
  }

  /** No other run will ever come. */
  finish(): void {
    endIdleGuard();
    this.#statuses.end();
    this.#pool.bus.end();
    this.#pool.keepAlive.end();
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
    if (state === 'invalid') this.#upkeep?.lost(shell, cause ?? reason ?? 'it was lost');
    if (state === 'invalid' || state === 'destroying') this.dispatcher.remove(shell);
    this.#count();
    publishShellState(bus, shell, state, { reason, cause });
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

  enter(state: PoolState, actor: PoolActor): void {
    if (actor !== this.#actor) this.#begin(actor);
    const before = this.#state;
    this.#state = state;
    if (state === 'starting' || state === 'ready') this.#givenUp = false;
    publishState(this.#pool.bus, before, state, this.dispatcher.queued);
    if (state === 'ready') this.readyWaiters.resolveAll();
    if (state === 'closing' && !this.tenure.isEnding) void this.tenure.end('shutdown', Infinity);
    if (state === 'closed') this.tenure.vacate();
    this.#statuses.changed();
  }

  fail(cause: string | undefined, fatal: boolean): void {
    this.#givenUp = true;
    const failure = this.#lastError ?? new ShellwrightError('ERR_SPAWN', cause ?? 'shells failed to start');
    this.tenure.fail(failure, !fatal && this.#canServe());
  }

  reap(slot: ShellSlot): void {
    const shell = this.#shells.get(slot);
    if (shell && this.dispatcher.remove(shell)) shell.tell({ type: 'retire', reason: 'idle-timeout' });
  }

  check(slot: ShellSlot): void {
    const shell = this.#shells.get(slot);
    if (shell && !this.tenure.isEnding) this.#upkeep?.fallDue(shell);
  }

  crashed(slot: ShellSlot): void {
    this.#shells.get(slot)?.dispose();
  }

  hurry(): void {
    this.tenure.hurry();
  }

  #begin(actor: PoolActor): void {
    this.lost();
    this.#actor = actor;
    this.#givenUp = false;
    this.tenure.begin();
  }

  readonly #known = new WeakSet<Shell>();

  /** XState complains on stderr of events to a stopped actor. */
  send(event: PoolEvent): void {
    if (this.#actor?.getSnapshot().status === 'active') this.#actor.send(event);
  }

  /** In a failed pool nobody starts a shell for what still waits for those that lived. */
  #abandon(): void {
    if (!this.#givenUp || this.#canServe() || this.tenure.returns) return;
    this.dispatcher.failAll(() => this.tenure.failedError());
  }

  #canServe(): boolean {
    return [...this.#shells.values()].some(
      ({ usable, state }) => usable || state === 'spawning' || state === 'initializing',
    );
  }

  /** After `cooldown` the machine takes the first request as the occasion for one more try. */
  #triesAgain(): boolean {
    outside(() => this.send({ type: 'demand', waiting: 1 }));
    return !this.#givenUp;
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
    this.tenure.check();
  }

  #disposeAll(): void {
    for (const shell of this.#shells.values()) shell.dispose();
    this.#shells.clear();
    this.#count();
  }

  evict(reason: Eviction): void {
    for (const session of this.sessions) session.stopAll(reason, 'kill');
    for (const shell of this.#shells.values()) if (shell.borrower) shell.task?.stop(reason, 'kill');
  }

  /** The machine itself failed: a defect of ours. Nothing may hang on it. */
  #broken(error: unknown): void {
    this.#state = 'failed';
    this.#givenUp = true;
    this.tenure.failure = internalError(error);
    this.#disposeAll();
    this.#abandon();
    this.tenure.vacate();
  }
}
