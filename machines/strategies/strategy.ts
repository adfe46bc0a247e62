/** What a strategy has to know of a child. */
export interface Sibling {
  readonly id: string;
  readonly restart: RestartType;
}

/**
 * When a child that ended is started again, as in OTP: `permanent` always, `transient` after a crash, `temporary` never.
 *
 * An end that was asked for with `terminateChild` is never answered with a start.
 */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/** What is to be done after a child has ended, in this order. */
export interface RestartPlan {
  /** The ids of the children to stop first, last started first. Some may have ended already. */
  readonly stop: readonly string[];
  /** The ids of the children to start then, in their order. */
  readonly start: readonly string[];
}

/** Says what happens to all children, given in start order, when the one called `failed` is to be started again. */
export type Strategy = (children: Iterable<Sibling>, failed: string) => RestartPlan;

/** The plan that replaces all of these. Temporary children are stopped with the others and do not come back. */
export function replaceAll(affected: readonly Sibling[], failed: string): RestartPlan {
  return {
    stop: affected
      .filter(({ id }) => id !== failed)
      .map(({ id }) => id)
      .toReversed(),
    start: affected.filter(({ restart }) => restart !== 'temporary').map(({ id }) => id),
  };
}
