import * as v from 'valibot';
import { longestDelay } from '../../machines/delays.ts';
import { check, expects, optionsError, plainObject, show } from '../options/check.ts';
import { cwd, id } from '../options/spawn.ts';
import { given } from './given.ts';
import { regexes, regexesByStream, verdictsByStream } from './regexes.ts';
import type { LogFunction, ProcessProxy, StatefulProcessCommandProxyConfig } from './types.ts';

const where = 'StatefulProcessCommandProxy';

const text = expects<string>(
  'a string without NUL',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);
const commands = v.optional(v.array(text, 'an array of commands'), () => []);
const callback = <T>() => expects<T>('a function', (value) => typeof value === 'function');

/** A number, or one as text: programs read them from their environment. */
const number = v.pipe(
  expects<number | string>(
    'a number',
    (value) => ['number', 'string'].includes(typeof value) && Number.isFinite(Number(value)),
  ),
  v.transform(Number),
);
const count = v.pipe(
  number,
  v.transform((value) => Math.max(0, Math.trunc(value))),
);
/** 0 is the default, as it is there. */
const delay = (standard: number) =>
  v.pipe(
    v.optional(number, standard),
    v.transform((value) => (value > 0 ? Math.min(value, longestDelay) : standard)),
  );

const environment = v.pipe(
  plainObject,
  v.transform((map) =>
    Object.fromEntries(
      Object.entries(map)
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => [name, String(value)]),
    ),
  ),
);

const schema = v.object({
  processCommand: text,
  processArgs: v.pipe(
    v.optional(v.array(v.union([v.string(), v.number()], 'a string'), 'an array of strings'), () => []),
    v.transform((args) => args.map(String)),
  ),
  name: v.pipe(
    v.optional(
      expects<unknown>('a name', () => true),
      'shell',
    ),
    v.transform(nameOf),
  ),
  max: v.pipe(
    v.optional(count, 1),
    v.transform((max) => Math.max(1, max)),
  ),
  min: v.optional(count, 0),
  idleTimeoutMS: v.optional(number),
  idleTimeoutMillis: v.optional(number),
  processRetainMaxCmdHistory: v.optional(count, 0),
  processInvalidateOnRegex: v.optional(regexesByStream, {}),
  processCmdBlacklistRegex: regexes,
  processCmdWhitelistRegex: regexes,
  processCwd: v.optional(cwd),
  processEnvMap: v.optional(environment),
  processUid: v.optional(id),
  processGid: v.optional(id),
  logFunction: v.optional(callback<LogFunction>()),
  initCommands: commands,
  preDestroyCommands: commands,
  validateFunction: v.optional(callback<(process: ProcessProxy) => unknown>()),
  autoInvalidationConfig: v.optional(
    v.pipe(
      plainObject,
      v.transform(given),
      v.object({
        checkIntervalMS: delay(30_000),
        commands: v.optional(
          v.array(
            v.pipe(
              plainObject,
              v.transform(given),
              v.object({ command: text, regexes: v.optional(verdictsByStream, {}) }),
            ),
            'an array of { command, regexes }',
          ),
          () => [],
        ),
      }),
    ),
    {},
  ),
});

/** The ancestor's options, checked. */
export type CheckedConfig = v.InferOutput<typeof schema> & { idleTimeout: number };

/**
 * Checks every option, and never skips an entry that is wrong.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function checkConfig(config: unknown): CheckedConfig {
  if (typeof config !== 'object' || config === null)
    throw optionsError(`Expected ${where} to get an object of options, got ${show(config)}`);
  const checked = check(schema, given(config), where);
  const idleTimeout = checked.idleTimeoutMS || checked.idleTimeoutMillis || 30_000;
  return { ...checked, min: Math.min(checked.min, checked.max), idleTimeout };
}

const streams = ['any', 'stdout', 'stderr'];

/** The options that nobody looks at, as paths. */
export function unknownOptions(config: StatefulProcessCommandProxyConfig): string[] {
  const { processInvalidateOnRegex: invalidate, autoInvalidationConfig: auto } = config;
  return [
    ...strangers(config, Object.keys(schema.entries)),
    ...strangers(invalidate, streams, 'processInvalidateOnRegex.'),
    ...strangers(auto, ['checkIntervalMS', 'commands'], 'autoInvalidationConfig.'),
    ...(auto?.commands ?? []).flatMap((command, index) => {
      const path = `autoInvalidationConfig.commands.${index}.`;
      return [
        ...strangers(command, ['command', 'regexes'], path),
        ...strangers(command.regexes, streams, `${path}regexes.`),
      ];
    }),
  ];
}

function strangers(options: unknown, known: readonly string[], path = ''): string[] {
  if (typeof options !== 'object' || options === null) return [];
  return Object.keys(options)
    .filter((key) => !known.includes(key))
    .map((key) => path + key);
}

/** It names the pool in log lines, where a path is told by its slashes. */
function nameOf(name: unknown): string {
  return String(name).replaceAll(/[/\0]/g, '_');
}
