import type { AnyActorLogic, AnyActorRef } from 'xstate';
import type { ChildInput, ChildLogic } from './types.ts';

/** What runs at a path, and the input that it wants. */
export interface Binding {
  readonly logic: AnyActorLogic;
  readonly input: unknown;
}

/**
 * A child whose logic is looked up when it starts, by its path.
 *
 * A supervisor can so be the child of another one, though TypeScript lets no machine name itself in its own `setup()`.
 *
 * @param config the chart of what runs, which inspectors read from an actor's logic
 *
 * @example
 * const supervisor = lateBound((input) => ({ logic: tree, input: { ...options.get(input.path), ...input } }));
 * const tree = supervisorMachine.provide({ actors: { crew: crewMachine.provide({ actors: { pool, supervisor } }) } });
 */
export function lateBound(bind: (input: ChildInput) => Binding, config?: object): ChildLogic & { config?: object } {
  const bound = new WeakMap<AnyActorRef, AnyActorLogic>();
  const logicOf = (self: AnyActorRef): AnyActorLogic | undefined => bound.get(self);
  return {
    ...(config && { config }),
    getInitialSnapshot: (scope, childInput) => {
      const { logic, input } = bind(childInput);
      bound.set(scope.self, logic);
      return logic.getInitialSnapshot(scope, input);
    },
    start: (snapshot, scope) => logicOf(scope.self)?.start?.(snapshot, scope),
    transition: (snapshot, event, scope) => logicOf(scope.self)?.transition(snapshot, event, scope) ?? snapshot,
    getPersistedSnapshot: (snapshot) => snapshot,
  };
}
