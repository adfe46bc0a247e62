import { Secret } from '../commands/secret.ts';
import type { Driver, Extras } from '../dialects/dialect.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import type { Task } from '../execution/task.ts';
import type { OutputPaths } from '../process/outputs.ts';
import type { Scratch } from '../process/scratch.ts';

/** What a command has of its own while it runs; to be let go when it has ended. */
export interface Own {
  readonly extras: Extras;
  /** The command was written. */
  begin(): void;
  letGo(): void;
}

/** Whether the task needs more than its text written to the shell. */
export function isSpecial({ settings, script }: Task, longText: number): boolean {
  return settings.own !== undefined || script.length > longText;
}

/** What is there for a command. */
export interface Means {
  longText: number;
  textForm: Driver['textFile'];
  scratch: Scratch;
  /** It gets new pipes for its output. */
  leftJob: boolean;
  /** Others may run meanwhile, and need what is given to one at a time. */
  beside?: boolean;
}

/**
 * Puts in place what the command is to find.
 * @throws {ShellwrightError} ERR_ABORTED where its input cannot be
 */
export function prepare(
  { script, settings }: Task,
  { longText, textForm, scratch, leftJob, beside = false }: Means,
): Own {
  const { source = {}, cwd, env, merge, output } = settings.own ?? {};
  const { content, feed } = source;
  let contentFile: string | undefined;
  let fifo: string | undefined;
  let outputs: OutputPaths | undefined;
  try {
    contentFile = content === undefined ? undefined : scratch.file(content);
    fifo = feed && (beside ? scratch.ownFifo() : scratch.fifo());
    outputs = leftJob ? scratch.outputs() : undefined;
  } catch (error) {
    throw new ShellwrightError('ERR_ABORTED', `The pipes of the command could not be given: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const textFile = script.length > longText ? fileOrNone(script, textForm, scratch) : undefined;
  return {
    extras: { input: contentFile ?? fifo, cwd, env: env && revealed(env), merge, output, textFile, outputs },
    begin: () => fifo !== undefined && feed?.begin(fifo),
    letGo: () =>
      [contentFile, textFile, beside ? fifo : undefined, outputs?.stdout, outputs?.stderr].forEach(
        (path) => path !== undefined && scratch.discard(path),
      ),
  };
}

function revealed(env: Readonly<Record<string, string | Secret>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value instanceof Secret ? Secret.reveal(value) : value]),
  );
}

/** Without a file the text goes the slow way, where there is one. */
function fileOrNone(text: string, form: Driver['textFile'], scratch: Scratch): string | undefined {
  try {
    return form ? scratch.file(form.content(text), form.suffix) : scratch.file(text);
  } catch {
    return undefined;
  }
}
