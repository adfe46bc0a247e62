import type { Encoding, ExecOptions, Overflow } from '../options/exec-options.ts';

/** The options of one command with the pool's defaults filled in. */
export interface Settings {
  readonly timeout: number;
  readonly acquireTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly reject: boolean | undefined;
  readonly priority: number;
  readonly killGrace: number;
  readonly maxBuffer: number;
  readonly overflow: Overflow;
  readonly encoding: Encoding;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/** What a pool sets for all its commands. */
export type PoolSettings = Omit<Settings, 'signal' | 'reject' | 'priority' | 'meta'>;

/** The settings of a command without options: made once per pool. */
export function defaultSettings(options: PoolSettings): Settings {
  const { timeout, acquireTimeout, killGrace, maxBuffer, overflow, encoding } = options;
  return Object.freeze({
    timeout,
    acquireTimeout,
    killGrace,
    maxBuffer,
    overflow,
    encoding,
    signal: undefined,
    reject: undefined,
    priority: 0,
  });
}

export function settingsWith(defaults: Settings, options: Readonly<ExecOptions>): Settings {
  // Most commands have no options: the defaults are frozen and shared.
  if (Object.keys(options).length === 0) return defaults;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    ...defaults,
    ...Object.fromEntries(given),
    // As it is now: the history and the audit must not change with the caller's object.
    ...(options.meta && { meta: { ...options.meta } }),
  };
}
