import type { RemovalReason } from '../../machines/reasons.ts';
import type { ExitKind } from '../../machines/supervisor/types.ts';
import type { ShellwrightError } from '../errors.ts';
import type { ExecResult } from '../execution/result.ts';
import type { LogLevel } from './log.ts';

/** The fields of every event of a pool. */
export interface EventBase {
  /** Epoch ms. */
  at: number;
  /** The pool's name. */
  pool: string;
  /** Where the pool is in its supervision tree, e.g. `root/git`; absent without one. */
  path?: string;
}

/** The fields of every event of a supervisor. */
export interface SupervisorBase {
  /** Epoch ms. */
  at: number;
  /** The supervisor's name. */
  supervisor: string;
  /** Where it is in its tree, e.g. `root/o365`. */
  path: string;
}

/** The fields of every event of a shell. */
export interface ShellEventBase extends EventBase {
  /** The slot, e.g. `shell.0`: used again by the shell that replaces this one. */
  shellId: string;
  /** Absent until the process was started. */
  pid?: number;
}

/** The fields of every event of a command. */
export interface CommandEventBase extends EventBase {
  /** Absent while no shell was chosen. */
  shellId?: string;
  pid?: number;
  /** The id of the command, as in its result. */
  commandId: string;
  command: string;
  sessionId?: string;
  meta?: Readonly<Record<string, unknown>>;
}

/** Every event: its name and its own fields. A new event is a line here and one in `catalogue`. */
export interface Events {
  'shell.spawning': ShellEventBase;
  'shell.initializing': ShellEventBase;
  'shell.idle': ShellEventBase;
  'shell.busy': ShellEventBase;
  'shell.invalid': ShellEventBase & { reason: RemovalReason; cause?: string };
  'shell.destroying': ShellEventBase & { reason: RemovalReason };
  'shell.destroyed': ShellEventBase & { reason: RemovalReason; strays?: number[] };
  'shell.late_output': ShellEventBase & { commandId: string; stream: 'stdout' | 'stderr'; data: Buffer };
  'command.queued': CommandEventBase;
  'command.started': CommandEventBase;
  'command.finished': CommandEventBase & { result: ExecResult<string | Buffer> };
  'command.rejected': CommandEventBase & { error: ShellwrightError };
  'health.passed': ShellEventBase & { durationMs: number };
  'health.failed': ShellEventBase & { durationMs: number; cause: string };
  'pool.ready': EventBase;
  'pool.saturated': EventBase & { queued: number };
  'pool.drained': EventBase;
  'pool.failed': EventBase & { error: ShellwrightError };
  'pool.closing': EventBase;
  'pool.closed': EventBase;
  'supervisor.started': SupervisorBase;
  'supervisor.restarting': SupervisorBase & { childId: string; reason: ExitKind; cause?: string; restarts: number };
  'supervisor.escalated': SupervisorBase & { childId: string; error: ShellwrightError };
  'supervisor.closed': SupervisorBase & { reason: ExitKind; cause?: string };
}

/** The name of an event, as `on` takes it. */
export type EventName = keyof Events;
/** One event, told apart by `type`. */
export type ShellwrightEvent = { [Name in EventName]: { type: Name } & Events[Name] }[EventName];
/** One event of a pool. */
export type PoolEvent = Extract<ShellwrightEvent, EventBase>;
/** The name of an event of a pool. */
export type PoolEventName = PoolEvent['type'];

interface Entry {
  /** Of its log line; false: never logged. */
  level: LogLevel | false;
  /** One line for the docs. */
  doc: string;
}

/** One line for each event: its log level, and what it says. */
export const catalogue: { readonly [Name in EventName]: Entry } = {
  'shell.spawning': { level: 'debug', doc: 'a process is being started' },
  'shell.initializing': { level: 'debug', doc: 'the process runs; its driver and `init` are being set up' },
  'shell.idle': { level: 'debug', doc: 'nobody holds the shell: it waits for work, or is reset, checked or validated' },
  'shell.busy': {
    level: 'debug',
    doc: 'a borrower took the idle shell; a run of commands without a pause is one such edge',
  },
  'shell.invalid': { level: 'info', doc: 'the shell must not run another command, and why' },
  'shell.destroying': { level: 'debug', doc: 'the shell is being ended, and why' },
  'shell.destroyed': {
    level: 'debug',
    doc: 'the process and its whole session are gone; `strays`: processes that left it by `setsid` and live on',
  },
  'shell.late_output': { level: false, doc: 'output of a background job that came after its command had ended' },
  'command.queued': { level: 'debug', doc: 'no shell was free: the command waits' },
  'command.started': { level: 'debug', doc: 'the command was written to a shell' },
  'command.finished': { level: 'info', doc: 'the command ran to its end, however it ended' },
  'command.rejected': { level: 'info', doc: 'the command could not run, or was stopped' },
  'health.passed': {
    level: 'debug',
    doc: 'every command of a health check was run, and nothing spoke against the shell',
  },
  'health.failed': {
    level: 'warn',
    doc: 'a health check spoke against the shell, did not end, or lost it; it is replaced',
  },
  'pool.ready': { level: 'info', doc: 'max(min, 1) shells have been idle, for the first time or after a failure' },
  'pool.saturated': { level: 'info', doc: 'all `max` shells are in use and a request waits' },
  'pool.drained': { level: 'debug', doc: 'after `pool.saturated`: no request waits any more' },
  'pool.failed': {
    level: 'error',
    doc: 'shells failed to start too often in a row; what none can serve was rejected, or waits for the supervisor',
  },
  'pool.closing': { level: 'debug', doc: 'accepted work ends; new work is refused, or waits for the supervisor' },
  'pool.closed': { level: 'info', doc: 'every process is gone; a supervised pool may start again' },
  'supervisor.started': { level: 'info', doc: 'every child has started' },
  'supervisor.restarting': {
    level: 'warn',
    doc: 'a child ended and is started again, with the siblings that the strategy names',
  },
  'supervisor.escalated': {
    level: 'error',
    doc: 'the supervisor gives up: a child did not start, or ended once too often within `period`',
  },
  'supervisor.closed': { level: 'info', doc: 'every child is gone, and why' },
};
