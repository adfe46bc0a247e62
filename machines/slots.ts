/**
 * A shell's place in its pool, `shell.0` to `shell.${max - 1}`.
 *
 * Slots are fixed and reused: every actor id that XState has once seen stays in memory for the life of the process.
 */
export type ShellSlot = `shell.${number}`;

/** The slot with this index, counted from 0. */
export function slotId(index: number): ShellSlot {
  return `shell.${index}`;
}

/** The index of a slot, counted from 0. */
export function slotIndex(slot: ShellSlot): number {
  return Number(slot.slice('shell.'.length));
}
