export { causeOf, isFatal } from './cause.ts';
export { clampDelay, isBounded, longestDelay } from './delays.ts';
export { backoffDelay } from './pool/backoff.ts';
export { census, hasSurplus, isStaffed, shellsToStart, type Census } from './pool/census.ts';
export { poolMachine } from './pool.machine.ts';
export type { Backoff, PoolContext, PoolEvent, PoolInput, PoolState, RestartPolicy, SlotState } from './pool/types.ts';
export { removalReasons, type RemovalReason } from './reasons.ts';
export { shellMachine } from './shell.machine.ts';
export type {
  CheckTimes,
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
export { strategies, type StrategyName } from './strategies/index.ts';
export type { RestartPlan, RestartType, Sibling, Strategy } from './strategies/strategy.ts';
export { supervisorMachine } from './supervisor.machine.ts';
export { crewMachine, type CrewEvent, type CrewInput } from './supervisor/crew.ts';
export { isOverIntensity, recentRestarts, type Intensity } from './supervisor/intensity.ts';
export { lateBound, type Binding } from './supervisor/late-bound.ts';
export { isToRestart } from './supervisor/restart.ts';
export { childOf, childrenOf, countsOf } from './supervisor/roster.ts';
export type {
  Child,
  ChildCounts,
  ChildInput,
  ChildLogic,
  ChildOrder,
  ChildParent,
  ChildReport,
  ChildSpec,
  ChildState,
  ChildType,
  Exit,
  ExitKind,
  Plan,
  Roster,
  Shutdown,
  SupervisorContext,
  SupervisorEvent,
  SupervisorInput,
  SupervisorState,
} from './supervisor/types.ts';
