import type { Execution } from '../execution/execution.ts';
import type { ExecOptions } from '../options/exec-options.ts';
import type { ShellTag } from '../pool/access.ts';
import { optionsError, show } from '../options/check.ts';
import { command, type Command, type CommandValue } from './command.ts';

type Exec = (given: Command, options: ExecOptions) => Execution<never>;

/** The tag of a runner. It rejects when a command fails, unless bound to `reject: false`. */
export function createShellTag<Default extends string | Buffer>(
  exec: Exec,
  bound: ExecOptions = {},
): ShellTag<Default> {
  const options: ExecOptions = { reject: true, ...bound };
  const tag = (first: TemplateStringsArray | ExecOptions, ...values: CommandValue[]): unknown => {
    if (isTemplate(first)) return exec(command(first, ...values), options);
    if (typeof first === 'object' && first !== null && !Array.isArray(first))
      return createShellTag(exec, { ...bound, ...first });
    throw optionsError(`Expected $ to be used as a template tag or called with options, got ${show(first)}`);
  };
  return tag as ShellTag<Default>;
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && Array.isArray((value as Partial<TemplateStringsArray>).raw);
}
