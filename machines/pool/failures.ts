import { slotId, type ShellSlot } from '../slots.ts';
import type { PoolContext, SlotState } from './types.ts';

/** What a report says about the pool's luck with starting shells. */
type Luck = Partial<PoolContext>;

/** Whether the pool is to give up; a half-open pool gives up at the first failure. */
export function isHopeless({ fatal, failures, restart }: PoolContext): boolean {
  return fatal || failures >= restart.attempts;
}

/** Whether the shell had begun before the last failure was counted: then that of its own is the same one. */
export function isElder({ elders }: PoolContext, slot: ShellSlot): boolean {
  return elders.includes(slot);
}

/** One more failed start, or a further part of the last one. An early death takes the success of its shell back. */
export function afterFailure(
  context: PoolContext,
  slot: ShellSlot,
  { cause, fatal }: { cause?: string; fatal: boolean },
): Luck {
  const { [slot]: streak = 0, ...streaks } = context.streaks;
  const failures = Math.max(context.failures, streak);
  const luck = { streaks, fatal: context.fatal || fatal, cause };
  if (isElder(context, slot)) return { ...luck, failures };
  return {
    ...luck,
    failures: context.probing ? context.restart.attempts : failures + 1,
    elders: liveSlots(context.slots).filter((other) => other !== slot),
    cautious: true,
  };
}

/** A shell is ready. The streak ends, but is kept in case this shell dies early. What has failed since it began is still to be waited out. */
export function afterSuccess(context: PoolContext, slot: ShellSlot): Luck {
  const { [slot]: _, ...others } = context.streaks;
  const streaks = context.failures > 0 ? { ...others, [slot]: context.failures } : others;
  const luck = { failures: 0, streaks, fatal: false, cause: undefined, probing: false };
  return isElder(context, slot) ? luck : { ...luck, backingOff: false, cautious: false };
}

/** The cooldown is over and a request has come: one shell is tried, and one more failure is one too many. */
export function halfOpen({ restart }: PoolContext): Luck {
  return { failures: restart.attempts - 1, fatal: false, cause: undefined, backingOff: false, probing: true };
}

/** New shells begin in these slots: what is known of those before them there says nothing about them. */
export function afterStart({ elders, streaks }: PoolContext, begun: readonly ShellSlot[]): Luck {
  const isOther = (slot: string): boolean => !(begun as readonly string[]).includes(slot);
  return {
    elders: elders.length === 0 ? elders : elders.filter(isOther),
    streaks: Object.fromEntries(Object.entries(streaks).filter(([slot]) => isOther(slot))),
  };
}

function liveSlots(slots: readonly SlotState[]): ShellSlot[] {
  return slots.flatMap((state, index) => (state === 'empty' || state === 'ending' ? [] : [slotId(index)]));
}
