export { causeOf, isFatal } from './cause.ts';
export { clampDelay, isBounded, longestDelay } from './delays.ts';
export { backoffDelay } from './pool/backoff.ts';
export { census, hasSurplus, isStaffed, shellsToStart, type Census } from './pool/census.ts';
export { poolMachine } from './pool.machine.ts';
export type { Backoff, PoolContext, PoolEvent, PoolInput, PoolState, RestartPolicy, SlotState } from './pool/types.ts';
export { removalReasons, type RemovalReason } from './reasons.ts';
export { shellMachine } from './shell.machine.ts';
export type {
  ProcessEvent,
  ShellContext,
  ShellEvent,
  ShellInput,
  ShellOutput,
  ShellParent,
  ShellReport,
  ShellState,
} from './shell/types.ts';
export { slotId, slotIndex, type ShellSlot } from './slots.ts';
