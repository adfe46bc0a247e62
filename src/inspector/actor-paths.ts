import type { ActorRefLike, AnyActorRef } from 'xstate';

const known = new WeakMap<object, string>();

/**
 * The path of an actor, e.g. `root/git/shell.0/process`: the ids of those above it and its own. Crews, which host the children of a
 * supervisor, go by the path of their supervisor: they are a matter of how XState is used, and nobody's to look at.
 */
export function pathOf(ref: ActorRefLike): string {
  const found = known.get(ref);
  if (found !== undefined) return found;
  const { id, _parent: parent } = ref as AnyActorRef;
  const path = parent === undefined ? id : isCrew(ref) ? pathOf(parent) : `${pathOf(parent)}/${id}`;
  known.set(ref, path);
  return path;
}

export function isCrew(ref: ActorRefLike): boolean {
  return ((ref as { logic?: { id?: unknown } }).logic?.id ?? undefined) === 'crew';
}

/** Whether a path is that of the top, or below it. */
export function isWithin(path: string, top: string): boolean {
  return path === top || (path.startsWith(top) && path[top.length] === '/');
}
