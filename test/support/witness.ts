import { command, type Command, type Logger, type Pool, type PoolOptions } from '../../src/index.ts';
import { openPool } from './pools.ts';

/** Whoever looks at a pool from outside: all that it ever saw. */
export interface Witness {
  readonly pool: Pool;
  /** Every text that was shown since the last call, however deep: in events, results$, log lines, the status with its history, and what XState's inspector saw. */
  readonly seen: () => string[];
  /** The log lines, with what the logger of a shell adds. */
  readonly lines: Record<string, unknown>[];
}

/** A pool of one shell that is watched in every way there is. */
export function witnessedPool(options: PoolOptions = {}): Witness {
  const lines: Record<string, unknown>[] = [];
  const inspected: unknown[] = [];
  const pool = openPool({
    max: 1,
    history: { output: true },
    logger: memoryLogger(lines),
    // What machines are told, and what they remember of it.
    inspect: (event) => {
      if (event.type === '@xstate.event') inspected.push(event.event);
      if (event.type === '@xstate.snapshot') inspected.push((event.snapshot as { context?: unknown }).context);
    },
    ...options,
  });
  const published: unknown[] = [];
  pool.events$.subscribe((event) => published.push(event));
  pool.results$.subscribe((result) => published.push(result));
  let read = 0;
  const seen = (): string[] => {
    const news = [published.splice(0), lines.slice(read), inspected.splice(0), pool.status()];
    read = lines.length;
    return textsOf(news);
  };
  return { pool, lines, seen };
}

export function memoryLogger(lines: Record<string, unknown>[], bound: Record<string, unknown> = {}): Logger {
  const write = (level: string) => (fields: object, message?: string) =>
    void lines.push({ level, message, ...bound, ...fields });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => memoryLogger(lines, { ...bound, ...fields }),
  };
}

/** A text of which a template is to take every character as it is. */
export function script(text: string): Command {
  return command(Object.assign([text], { raw: [text] }));
}

/** Every text in a value, however deep: what is not enumerable (message, stack, cause) and bytes too. */
export function textsOf(value: unknown, known = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || known.has(value)) return [];
  known.add(value);
  if (Buffer.isBuffer(value)) return [value.toString('utf8'), value.toString('latin1')];
  // An actor leads to the whole of the runtime, which nobody prints.
  if ('_parent' in value || ('sessionId' in value && 'system' in value)) return [];
  return Object.getOwnPropertyNames(value).flatMap((name) => textsOf(Reflect.get(value, name), known));
}
