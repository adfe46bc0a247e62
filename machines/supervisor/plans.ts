import { strategies } from '../strategies/index.ts';
import type { RestartPlan } from '../strategies/strategy.ts';
import type { Draft } from './draft.ts';
import { recentRestarts } from './intensity.ts';
import { kill, settle, start, stop } from './lives.ts';
import { childrenOf, isAlive } from './roster.ts';
import type { SupervisorContext } from './types.ts';

/** What the strategy says to the end of this child. */
export function planFor({ strategy, roster }: SupervisorContext, failed: string): RestartPlan {
  return strategies[strategy](childrenOf(roster), failed);
}

/** Whether this plan is about one child only, so that no sibling needs to wait. */
export function isAlone({ stop, start }: RestartPlan): boolean {
  return stop.length === 0 && start.length === 1;
}

/** Remembers a restart, at `now`, and forgets those that count no more. */
export function countRestart(draft: Draft): void {
  const { restarts, now, period } = draft.context;
  draft.context = { ...draft.context, restarts: [...recentRestarts(restarts, now, period), now] };
}

/** Takes up a plan, in the place of any other. */
export function adopt(draft: Draft, { stop, start }: RestartPlan): void {
  draft.plan({ number: draft.context.plan.number + 1, stop, start, done: 0, awaited: undefined, failed: undefined });
}

/** Stops children of the plan until there is one to wait for. */
export function stopNext(draft: Draft): void {
  const { stop: ids, done } = draft.context.plan;
  let next = done;
  while (next < ids.length) {
    const child = draft.child(ids[next]);
    next += 1;
    if (!child) continue;
    if (child.state === 'starting' || child.state === 'running') stop(draft, child);
    if (draft.child(child.id)?.state === 'stopping') return draft.plan({ done: next, awaited: child.id });
  }
  draft.plan({ done: next });
}

/** Starts the next child of the plan that is there and was not asked to end meanwhile. */
export function startNext(draft: Draft): void {
  const { start: ids, done, number } = draft.context.plan;
  let next = done;
  while (next < ids.length) {
    const child = draft.child(ids[next]);
    next += 1;
    if (!child || isAlive(child) || child.heldIn === number) continue;
    start(draft, child, 'supervisor');
    return draft.plan({ done: next, awaited: child.id });
  }
  draft.plan({ done: next });
}

/** Kills every child at once. */
export function killAll(draft: Draft): void {
  for (const child of childrenOf(draft.context.roster)) {
    if (isAlive(child) && child.state !== 'killed') kill(draft, child);
  }
}

/** The first of the backlog is dealt with. */
export function unqueue(draft: Draft): string | undefined {
  const [first, ...backlog] = draft.context.backlog;
  draft.context = { ...draft.context, backlog };
  return first;
}

/** Starts the first of the backlog: a child that was added, or one that is restarted alone. */
export function startFirst(draft: Draft): void {
  const child = draft.child(unqueue(draft));
  if (child) start(draft, child, child.state === 'waiting' ? child.origin : 'supervisor');
}

/** Lets the first of the backlog rest: it is not to be started again, or has been seen to already. */
export function passFirst(draft: Draft): void {
  const child = draft.child(unqueue(draft));
  if (child?.state === 'exited') settle(draft, child);
}
