import type { ShellSlot } from '../slots.ts';
import type { PoolContext } from './types.ts';

/** What a report says about the pool's luck with starting shells. */
type Luck = Pick<PoolContext, 'failures' | 'streaks' | 'fatal' | 'cause'> & Partial<PoolContext>;

/** Whether the pool is to give up; a half-open pool gives up at the first failure. */
export function isHopeless({ fatal, failures, restart }: PoolContext): boolean {
  return fatal || failures >= restart.attempts;
}

/** One more failed start. */
export function afterFailure(
  context: PoolContext,
  slot: ShellSlot,
  { cause, fatal }: { cause?: string; fatal: boolean },
): Luck {
  const { [slot]: streak = 0, ...streaks } = context.streaks;
  const failures = context.probing ? context.restart.attempts : Math.max(context.failures, streak) + 1;
  return { failures, streaks, fatal: context.fatal || fatal, cause };
}

/** A shell is ready. The streak ends, but is kept in case this shell dies early. */
export function afterSuccess(context: PoolContext, slot: ShellSlot): Luck {
  const { [slot]: _, ...others } = context.streaks;
  const streaks = context.failures > 0 ? { ...others, [slot]: context.failures } : others;
  return { failures: 0, streaks, fatal: false, cause: undefined, backingOff: false, probing: false };
}

/** The cooldown is over and a request has come: one shell is tried, and one more failure is one too many. */
export function halfOpen({ restart }: PoolContext): Partial<PoolContext> {
  return { failures: restart.attempts - 1, fatal: false, cause: undefined, backingOff: false, probing: true };
}
