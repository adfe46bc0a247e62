import { pino } from 'pino';

/** A logging method: fields first, then the message, as pino has it. */
export type LogMethod = (fields: object, message?: string) => void;

/** What a logger must have: pino's shape, so that pino, Fastify's logger and the like fit as they are. */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  /** Makes a logger that adds `fields` to each line. */
  child?: (fields: Record<string, unknown>) => Logger;
  /** Without it every line is made and given to the logger. */
  isLevelEnabled?: (level: string) => boolean;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The logger of a pool: its own, none for `false`, else pino at 'warn' on stderr, where it cannot mix with a program's output. */
export function poolLogger(option: Logger | false | undefined): Logger | undefined {
  if (option === false) return undefined;
  return option ?? pino({ name: 'shellwright', level: 'warn' }, pino.destination({ fd: 2, sync: true }));
}

/** Whether a line of that level would be written. */
export function logs(logger: Logger | undefined, level: LogLevel): boolean {
  if (!logger) return false;
  try {
    return logger.isLevelEnabled?.(level) ?? true;
  } catch {
    return false; // A broken logger must not break the pool.
  }
}
