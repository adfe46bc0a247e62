import { isAlive } from '../../machines/supervisor/roster.ts';
import type { Child } from '../../machines/supervisor/types.ts';
import type { CheckedChild } from '../options/supervisor-options.ts';
import type { Node, Reason } from './node.ts';
import type { Standing } from './standing.ts';

/** Whose children they are. */
export interface Parent<Kind extends Node> {
  make(child: CheckedChild, isStatic: boolean): Kind;
  readonly standing: Pick<Standing, 'child' | 'returns'>;
  /** Why a child does not run. */
  reasonFor(child: Child): Reason;
}

/** The children of one supervisor, each as long as it is in the list. */
export class Brood<Kind extends Node> {
  readonly nodes = new Map<string, Kind>();
  readonly #parent: Parent<Kind>;
  readonly #statics: readonly CheckedChild[];
  /** The children at rest that are to come back. */
  readonly #limbo = new Set<string>();

  constructor(parent: Parent<Kind>, statics: readonly CheckedChild[]) {
    this.#parent = parent;
    this.#statics = statics;
    for (const child of statics) this.add(child, true);
  }

  add(child: CheckedChild, isStatic = false): Kind {
    const node = this.#parent.make(child, isStatic);
    this.nodes.set(child.id, node);
    return node;
  }

  /** Does what follows from where a child is now. @param last as it was last told of */
  review(id: string, last: Child): void {
    const node = this.nodes.get(id);
    const child = this.#parent.standing.child(id);
    if (!node || (child && isAlive(child))) return void this.#limbo.delete(id);
    if (child?.state !== 'waiting') node.lost();
    if (!child) return this.#remove(node, this.#parent.reasonFor(last));
    if (this.#parent.standing.returns(id)) {
      this.#limbo.add(id);
      return node.revive();
    }
    this.#limbo.delete(id);
    node.retire(this.#parent.reasonFor(child));
  }

  /** Looks again at the children of which nothing was heard since they came to rest. */
  reviewLimbo(): void {
    for (const id of this.#limbo) {
      const child = this.#parent.standing.child(id);
      if (child) this.review(id, child);
    }
  }

  /** The run is over. */
  lost(): void {
    this.#limbo.clear();
    for (const node of this.nodes.values()) node.lost();
  }

  /** Before another run: those that were added do not come back, and those that were deleted do. */
  reset(reasonFor: (id: string) => Reason): void {
    for (const node of this.nodes.values()) {
      if (!node.isStatic) this.#remove(node, reasonFor(node.id));
    }
    for (const child of this.#statics) if (!this.nodes.has(child.id)) this.add(child, true);
  }

  #remove(node: Kind, reason: Reason): void {
    this.#limbo.delete(node.id);
    this.nodes.delete(node.id);
    node.retire(reason);
    node.finish();
  }
}
