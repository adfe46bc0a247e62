import type { Observable } from 'rxjs';
import type { AnyActorRef } from 'xstate';
import type { Command, CommandValue } from '../commands/command.ts';
import { quoteValue } from '../commands/command.ts';
import { createShellTag } from '../commands/shell-tag.ts';
import type { ShellwrightError } from '../errors.ts';
import type { Handler } from '../events/bus.ts';
import type { PoolEvent, PoolEventName } from '../events/catalogue.ts';
import { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import {
  checkAcquireOptions,
  checkExecOptions,
  type AcquireOptions,
  type ExecOptions,
} from '../options/exec-options.ts';
import { checkCloseOptions, checkReadyOptions, type CloseOptions, type ReadyOptions } from '../options/pool-calls.ts';
import type { SessionOptions } from '../options/session-options.ts';
import { checkPoolOptions, type PoolOptions } from '../options/pool-options.ts';
import type { CommandRunner, KeyedSession, NoOptions, OutputOf, ShellTag } from './access.ts';
import type { PoolContext } from './context.ts';
import { refusedOf } from './batch.ts';
import { ExecRequest } from './exec-request.ts';
import { KeyedSessions } from './keyed-sessions.ts';
import { LeaseRequest, type LeaseKind } from './lease-request.ts';
import { LeaseWatch, originOf } from './lease-watch.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { PoolMetrics } from './metrics.ts';
import { poolParts, type PoolParts } from './parts.ts';
import type { Session } from './session.ts';
import type { PoolStatus } from './status.ts';
import { createTask, refuse } from './tasks.ts';

/** A supervised pool of long-lived shells. Made by `createPool`. */
export class Pool<Default extends string | Buffer = string> implements CommandRunner<Default>, AsyncDisposable {
  readonly name: string;
  /** Where it is in its tree, e.g. `root/git`; its name where it is in none. */
  readonly path: string;
  /** Runs a template with quoted values: `` pool.$`grep ${pattern} ${files}` ``. Rejects when the command fails. */
  readonly $: ShellTag<Default>;
  /** Every event. Hot, never errors, completes when the pool is closed. */
  readonly events$: Observable<PoolEvent>;
  /** The result of every command; with `error` where it was rejected. Hot, never errors, completes when the pool is closed. */
  readonly results$: Observable<ExecResult<string | Buffer>>;
  /** The status now, and after each change; changes within one turn are one. */
  readonly status$: Observable<PoolStatus>;
  readonly #context: PoolContext;
  readonly #lifecycle: Lifecycle;
  readonly #keyed: KeyedSessions<Default>;
  readonly #watch: LeaseWatch | undefined;

  /** @internal */
  constructor({ context, lifecycle, statuses }: PoolParts) {
    const { name, path, bus } = context;
    this.name = name;
    this.path = path;
    this.#context = context;
    this.#lifecycle = lifecycle;
    const { dispatcher } = lifecycle;
    this.#keyed = new KeyedSessions<Default>(context);
    this.#watch = bus.warns
      ? new LeaseWatch({ queued: () => dispatcher.queued, warn: (fields, message) => bus.warn(fields, message) })
      : undefined;
    // Only a supervisor's own bus carries its events.
    this.events$ = bus.events$ as Observable<PoolEvent>;
    this.results$ = bus.results$;
    this.status$ = statuses.status$;
    this.$ = createShellTag<Default>((given, bound) => this.#exec(given, bound, 'pool.$'));
  }

  exec<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, Default>> {
    return this.#exec(command, options, 'pool.exec');
  }

  async execAll<const Options extends ExecOptions = NoOptions>(
    commands: readonly (string | Command)[],
    options?: Options,
  ): Promise<ExecResult<OutputOf<Options, Default>>[]> {
    const refused = refusedOf(commands, options, this.#context, { where: 'pool.execAll' });
    if (refused) await refused;
    const { acquireTimeout, signal, priority } = checkExecOptions(options, 'pool.execAll');
    const session = await this.#lease({ acquireTimeout, signal, priority }, { named: false });
    try {
      return await session.execAll(commands, options);
    } finally {
      await session.release();
    }
  }

  /**
   * A lease on one shell. Release it.
   * @throws {ShellwrightError} ERR_OPTIONS ERR_ABORTED ERR_ACQUIRE_TIMEOUT ERR_QUEUE_FULL ERR_POOL_FAILED ERR_POOL_CLOSED
   */
  acquire(options?: AcquireOptions): Promise<Session<Default>> {
    return this.#acquire(options, 'acquire');
  }

  /**
   * The session of a key: a lease on the same shell for the same key while it lives, which is until it was idle for `idleTimeout`, its shell is
   * lost, `end()`, or the pool closes. Its shell is then replaced.
   * @throws as `acquire`, and ERR_INIT when `cwd` or `env` cannot be set
   */
  async session(key: string, options?: SessionOptions): Promise<KeyedSession<Default>> {
    const watch = this.#watched('session');
    return this.#keyed.open(
      key,
      options,
      (key) => (acquire, onEnd) => this.#lease(acquire, { named: true, key, watch, onEnd }),
    );
  }

  /** Calls `run` with a lease, and releases it when `run` returns or throws; what then still runs is interrupted. @throws as `acquire` */
  async use<Result>(
    run: (session: Session<Default>) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    const session = await this.#acquire(options, 'use');
    try {
      return await run(session);
    } finally {
      session.abandon();
      await session.release();
    }
  }

  /** One word of the shell's language for a value; several for an array. @throws {ShellwrightError} ERR_OPTIONS */
  quote(value: CommandValue): string {
    return quoteValue(value, this.#context.dialect);
  }

  /**
   * Resolves when max(min, 1) shells have been idle.
   * @throws {ShellwrightError} ERR_POOL_FAILED with the `cause`, ERR_POOL_CLOSED, ERR_ABORTED
   */
  async ready(options?: ReadyOptions): Promise<void> {
    return this.#lifecycle.ready(checkReadyOptions(options));
  }

  /** The pool and its shells as they are now. */
  status(): PoolStatus {
    return this.#lifecycle.status();
  }

  /** Counters since the pool was made. */
  metrics(): PoolMetrics {
    return this.#context.metrics.read();
  }

  /**
   * The XState actor, for inspection; of a supervised pool that of its present run, or of the last one. Machine types are no promise.
   * @throws {ShellwrightError} ERR_POOL_CLOSED before the first run of a supervised pool
   */
  get actor(): AnyActorRef {
    return this.#lifecycle.actor;
  }

  /** Calls `handler` for each event of that name. */
  on<Name extends PoolEventName>(name: Name, handler: Handler<Name>): this {
    this.#context.bus.on(name, handler);
    return this;
  }

  once<Name extends PoolEventName>(name: Name, handler: Handler<Name>): this {
    this.#context.bus.once(name, handler);
    return this;
  }

  off<Name extends PoolEventName>(name: Name, handler?: Handler<Name>): this {
    this.#context.bus.off(name, handler);
    return this;
  }

  /**
   * Refuses new work, lets accepted work end until `timeout`, then rejects and kills the rest. Resolves when every process group is gone.
   * Idempotent; a later call with `force` hurries an earlier one.
   */
  async close(options?: CloseOptions): Promise<void> {
    const closed = this.#lifecycle.close(checkCloseOptions(options));
    this.#keyed.close(() => this.#lifecycle.refusal() as ShellwrightError);
    return closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #exec<Output extends string | Buffer>(given: unknown, options: unknown, where: string): Execution<Output> {
    const task = createTask(this.#context, given, options, { where });
    if (task.state !== 'ended') {
      const refusal = this.#lifecycle.refusal();
      if (refusal) refuse(this.#context, task, refusal);
      else new ExecRequest(task, this.#context, this.#lifecycle.dispatcher).submit();
    }
    return new Execution<Output>(task);
  }

  async #acquire(options: AcquireOptions | undefined, method: 'acquire' | 'use'): Promise<Session<Default>> {
    const watch = this.#watched(method);
    return this.#lease(checkAcquireOptions(options, `pool.${method}`), { named: true, watch });
  }

  #lease(options: AcquireOptions, kind: LeaseKind): Promise<Session<Default>> {
    const refusal = this.#lifecycle.refusal();
    if (refusal) return Promise.reject(refusal);
    return new LeaseRequest<Default>(options, this.#context, this.#lifecycle, kind).submit();
  }

  /** @param method that the caller called: the stack begins above it */
  #watched(method: 'acquire' | 'use' | 'session'): LeaseKind['watch'] {
    return this.#watch && { leases: this.#watch, origin: originOf(this[method]) };
  }
}

/**
 * Makes a pool of shells.
 * @throws {ShellwrightError} ERR_OPTIONS at once for a bad option; nothing was started
 */
export function createPool(options: PoolOptions & { encoding: 'buffer' }): Pool<Buffer>;
export function createPool(options?: PoolOptions): Pool;
export function createPool(options?: PoolOptions): unknown {
  const parts = poolParts(checkPoolOptions(options));
  parts.lifecycle.start();
  return new Pool<string | Buffer>(parts);
}
