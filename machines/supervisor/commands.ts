import type { Draft } from './draft.ts';
import { newChild, settle, stop } from './lives.ts';
import { crewAt, isAlive } from './roster.ts';
import type { Child, ChildSpec } from './types.ts';

/** Adds a child, to be started when nothing else is under way. */
export function add(draft: Draft, spec: ChildSpec): void {
  if (draft.child(spec.id)) return;
  enlist(draft, newChild(spec, crewAt(draft.context.roster.size)), 'added');
}

/** Has a child started that is at rest. */
export function revive(draft: Draft, child: Child): void {
  if (child.state === 'stopped') enlist(draft, child, 'asked');
}

/** Ends a child for its user. What is being restarted around it goes on without it. */
export function terminate(draft: Draft, child: Child): void {
  const held = { ...child, heldIn: draft.context.plan.number };
  if (child.state === 'stopped' || child.state === 'stopping' || child.state === 'killed') return draft.note(held);
  if (!isAlive(child)) return settle(draft, held);
  if (child.state === 'starting' && draft.context.plan.awaited === child.id) draft.plan({ awaited: undefined });
  stop(draft, held);
}

/** Takes a child from the list, as soon as it has ended. */
export function remove(draft: Draft, child: Child): void {
  if (isAlive(child)) terminate(draft, { ...child, doomed: true });
  else draft.remove(child);
}

function enlist(draft: Draft, child: Child, origin: Child['origin']): void {
  draft.move(child, 'waiting', { origin, heldIn: undefined });
  draft.queue(child.id);
}
