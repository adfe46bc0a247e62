import type { Dialect } from '../dialect.ts';
import { checkLaunch, type LaunchOptions } from '../posix/options.ts';

/** Where an interpreter is and how it is started. */
export interface InterpreterOptions extends LaunchOptions {
  /** Arguments of its own, in front of those that bring the driver in. For a launcher: all that it needs, the interpreter's name last. */
  args?: string[] | undefined;
}

/**
 * @param own the arguments that those of the options take the place of
 * @param injected the arguments by which the interpreter runs the driver
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function checkInterpreter(
  options: InterpreterOptions | undefined,
  name: string,
  path: string,
  injected: readonly string[],
  program: RegExp,
  own: string[] = [],
): Pick<Dialect, 'path' | 'args' | 'capabilities'> {
  const { args, ...launch } = checkLaunch(options, name, path, own, program);
  return { ...launch, args: [...args, ...injected] };
}
