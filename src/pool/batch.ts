import type { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import { optionsError, show } from '../options/check.ts';
import { checkBatchInput } from '../options/exec-options.ts';
import type { PoolContext } from './context.ts';
import { scriptOf } from './rendering.ts';
import { createTask, type TaskScope } from './tasks.ts';
import { refusalOf } from './verdict.ts';

/** What `execAll` does in one shell: each when the one before it has ended. @throws {ShellwrightError} as the first that could not run */
export async function runInOrder<Command, Output extends string | Buffer>(
  commands: readonly Command[],
  options: unknown,
  pool: PoolContext,
  scope: TaskScope,
  exec: (command: Command) => Execution<Output>,
): Promise<ExecResult<Output>[]> {
  const refused = refusedOf(commands, options, pool, scope);
  if (refused) await refused;
  const results: ExecResult<Output>[] = [];
  for (const command of commands) results.push(await exec(command));
  return results;
}

/**
 * All before any: what is refused has not begun. The first command that the policy refuses is entered in the books like any other,
 * and what is returned rejects with its error.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function refusedOf(
  commands: unknown,
  options: unknown,
  pool: PoolContext,
  scope: TaskScope,
): Promise<unknown> | undefined {
  if (!Array.isArray(commands))
    throw optionsError(`Expected the commands of ${scope.where} to be an array, got ${show(commands)}`);
  checkBatchInput(options, scope.where);
  const scripts = commands.map((command) => scriptOf(pool, command, scope.where));
  const index = scripts.findIndex((script) => refusalOf(script, pool.options.policy, '') !== undefined);
  if (index === -1) return undefined;
  const refused: unknown = commands[index];
  return createTask(pool, refused, { ...(options as object | undefined), reject: undefined }, scope).promise;
}
