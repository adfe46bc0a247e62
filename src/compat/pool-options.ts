import { constants } from 'node:buffer';
import type { ExecResult } from '../execution/result.ts';
import type { PoolOptions } from '../options/pool-options.ts';
import type { CheckedConfig } from './config.ts';
import { dialectOf } from './dialect-of.ts';
import type { Log } from './log.ts';
import type { Processes } from './processes.ts';
import type { ShellProcess } from './shell-process.ts';
import { validateOf } from './validate.ts';

/** How long a check may hang, ms: it has no such limit there, and a shell that hangs is lost for ever. */
const checkTimeout = 60_000;
/** The same of `preDestroyCommands`. */
const destroyTimeout = 10_000;
/** How long a shell may take that nobody says is one: what does not answer would else never be given up. */
const strangerTimeout = 60_000;
/** Commands are stopped by `shutdown()` alone, which has waited before. */
const killGrace = 1_000;

/** The pool behind the options. @throws {ShellwrightError} ERR_OPTIONS */
export function poolOptionsOf(config: CheckedConfig, processes: Processes, log: Log): PoolOptions {
  const { autoInvalidationConfig: auto, processEnvMap, preDestroyCommands } = config;
  const { dialect, isKnown } = dialectOf(config.processCommand, config.processArgs);
  return {
    name: config.name,
    shell: dialect,
    min: config.min,
    max: config.max,
    idleTimeout: config.idleTimeout,
    cwd: config.processCwd,
    ...(processEnvMap && { env: processEnvMap, extendEnv: false }),
    uid: config.processUid,
    gid: config.processGid,
    init: [(shell) => processes.start(shell)],
    initTimeout: isKnown ? Infinity : strangerTimeout,
    destroy: preDestroyCommands.length > 0 ? [(shell) => processes.leave(shell)] : [],
    destroyTimeout,
    validate: validateOf(config, processes, log),
    ...(auto.commands.length > 0 && {
      healthCheck: {
        interval: auto.checkIntervalMS,
        timeout: checkTimeout,
        commands: auto.commands.map((check) => ({
          command: check.command,
          accept: (result) => accepts(processes, check, result as ExecResult),
        })),
      },
    }),
    history: { max: 0 },
    killGrace,
    // All that fits a string; more is an error, and no part is taken for the whole.
    maxBuffer: constants.MAX_STRING_LENGTH,
    overflow: 'kill',
    logger: log.forPool(),
  };
}

function accepts(processes: Processes, check: Parameters<ShellProcess['judgeCheck']>[0], result: ExecResult): boolean {
  const process = processes.at(result.shellId ?? '');
  process.judgeCheck(check, process.commands.add(result));
  return process.isValid();
}
