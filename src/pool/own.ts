import type { Extras } from '../dialects/dialect.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import { asFile, feed } from '../execution/input.ts';
import type { Task } from '../execution/task.ts';
import { scratchFifo, scratchFile, type Owner, type Scratch } from '../process/scratch.ts';

/** What a command has of its own while it runs; to be let go when it has ended. */
export interface Own {
  readonly extras: Extras;
  letGo(): void;
}

/** Whether the task needs more than its text written to the shell. */
export function isSpecial({ settings, text }: Task, longText: number): boolean {
  return settings.own !== undefined || text.length > longText;
}

/**
 * Puts in place what the command is to find.
 * @throws {ShellwrightError} ERR_ABORTED where a file or FIFO cannot be made
 */
export function prepare(task: Task, longText: number, owner: Owner): Own {
  const { text, settings } = task;
  const { input, cwd, env, merge } = settings.own ?? {};
  const toLetGo: (() => void)[] = [];
  const keep = (scratch: Scratch): string => {
    toLetGo.push(() => scratch.remove());
    return scratch.path;
  };
  try {
    const textFile = text.length > longText ? keep(scratchFile(text, owner)) : undefined;
    const content = input === undefined ? undefined : asFile(input);
    let path = content === undefined ? undefined : keep(scratchFile(content, owner));
    if (input !== undefined && path === undefined) {
      path = keep(scratchFifo(owner));
      const feeding = feed(path, input, (error) =>
        task.stop({
          code: 'ERR_ABORTED',
          message: `The input of the command failed: ${messageOf(error)}`,
          cause: error,
        }),
      );
      toLetGo.unshift(() => feeding.stop());
    }
    return { extras: { input: path, cwd, env, merge, textFile }, letGo: () => toLetGo.forEach((run) => run()) };
  } catch (error) {
    toLetGo.forEach((run) => run());
    throw new ShellwrightError('ERR_ABORTED', `The input of the command could not be given: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
