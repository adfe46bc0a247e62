import { inspect, type InspectOptions } from 'node:util';
import { countsOf } from '../../machines/index.ts';
import { Branch } from './branch.ts';
import { draw } from './drawing.ts';
import type { PoolNode } from './node.ts';
import { childrenIn, restartsOf } from './status.ts';
import type { PoolTree, Supervised, SupervisorTree } from './tree.ts';

/** The tree as it is now: plain objects, which also have a text, for `console.log` and `String`. */
export function treeOf(branch: Branch, supervised: Supervised = {}): SupervisorTree {
  const { id, path, options, standing, brood } = branch;
  const { name, strategy, intensity, period } = options;
  const children = childrenIn(standing).flatMap(({ id, restart, shutdown, restarts, lastExit }) => {
    const active = standing.child(id)?.up ?? false;
    const node = brood.nodes.get(id);
    const above = { active, restart, shutdown, restarts, ...(lastExit && { lastExit }) };
    if (!node) return [];
    return node instanceof Branch ? treeOf(node, above) : poolOf(node, `${path}/${id}`, above);
  });
  const tree: SupervisorTree = {
    type: 'supervisor',
    id,
    name,
    path,
    state: standing.state,
    strategy,
    intensity,
    period,
    recentRestarts: restartsOf(branch),
    count: countsOf(standing.view.roster),
    ...(standing.error && { lastError: standing.error.message }),
    ...supervised,
    children,
  };
  return Object.defineProperties(tree, asText);
}

function poolOf({ id, pool }: PoolNode, path: string, supervised: Supervised): PoolTree {
  const { name, state, size, idle, busy, queued } = pool.status();
  return { type: 'pool', id, name, path, state, size, idle, busy, queued, ...supervised };
}

/** Not enumerable, so that programs see data only. */
const asText: PropertyDescriptorMap = {
  toString: {
    value(this: SupervisorTree): string {
      return draw(this, Infinity);
    },
  },
  [inspect.custom]: {
    value(this: SupervisorTree, _depth: number, { maxArrayLength }: InspectOptions): string {
      return draw(this, maxArrayLength ?? Infinity);
    },
  },
};
