export { command, type Command, type CommandValue } from './commands/command.ts';
export {
  bash,
  ksh,
  sh,
  zsh,
  type Capabilities,
  type Dialect,
  type Driver,
  type Fences,
  type LaunchOptions,
  type Report,
} from './dialects/index.ts';
export { errorCodes, isShellwrightError, ShellwrightError, type ErrorCode, type Rung } from './errors.ts';
export { catalogue, type EventName, type Events, type ShellwrightEvent } from './events/catalogue.ts';
export type { Handler } from './events/bus.ts';
export type { Logger } from './events/log.ts';
export type { Execution, OutputChunk } from './execution/execution.ts';
export type { ResultFields, Truncation } from './execution/fields.ts';
export type { ExecResult } from './execution/result.ts';
export type { ExecutionState } from './execution/task.ts';
export type { AcquireOptions, Encoding, ExecOptions, Overflow } from './options/exec-options.ts';
export type { CloseOptions, ReadyOptions } from './options/pool-calls.ts';
export type { InvalidatePattern, Pattern, PolicyOptions } from './options/patterns.ts';
export type { BackoffOptions, HistoryOptions, InitStep, PoolOptions, RestartOptions } from './options/pool-options.ts';
export type { CommandRunner, ShellAccess, ShellTag } from './pool/access.ts';
export type { HistoryEntry } from './pool/history.ts';
export type { PoolMetrics, TimeMetrics } from './pool/metrics.ts';
export { createPool, type Pool } from './pool/pool.ts';
export type { Session } from './pool/session.ts';
export type { PoolStatus, ShellStatus } from './pool/status.ts';
export type { PoolState, RemovalReason, ShellState } from '../machines/index.ts';
