import { isBounded } from '../delays.ts';
import type { Draft } from './draft.ts';
import { isFailedStart } from './restart.ts';
import { isAlive } from './roster.ts';
import type { Child, ChildSpec, Exit } from './types.ts';

/** A child that has not been started. */
export function newChild({ id, type, restart, shutdown }: ChildSpec, crew: number): Child {
  return {
    id,
    type,
    restart,
    shutdown,
    crew,
    state: 'stopped',
    run: 0,
    up: false,
    origin: 'supervisor',
    doomed: false,
    restarts: 0,
  };
}

/** The ms that a child has to end; `Infinity`: as many as it takes. */
export function shutdownTime({ shutdown }: Child): number {
  return typeof shutdown === 'number' ? shutdown : shutdown === 'infinity' ? Infinity : 0;
}

/** Starts a child that has no actor. */
export function start(draft: Draft, child: Child, origin: Child['origin']): void {
  const restarts = child.restarts + (origin === 'supervisor' && child.run > 0 ? 1 : 0);
  const started = { ...child, run: child.run + 1, origin, restarts, up: false, heldIn: undefined };
  draft.effects.push({ do: 'spawn', child: started });
  draft.move(started, 'starting');
}

/** A child says that it is of use. One that is being ended already is not. */
export function noteStarted(draft: Draft, child: Child): void {
  if (child.state !== 'starting') return;
  draft.move(child, 'running', { up: true });
  if (draft.context.plan.awaited === child.id) draft.plan({ awaited: undefined });
}

/** Asks a child to end, in its time. */
export function stop(draft: Draft, child: Child): void {
  if (child.shutdown === 'brutal_kill') return kill(draft, child);
  const stopping = draft.move(child, 'stopping');
  draft.effects.push({ do: 'order', child: stopping, order: { type: 'shutdown' } });
  if (isBounded(shutdownTime(child))) draft.effects.push({ do: 'arm', child: stopping, delay: 'shutdown' });
}

/** Ends a child by force. Nobody waits for it any more, but to take its place. */
export function kill(draft: Draft, child: Child): void {
  const killed = draft.move(child, 'killed');
  draft.effects.push({ do: 'order', child: killed, order: { type: 'kill' } });
  draft.effects.push({ do: 'arm', child: killed, delay: 'killTimeout' });
  if (draft.context.plan.awaited === child.id) draft.plan({ awaited: undefined });
}

/** A child's time is over. */
export function expire(draft: Draft, child: Child): void {
  if (child.state === 'stopping') kill(draft, child);
  else if (child.state === 'killed')
    noteExit(draft, child, { kind: 'killed', cause: 'gave no sign after it was killed' });
}

/** A child has ended, wished or not. */
export function noteExit(draft: Draft, child: Child, exit: Exit): void {
  if (!isAlive(child)) return;
  draft.effects.push({ do: 'disarm', child }, { do: 'drop', child });
  const { awaited } = draft.context.plan;
  if (awaited === child.id) draft.plan({ awaited: undefined });
  const ended = { ...child, exit, up: false };

  if (child.state === 'stopping' || child.state === 'killed') return settle(draft, ended);
  if (child.state === 'starting') {
    if (child.origin !== 'supervisor') return child.origin === 'added' ? draft.remove(ended) : settle(draft, ended);
    if (awaited === child.id) {
      if (!isFailedStart(child.restart, exit)) return settle(draft, ended);
      draft.move(ended, 'exited');
      return draft.plan({ failed: child.id });
    }
  }
  draft.move(ended, 'exited');
  // A supervisor that is about to end decides nothing any more.
  if (!draft.context.verdict) draft.queue(child.id);
}

/** Leaves a child without an actor in the list, or not. */
export function settle(draft: Draft, child: Child): void {
  if (child.doomed || child.restart === 'temporary') draft.remove(child);
  else draft.move(child, 'stopped');
}
