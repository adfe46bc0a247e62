import type { Observable } from 'rxjs';
import type { AnyActorRef } from 'xstate';
import { countsOf, type ChildCounts } from '../../machines/index.ts';
import type { Handler } from '../events/bus.ts';
import type { EventName, ShellwrightEvent } from '../events/catalogue.ts';
import { optionsError } from '../options/check.ts';
import { checkReadyOptions, type ReadyOptions } from '../options/pool-calls.ts';
import type { PoolOptions } from '../options/pool-options.ts';
import { checkSupervisorCloseOptions, type SupervisorCloseOptions } from '../options/supervisor-calls.ts';
import {
  checkChildOptions,
  checkSupervisorOptions,
  type ChildOptions,
  type SupervisorOptions,
} from '../options/supervisor-options.ts';
import type { Pool } from '../pool/pool.ts';
import { TreeActors } from './actors.ts';
import { Branch } from './branch.ts';
import { PoolNode } from './node.ts';
import { childrenIn, statusOf, type ChildStatus, type SupervisorStatus } from './status.ts';
import { goneError, unknownChildError } from './story.ts';
import { treeOf } from './survey.ts';
import type { SupervisorTree } from './tree.ts';

/**
 * Starts, watches and restarts pools and other supervisors. Made by `createSupervisor`, or got from `supervisor(id)`.
 *
 * It stays the same object in all its runs, and so do the pools and supervisors that it gives.
 */
export class Supervisor implements AsyncDisposable {
  readonly name: string;
  /** Every event of everything below, each once, and its own. Hot, never errors, completes when it never runs again. */
  readonly events$: Observable<ShellwrightEvent>;
  /** The status now, and after each change; changes within one turn are one. */
  readonly status$: Observable<SupervisorStatus>;
  /**
   * Resolves when it was closed, or taken from its list, and nothing below is left; rejects when it never runs again because it, or one
   * above it, gave up. A rejection that nobody looks at is no unhandled one.
   * @throws {ShellwrightError} ERR_POOL_FAILED with the whole story
   */
  readonly closed: Promise<void>;
  readonly #branch: Branch;

  /** @internal */
  constructor(branch: Branch) {
    this.name = branch.options.name;
    this.events$ = branch.bus.events$;
    this.status$ = branch.statuses.status$;
    this.closed = branch.attendance.finished;
    this.#branch = branch;
  }

  /** Where it is in its tree, e.g. `root/o365`. */
  get path(): string {
    return this.#branch.path;
  }

  /**
   * The pool that is this child; the same object, whose streams and handlers go on, after each restart.
   * @throws {ShellwrightError} ERR_OPTIONS when there is no such child, or it is a supervisor
   */
  pool<Default extends string | Buffer = string>(id: string): Pool<Default> {
    const node = this.#node(id, 'pool');
    if (node instanceof PoolNode) return node.pool as unknown as Pool<Default>;
    throw optionsError(`Expected the child ${node.path} to be a pool, but it is a supervisor: use supervisor('${id}')`);
  }

  /**
   * The supervisor that is this child; the same object after each restart.
   * @throws {ShellwrightError} ERR_OPTIONS when there is no such child, or it is a pool
   */
  supervisor(id: string): Supervisor {
    const node = this.#node(id, 'supervisor');
    if (node instanceof Branch) return faceOf(node);
    throw optionsError(`Expected the child ${this.path}/${id} to be a supervisor, but it is a pool: use pool('${id}')`);
  }

  /** Every child as it is now, in start order; OTP's `which_children`. */
  children(): ChildStatus[] {
    return childrenIn(this.#branch.standing);
  }

  /** How many children there are; OTP's `count_children`. */
  count(): ChildCounts {
    return countsOf(this.#branch.standing.view.roster);
  }

  /** Itself and its children as they are now. */
  status(): SupervisorStatus {
    return statusOf(this.#branch);
  }

  /** All that is below it as plain objects, which print as a tree. */
  tree(): SupervisorTree {
    return treeOf(this.#branch);
  }

  /**
   * Adds a child, last in the order, and resolves when it has started. It does not come back when this supervisor is restarted.
   * @throws {ShellwrightError} ERR_OPTIONS also for an id that is taken, ERR_POOL_FAILED when it does not start, ERR_POOL_CLOSED
   */
  startChild(child: ChildOptions & { pool: PoolOptions }): Promise<Pool>;
  startChild(child: ChildOptions & { supervisor: SupervisorOptions }): Promise<Supervisor>;
  startChild(child: ChildOptions): Promise<Pool | Supervisor>;
  async startChild(child: ChildOptions): Promise<unknown> {
    return faceOf(await this.#branch.orders.start(checkChildOptions(child, this.path, 'startChild')));
  }

  /**
   * Ends a child, in its `shutdown`, and resolves when it is gone. It stays in the list, unless it is temporary, and is not restarted.
   * For a child that has ended already it does nothing.
   * @throws {ShellwrightError} ERR_OPTIONS when there is no such child
   */
  terminateChild(id: string): Promise<void> {
    return this.#branch.orders.terminate(id);
  }

  /**
   * Starts a child that has ended, and resolves when it has started.
   * @throws {ShellwrightError} ERR_OPTIONS when there is no such child, or it has not ended; ERR_POOL_FAILED when it does not start
   */
  async restartChild(id: string): Promise<Pool | Supervisor> {
    return faceOf(await this.#branch.orders.restart(id)) as Pool | Supervisor;
  }

  /**
   * Takes a child from the list. One that is being started again is ended first.
   * @throws {ShellwrightError} ERR_OPTIONS when there is no such child, or it runs
   */
  deleteChild(id: string): Promise<void> {
    return this.#branch.orders.delete(id);
  }

  /**
   * Resolves when every child has started, in the present run.
   * @throws {ShellwrightError} ERR_POOL_FAILED with the whole story, ERR_POOL_CLOSED, ERR_ABORTED
   */
  async ready(options?: ReadyOptions): Promise<void> {
    return this.#branch.ready(checkReadyOptions(options, 'supervisor.ready').signal);
  }

  /**
   * Ends every child, the last one first, each within its `shutdown`. Resolves when every process group is gone. Idempotent; a later call
   * with `force` hurries an earlier one. For a supervisor above it, this is a normal exit.
   */
  async close(options?: SupervisorCloseOptions): Promise<void> {
    const { timeout, force } = checkSupervisorCloseOptions(options);
    return this.#branch.close(timeout, force);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Calls `handler` for each event of that name, its own and those from below. */
  on<Name extends EventName>(name: Name, handler: Handler<Name>): this {
    this.#branch.bus.on(name, handler);
    return this;
  }

  once<Name extends EventName>(name: Name, handler: Handler<Name>): this {
    this.#branch.bus.once(name, handler);
    return this;
  }

  off<Name extends EventName>(name: Name, handler?: Handler<Name>): this {
    this.#branch.bus.off(name, handler);
    return this;
  }

  /**
   * The XState actor of the present run, or of the last one; at the root that of the whole tree. Machine types are no promise.
   * @throws {ShellwrightError} ERR_POOL_CLOSED before the first run of a child
   */
  get actor(): AnyActorRef {
    const { actor, path } = this.#branch;
    if (!actor) throw goneError('There is no actor before the first start', path, undefined);
    return actor;
  }

  #node(id: string, where: string): PoolNode | Branch {
    const { nodes } = this.#branch.brood;
    const node = nodes.get(id);
    if (node) return node;
    throw unknownChildError(where, this.path, nodes.keys(), id);
  }
}

/**
 * Makes a tree of supervised pools. The words and their meanings are those of OTP's `supervisor`.
 * @throws {ShellwrightError} ERR_OPTIONS at once for a bad option anywhere in the tree; nothing was started
 */
export function createSupervisor(options?: SupervisorOptions): Supervisor {
  const checked = checkSupervisorOptions(options);
  const branch = new Branch(checked.name, checked, new TreeActors());
  branch.start();
  return faceOf(branch);
}

const faces = new WeakMap<Branch, Supervisor>();

/** What users see of a node: for one node always the same. */
function faceOf(node: Branch): Supervisor;
function faceOf(node: PoolNode | Branch): Supervisor | Pool<string | Buffer>;
function faceOf(node: PoolNode | Branch): unknown {
  if (node instanceof PoolNode) return node.pool;
  const face = faces.get(node) ?? new Supervisor(node);
  faces.set(node, face);
  return face;
}
