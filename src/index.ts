export { command, type Command, type CommandValue } from './commands/command.ts';
export { secret, type Secret } from './commands/secret.ts';
export {
  bash,
  cmd,
  defineDialect,
  fish,
  ksh,
  node,
  powershell,
  python,
  sh,
  zsh,
  type Capabilities,
  type CmdOptions,
  type Descriptors,
  type Dialect,
  type DialectDefinition,
  type Driver,
  type BackgroundWork,
  type Extras,
  type Fences,
  type InterpreterOptions,
  type LaunchOptions,
  type Phrases,
  type PowerShellOptions,
  type Report,
} from './dialects/index.ts';
export { errorCodes, isShellwrightError, ShellwrightError, type ErrorCode, type Rung } from './errors.ts';
export {
  catalogue,
  type EventName,
  type Events,
  type PoolEvent,
  type PoolEventName,
  type ShellwrightEvent,
} from './events/catalogue.ts';
export type { Handler } from './events/bus.ts';
export type { Logger } from './events/log.ts';
export type { Execution, OutputChunk } from './execution/execution.ts';
export type { ResultFields, Truncation } from './execution/fields.ts';
export type { ExecResult } from './execution/result.ts';
export type { ExecutionState } from './execution/task-roles.ts';
export type { AcquireOptions, Encoding, ExecOptions, Overflow } from './options/exec-options.ts';
export type { CloseOptions, ReadyOptions } from './options/pool-calls.ts';
export type { InvalidatePattern, Pattern, PolicyOptions } from './options/patterns.ts';
export type { InitStep } from './options/commands.ts';
export type { SessionOptions } from './options/session-options.ts';
export type { BackoffOptions, HistoryOptions, PoolOptions, RestartOptions } from './options/pool-options.ts';
export type { SupervisorCloseOptions } from './options/supervisor-calls.ts';
export type { ChildOptions, SupervisorOptions } from './options/supervisor-options.ts';
export type { HealthCheckOptions, HealthCommand, ResetOption, Validate } from './options/upkeep.ts';
export type { CommandRunner, IdleShell, KeyedSession, Session, ShellAccess, ShellTag } from './pool/access.ts';
export type { HistoryEntry } from './pool/history.ts';
export type { PoolMetrics, TimeMetrics } from './pool/metrics.ts';
export { createPool, type Pool } from './pool/pool.ts';
export type { PoolStatus, RunningCommand, ShellStatus } from './pool/status.ts';
export type { ChildStatus, SupervisorStatus } from './supervisor/status.ts';
export { createSupervisor, type Supervisor } from './supervisor/supervisor.ts';
export type { PoolTree, SupervisorTree } from './supervisor/tree.ts';
export type {
  ChildCounts,
  ChildState,
  ChildType,
  ExitKind,
  PoolState,
  RemovalReason,
  RestartType,
  ShellState,
  Shutdown,
  StrategyName,
  SupervisorState,
} from '../machines/index.ts';
