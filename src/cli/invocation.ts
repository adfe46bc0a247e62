import { availableParallelism } from 'node:os';
import type { Dialect } from '../index.ts';
import { readWords, type Flag } from './flags.ts';
import { shellFor } from './shell.ts';
import { UsageError } from './usage-error.ts';
import { parseCount, parseDuration } from './values.ts';

/** What to run, and how: the command line, checked. */
export interface RunInvocation {
  kind: 'run';
  /** The commands themselves, or the file that has one a line (`-` is standard input). */
  commands: readonly string[] | { file: string };
  shell: Dialect;
  min: number;
  max: number;
  /** ms per command. */
  timeout: number;
  json: boolean;
  keepGoing: boolean;
  /** The inspector, where one is wanted. */
  inspect?: InspectInvocation;
}

/** What the inspector is opened with. */
export interface InspectInvocation {
  port: number;
  open: boolean;
  showCommands: boolean;
  /** Until a signal comes, also when nothing runs any more. */
  stays: boolean;
}

export type Invocation = { kind: 'help' } | { kind: 'version' } | RunInvocation;

/** @throws {UsageError} */
export function parseInvocation(argv: readonly string[]): Invocation {
  const { flags, positionals } = readWords(argv);
  if (flags.has('help')) return { kind: 'help' };
  if (flags.has('version')) return { kind: 'version' };
  return {
    kind: 'run',
    commands: parseCommands(positionals),
    shell: shellFor(flags.get('shell') ?? (process.platform === 'win32' ? 'powershell' : 'bash')),
    ...parseSize(flags),
    timeout: parseTimeout(flags.get('timeout')),
    json: flags.has('json'),
    keepGoing: flags.has('keep-going'),
    ...parseInspect(flags, positionals[0] === 'inspect'),
  };
}

function parseCommands([verb, ...rest]: readonly string[]): RunInvocation['commands'] {
  if (verb === 'exec') {
    if (rest.length > 0) return rest;
    throw new UsageError("Expected at least one command after exec: shellwright exec 'echo hi'");
  }
  if (verb === 'run') {
    const [file, ...more] = rest;
    if (file !== undefined && file !== '' && more.length === 0) return { file };
    const got = rest.length === 0 ? 'nothing' : rest.map((word) => `'${word}'`).join(' ');
    throw new UsageError(`Expected one file after run, or - for standard input, got ${got}`);
  }
  if (verb === 'inspect') {
    const [file = '-', ...more] = rest;
    if (file !== '' && more.length === 0) return { file };
    throw new UsageError(`Expected at most one file after inspect, got ${rest.map((word) => `'${word}'`).join(' ')}`);
  }
  throw new UsageError(`Expected exec, run or inspect, got ${verb === undefined ? 'nothing' : `'${verb}'`}`);
}

function parseInspect(flags: ReadonlyMap<Flag, string>, stays: boolean): Pick<RunInvocation, 'inspect'> {
  if (!stays && !flags.has('inspect')) {
    const alone = (['port', 'open', 'show-commands'] as const).find((flag) => flags.has(flag));
    if (alone === undefined) return {};
    throw new UsageError(`Expected --${alone} with --inspect or after inspect only`);
  }
  const port = flags.get('port');
  return {
    inspect: {
      port: port === undefined ? 0 : parseCount('--port', port, 0),
      open: flags.has('open'),
      showCommands: flags.has('show-commands'),
      stays,
    },
  };
}

function parseSize(flags: ReadonlyMap<Flag, string>): { min: number; max: number } {
  const least = flags.get('min');
  const most = flags.get('max');
  const min = least === undefined ? 0 : parseCount('--min', least, 0);
  const max = most === undefined ? Math.max(availableParallelism(), min) : parseCount('--max', most, 1);
  if (min > max) throw new UsageError(`Expected --min to be at most --max (${max}), got '${least}'`);
  return { min, max };
}

function parseTimeout(value: string | undefined): number {
  return value === undefined ? Infinity : parseDuration('--timeout', value);
}
