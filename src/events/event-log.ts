import { catalogue, type ShellwrightEvent } from './catalogue.ts';
import { logs, type Logger } from './log.ts';

/** Writes events as log lines: `pool`, `shellId`, `event`, `shellPid` and the event's own fields; with a child logger per shell. */
export class EventLog {
  readonly #logger: Logger | undefined;
  readonly #shells = new Map<string, Logger>();

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** Whether a line for this event would be written. */
  wants(type: ShellwrightEvent['type']): boolean {
    const { level } = catalogue[type];
    return level !== false && logs(this.#logger, level);
  }

  write(event: ShellwrightEvent): void {
    const { level } = catalogue[event.type];
    if (level === false) return;
    // `pid` is pino's own name for the pid of this process.
    const { type, at: _at, pool, shellId, pid: shellPid, ...rest } = lineOf(event);
    const fields = { event: type, ...(shellPid !== undefined && { shellPid }), ...rest };
    try {
      const child = shellId === undefined ? undefined : this.#loggerOf(shellId, pool);
      if (child) child[level](fields, type);
      else this.#logger?.[level]({ pool, ...(shellId !== undefined && { shellId }), ...fields }, type);
    } catch {
      // A broken logger must not break the pool.
    }
  }

  warn(message: string, fields: object): void {
    try {
      this.#logger?.warn(fields, message);
    } catch {
      // As above.
    }
  }

  #loggerOf(shellId: string, pool: string): Logger | undefined {
    if (!this.#logger?.child) return undefined;
    const known = this.#shells.get(shellId) ?? this.#logger.child({ pool, shellId });
    this.#shells.set(shellId, known);
    return known;
  }
}

type Line = { type: string; at: number; pool: string; shellId?: string } & Record<string, unknown>;

/** Output never goes to the log; a result goes as its figures, and an error as code and message. */
function lineOf(event: ShellwrightEvent): Line {
  if ('result' in event) {
    const { result, ...fields } = event;
    const { exitCode, signal, durationMs, waitMs, shellExited, invalid } = result;
    return {
      ...fields,
      exitCode,
      signal,
      durationMs,
      waitMs,
      shellExited,
      ...(invalid !== undefined && { invalid }),
    };
  }
  if ('error' in event) {
    const { error, ...fields } = event;
    return { ...fields, code: error.code, message: error.message };
  }
  return { ...event };
}
