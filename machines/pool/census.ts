import { slotId, slotIndex, type ShellSlot } from '../slots.ts';
import { isHopeless } from './failures.ts';
import type { PoolContext, SlotState } from './types.ts';

/** How many slots are in which state. */
export interface Census {
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  readonly ending: number;
  /** Those that are, or will be, of use. */
  readonly live: number;
  /** Those that count against `max`. */
  readonly total: number;
}

/** Counts the slots. */
export function census(slots: readonly SlotState[]): Census {
  const counts: Record<SlotState, number> = { empty: 0, starting: 0, idle: 0, busy: 0, ending: 0 };
  for (const state of slots) counts[state] += 1;
  const { empty: _, ...taken } = counts;
  const live = taken.starting + taken.idle + taken.busy;
  return { ...taken, live, total: live + taken.ending };
}

/** The slots with one of them in another state. */
export function withSlot(slots: readonly SlotState[], slot: ShellSlot, state: SlotState): readonly SlotState[] {
  return slots.with(slotIndex(slot), state);
}

/** The first `count` slots that nothing lives in. */
export function emptySlots(slots: readonly SlotState[], count: number): ShellSlot[] {
  const empty: ShellSlot[] = [];
  for (let index = 0; empty.length < count && index < slots.length; index += 1) {
    if (slots[index] === 'empty') empty.push(slotId(index));
  }
  return empty;
}

/** The slots in which a shell lives or dies. */
export function takenSlots(slots: readonly SlotState[]): ShellSlot[] {
  return slots.flatMap((state, index) => (state === 'empty' ? [] : [slotId(index)]));
}

/**
 * How many shells to start now: for what waits, for `min` and for `spare`, within `max`.
 *
 * A dying shell counts against `max` until it is gone. After a failed start at most one shell is tried at a time.
 */
export function shellsToStart(context: PoolContext, onlyForWaiting = false): number {
  if (context.backingOff || isHopeless(context)) return 0;
  const { starting, idle, live, total } = census(context.slots);
  const { min, max, spare, waiting } = context;
  const forWaiting = waiting - starting;
  const wanted = onlyForWaiting ? forWaiting : Math.max(forWaiting, min - live, spare + waiting - idle - starting);
  const room = Math.min(max - total, context.cautious || context.probing ? 1 - starting : Infinity);
  return Math.max(0, Math.min(wanted, room));
}

/** Whether enough shells can work for the pool to be called ready. */
export function isStaffed({ slots, min }: PoolContext): boolean {
  const { idle, busy } = census(slots);
  return idle + busy >= Math.max(min, 1);
}

/** Whether the shells that are always to be there are: a supervisor then starts the next child. */
export function isUp({ slots, min }: PoolContext): boolean {
  const { idle, busy } = census(slots);
  return idle + busy >= min;
}

/** Whether an idle shell may go without the pool falling below `min` or `spare`. */
export function hasSurplus({ slots, min, spare }: PoolContext): boolean {
  const { live, idle } = census(slots);
  return live > min && idle > spare;
}
