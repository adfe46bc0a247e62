import { childOf, withChild, withoutChild } from './roster.ts';
import type { Child, ChildOrder, ChildState, Plan, SupervisorContext } from './types.ts';

/** What a step has its supervisor do, in this order. */
export type Effect =
  | { do: 'spawn'; child: Child }
  | { do: 'order'; child: Child; order: ChildOrder }
  /** Forgets the child's actor. */
  | { do: 'drop'; child: Child }
  /** Sets the child's one timer, in the place of an earlier one. */
  | { do: 'arm'; child: Child; delay: 'shutdown' | 'killTimeout' }
  | { do: 'disarm'; child: Child }
  | { do: 'tell'; child: Child; state: ChildState | 'removed' };

/** What a supervisor is to remember and to do after a step, while the step is being worked out. */
export class Draft {
  readonly effects: Effect[] = [];
  context: SupervisorContext;

  constructor(context: SupervisorContext) {
    this.context = context;
  }

  child(id: string | undefined): Child | undefined {
    return id === undefined ? undefined : childOf(this.context.roster, id);
  }

  /** Moves a child to a state, and says so. */
  move(child: Child, state: ChildState, changes: Partial<Child> = {}): Child {
    const moved: Child = { ...child, ...changes, state };
    this.note(moved);
    this.effects.push({ do: 'tell', child: moved, state });
    return moved;
  }

  /** Remembers something of a child that is nobody else's business. */
  note(child: Child): void {
    this.context = { ...this.context, roster: withChild(this.context.roster, child) };
  }

  remove(child: Child): void {
    this.context = { ...this.context, roster: withoutChild(this.context.roster, child.id) };
    this.effects.push({ do: 'tell', child, state: 'removed' });
  }

  plan(changes: Partial<Plan>): void {
    this.context = { ...this.context, plan: { ...this.context.plan, ...changes } };
  }

  queue(id: string): void {
    const { backlog } = this.context;
    // Once is enough: what is due is looked up when its turn comes.
    if (!backlog.includes(id)) this.context = { ...this.context, backlog: [...backlog, id] };
  }
}
