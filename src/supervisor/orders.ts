import { isAlive } from '../../machines/supervisor/roster.ts';
import type { Child, ChildSpec, SupervisorEvent } from '../../machines/supervisor/types.ts';
import { optionsError } from '../options/check.ts';
import type { CheckedChild } from '../options/supervisor-options.ts';
import type { ShellwrightError } from '../errors.ts';
import type { KeepAlive } from '../pool/keep-alive.ts';
import type { Node, Reason } from './node.ts';
import type { Standing } from './standing.ts';
import { unknownChildError } from './story.ts';

/** Who carries the orders out. */
export interface Ordered<Kind extends Node> {
  readonly path: string;
  readonly keepAlive: KeepAlive;
  readonly brood: { readonly nodes: ReadonlyMap<string, Kind>; add(child: CheckedChild): Kind };
  readonly standing: Pick<Standing, 'child'>;
  send(event: SupervisorEvent): void;
  /** Why no orders are taken, if none are. */
  refusal(what: string): ShellwrightError | undefined;
}

/** What somebody waits for. */
interface Waiter {
  readonly wish: 'start' | 'end' | 'removal';
  resolve(): void;
  reject(error: ShellwrightError): void;
}

/** What users have done to single children, and the promises that it is done. */
export class Orders<Kind extends Node> {
  readonly #to: Ordered<Kind>;
  readonly #waiters = new Map<string, Set<Waiter>>();

  constructor(to: Ordered<Kind>) {
    this.#to = to;
  }

  async start(checked: CheckedChild): Promise<Kind> {
    const { id, type, restart, shutdown } = checked;
    this.#checkOpen('startChild');
    if (this.#to.brood.nodes.has(id)) {
      throw optionsError(
        `Expected the id of a new child of ${this.#to.path} to be unused, got \`${id}\`, which is ${this.#stateOf(id)}`,
      );
    }
    const node = this.#to.brood.add(checked);
    const spec: ChildSpec = { id, type, restart, shutdown };
    await this.#order({ type: 'child.start', spec }, id, 'start');
    return node;
  }

  async terminate(id: string): Promise<void> {
    this.#known(id, 'terminateChild');
    // One that is at rest is told too: it may be about to be started with others.
    const ended = this.#order({ type: 'child.terminate', id }, id, 'end');
    this.heard(id, this.#to.standing.child(id), undefined);
    await ended;
  }

  async restart(id: string): Promise<Kind> {
    const { state } = this.#known(id, 'restartChild');
    const node = this.#to.brood.nodes.get(id);
    this.#checkOpen('restartChild');
    if (state !== 'stopped' || !node) {
      throw optionsError(`Expected the child ${this.#to.path}/${id} to be stopped, to restart it; it is ${state}`);
    }
    await this.#order({ type: 'child.restart', id }, id, 'start');
    return node;
  }

  async delete(id: string): Promise<void> {
    const { state } = this.#known(id, 'deleteChild');
    this.#checkOpen('deleteChild');
    if (state === 'running') {
      throw optionsError(
        `Expected the child ${this.#to.path}/${id} not to be running, to delete it; end it first: terminateChild('${id}')`,
      );
    }
    await this.#order({ type: 'child.delete', id }, id, 'removal');
  }

  /** The child is like this now; `undefined`: it is not in the list any more. */
  heard(id: string, child: Child | undefined, reason: Reason | undefined): void {
    for (const waiter of this.#waiters.get(id) ?? []) {
      if (isDone(waiter, child)) waiter.resolve();
      else if (waiter.wish === 'start' && reason && (!child || child.state === 'stopped')) waiter.reject(reason());
    }
  }

  /** Every child is gone. */
  end(reason: Reason): void {
    for (const waiters of this.#waiters.values()) {
      for (const waiter of waiters) {
        if (waiter.wish === 'start') waiter.reject(reason());
        else waiter.resolve();
      }
    }
  }

  async #order(event: SupervisorEvent, id: string, wish: Waiter['wish']): Promise<void> {
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters);
    this.#to.keepAlive.hold();
    let waiter: Waiter | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { wish, resolve, reject };
        waiters.add(waiter);
        this.#to.send(event);
      });
    } finally {
      if (waiter) waiters.delete(waiter);
      if (waiters.size === 0) this.#waiters.delete(id);
      this.#to.keepAlive.release();
    }
  }

  #known(id: string, where: string): Child {
    const child = this.#to.standing.child(id);
    if (child) return child;
    throw unknownChildError(where, this.#to.path, this.#to.brood.nodes.keys(), id);
  }

  #checkOpen(what: string): void {
    const refusal = this.#to.refusal(what);
    if (refusal) throw refusal;
  }

  #stateOf(id: string): string {
    return this.#to.standing.child(id)?.state ?? 'about to start';
  }
}

function isDone({ wish }: Waiter, child: Child | undefined): boolean {
  if (!child) return wish !== 'start';
  if (wish === 'start') return child.state === 'running';
  return wish === 'end' && !isAlive(child) && child.state !== 'waiting';
}
