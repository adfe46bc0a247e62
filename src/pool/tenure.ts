import type { ExitKind, PoolEvent } from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import { outside } from '../process/outside.ts';
import type { PoolContext } from './context.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Ending } from './ending.ts';
import type { Keeper } from './keeper.ts';
import type { ReadyWaiters } from './ready-waiters.ts';
import { closedError, failedError } from './refusals.ts';

/** Why commands are stopped that run when the pool's time is over. */
export interface Eviction {
  code: 'ERR_POOL_CLOSED' | 'ERR_POOL_FAILED';
  message: string;
}

/** Who is to end with a run. */
export interface Tenants {
  readonly dispatcher: Dispatcher;
  readonly readyWaiters: ReadyWaiters;
  /** Tells the machine. */
  send(event: PoolEvent): void;
  /** Stops everything that runs. */
  evict(reason: Eviction): void;
}

/**
 * One run of a pool's machine after the other, or the only one: how it ends, and what becomes of requests meanwhile.
 *
 * Where another run is to follow, they wait for it; where none is, they are refused.
 */
export class Tenure {
  /** Why the pool has given up, if it has. */
  failure: ShellwrightError | undefined;
  /** No run is on: no process is left, or none was started yet. */
  isVacant: boolean;
  readonly #pool: PoolContext;
  readonly #tenants: Tenants;
  readonly #keeper: Keeper | undefined;
  /** How the run ends, once that is known. */
  #exit: ExitKind | undefined;
  #ending: Ending | undefined;
  #ended: Promise<void> | undefined;
  /** Why no other run is to come, as far as is known. */
  #retired: (() => ShellwrightError) | undefined;
  readonly #wishes: (() => void)[] = [];

  constructor(pool: PoolContext, tenants: Tenants, keeper: Keeper | undefined) {
    this.#pool = pool;
    this.#tenants = tenants;
    this.#keeper = keeper;
    this.isVacant = keeper !== undefined;
  }

  /** Whether the run has begun to end. */
  get isEnding(): boolean {
    return this.#exit !== undefined;
  }

  /** Whether another run is to follow. */
  get returns(): boolean {
    // What is over already is the keeper's to know.
    const exit = this.isVacant ? undefined : this.#exit;
    return this.#retired === undefined && (this.#keeper?.returns(exit) ?? false);
  }

  /** Why there is no run, or soon none, where none follows. */
  refusal(): ShellwrightError | undefined {
    if (this.#retired) return this.#retired();
    return this.isEnding && !this.returns ? this.#endedError() : undefined;
  }

  /** The state of a pool that has a keeper and no run. */
  get vacancy(): 'starting' | 'failed' | 'closed' | undefined {
    if (!this.#keeper || !this.isVacant) return undefined;
    if (!this.#retired) return 'starting';
    return this.#retired().code === 'ERR_POOL_FAILED' ? 'failed' : 'closed';
  }

  /** For its user. */
  close(timeout: number, force: boolean): Promise<void> {
    if (this.#keeper && this.isVacant) {
      if (this.#retired) return Promise.resolve();
      // Between two runs: the next one is closed.
      return new Promise((resolve) => this.#wishes.push(() => resolve(this.close(timeout, force))));
    }
    if (force) this.#ending?.hurry();
    return this.end('normal', timeout, force);
  }

  /** Ends the run, once: what is wished later changes nothing. */
  end(exit: ExitKind, timeout: number, force = false): Promise<void> {
    this.#ended ??= this.#carryOut(exit, timeout, force);
    return this.#ended;
  }

  /**
   * The machine has given up. What still runs may end; then it is for the keeper to decide.
   * @param canServe what waits is served by the shells that there are: fewer than wanted, but some
   */
  fail(failure: ShellwrightError, canServe: boolean): void {
    this.failure = failure;
    this.#pool.bus.publish('pool.failed', { error: this.failedError() });
    if (this.#keeper) void this.end('crash', this.#keeper.patience);
    if (this.returns) return;
    this.#tenants.readyWaiters.rejectAll(() => this.failedError());
    if (this.#keeper || !canServe) this.#tenants.dispatcher.failAll(() => this.failedError());
  }

  /** The run, which has begun to end, is to end at once. */
  hurry(): void {
    // In a moment: the machine is in the middle of a step.
    outside(() => queueMicrotask(() => this.#ending?.hurry()));
  }

  /** To be called when less runs or waits than before. */
  check(): void {
    this.#ending?.check();
  }

  /** The run is over. */
  vacate(): void {
    this.isVacant = true;
    this.#ending?.gone();
  }

  /** A run begins. */
  begin(): void {
    const { dispatcher, readyWaiters } = this.#tenants;
    this.isVacant = dispatcher.paused = dispatcher.saturated = false;
    this.#exit = this.#ending = this.#ended = this.#retired = this.failure = undefined;
    // In a moment: the machine is in the middle of its first step.
    outside(() =>
      queueMicrotask(() => {
        this.#fulfil();
        if (readyWaiters.size > 0) this.#tenants.send({ type: 'demand', waiting: 1 });
        dispatcher.schedule();
      }),
    );
  }

  /** No other run is to come, unless one does after all. */
  retire(error: () => ShellwrightError): void {
    this.#retired = error;
    this.#tenants.readyWaiters.rejectAll(error);
    this.#tenants.dispatcher.failAll(error);
    this.#fulfil();
  }

  /** Another run is to come after all. */
  revive(): void {
    this.#retired = undefined;
  }

  failedError(): ShellwrightError {
    return failedError(this.#pool.name, this.failure);
  }

  async #carryOut(exit: ExitKind, timeout: number, force: boolean): Promise<void> {
    const { dispatcher, readyWaiters } = this.#tenants;
    const { keepAlive } = this.#pool;
    keepAlive.hold();
    this.#exit = exit;
    if (exit === 'normal') outside(() => this.#tenants.send({ type: 'close' }));
    // What waits is for the next run, where there is to be one.
    const { returns } = this;
    dispatcher.paused = returns;
    if (!returns) readyWaiters.rejectAll(() => this.#endedError());
    this.#ending = new Ending(
      {
        isDrained: () => dispatcher.borrowed === 0 && (returns || dispatcher.queued === 0),
        settle: () => dispatcher.settle(),
        rejectAll: () => this.#evictAll(),
        stop: (graceful) => this.#tenants.send({ type: 'stop', graceful }),
      },
      timeout,
      force,
    );
    if (this.isVacant) this.#ending.gone();
    await this.#ending.done;
    keepAlive.release();
  }

  #evictAll(): void {
    const how = this.#exit === 'crash' ? 'failed' : this.returns ? 'was restarted' : 'was closed';
    if (!this.returns) this.#tenants.dispatcher.failAll(() => this.#endedError());
    this.#tenants.evict({
      code: this.#exit === 'crash' ? 'ERR_POOL_FAILED' : 'ERR_POOL_CLOSED',
      message: `The pool ${how} before the command had ended`,
    });
  }

  #fulfil(): void {
    for (const wish of this.#wishes.splice(0)) wish();
  }

  #endedError(): ShellwrightError {
    if (this.#exit === 'crash') return this.failedError();
    return closedError(this.#pool.name, this.isVacant ? 'closed' : 'closing');
  }
}
