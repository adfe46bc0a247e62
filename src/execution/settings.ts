import type { Secret } from '../commands/secret.ts';
import type { Encoding, ExecOptions, Overflow } from '../options/exec-options.ts';
import { inputSource, type InputSource } from './input.ts';

/** The options of one command with the pool's defaults filled in. */
export interface Settings {
  readonly timeout: number;
  readonly noOutputTimeout: number;
  readonly acquireTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly reject: boolean | undefined;
  readonly priority: number;
  readonly killGrace: number;
  readonly maxBuffer: number;
  readonly overflow: Overflow;
  readonly encoding: Encoding;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** Only of a command that has something of its own. */
  readonly own?: OwnSettings | undefined;
}

/** What a command has of its own, where others have what the shell has. */
export interface OwnSettings {
  readonly source?: InputSource | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | Secret>> | undefined;
  readonly merge?: boolean | undefined;
  readonly output?: 'json' | undefined;
}

/** What a pool sets for all its commands. */
export type PoolSettings = Omit<Settings, 'signal' | 'reject' | 'priority' | 'meta' | 'own'>;

/** The settings of a command without options: made once per pool. */
export function defaultSettings(options: PoolSettings): Settings {
  const { timeout, noOutputTimeout, acquireTimeout, killGrace, maxBuffer, overflow, encoding } = options;
  return Object.freeze({
    timeout,
    noOutputTimeout,
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

/** @throws {ShellwrightError} ERR_OPTIONS for an input stream that another command has */
export function settingsWith(defaults: Settings, options: Readonly<ExecOptions>): Settings {
  // Most commands have no options: the defaults are frozen and shared.
  if (Object.keys(options).length === 0) return defaults;
  const { input, cwd, env, merge, output, ...rest } = options;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const own = ownSettings({ input, cwd, env, merge, output });
  return {
    ...defaults,
    ...Object.fromEntries(given),
    // As it is now: the history and the audit must not change with the caller's object.
    ...(options.meta && { meta: { ...options.meta } }),
    ...(own && { own }),
  };
}

function ownSettings({
  input,
  cwd,
  env,
  merge,
  output,
}: Pick<ExecOptions, 'input' | 'cwd' | 'env' | 'merge' | 'output'>): OwnSettings | undefined {
  const json = output === 'json' ? output : undefined;
  if (input === undefined && cwd === undefined && env === undefined && merge !== true && !json) return undefined;
  return { source: input === undefined ? undefined : inputSource(input), cwd, env, merge, output: json };
}
