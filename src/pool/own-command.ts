import type { Command } from '../commands/command.ts';
import type { ExecResult } from '../execution/result.ts';
import type { Task } from '../execution/task.ts';
import type { PoolContext } from './context.ts';
import { said } from './reported.ts';
import type { Shell } from './shell.ts';
import { createInternalTask } from './tasks.ts';

/** What came of a command of ours. */
export interface OwnOutcome {
  result: ExecResult<string | Buffer>;
  task: Task;
}

/** Runs a command of ours in a shell that nobody holds. Undefined: the shell is gone, and the command was not written. */
export async function runOwn(
  pool: PoolContext,
  shell: Shell,
  command: string | Command,
  where: string,
): Promise<OwnOutcome | undefined> {
  const task = createInternalTask(pool, command, { reject: false }, where);
  if (!shell.run(task)) return undefined;
  return { result: await task.promise, task };
}

/** How a command failed, to follow its name in a message; undefined when it did not. */
export function failureOf({ result, task }: OwnOutcome): string | undefined {
  if (result.error) return `was stopped: ${result.error.message}`;
  if (!result.failed && !result.shellExited) return undefined;
  const how = result.exitCode === undefined ? `its shell died of ${result.signal}` : `exit code ${result.exitCode}`;
  return `failed with ${how}: ${result.command}${said(task)}`;
}
