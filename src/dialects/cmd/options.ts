import * as v from 'valibot';
import { check, expects } from '../../options/check.ts';

/** Options of `cmd()`. */
export interface CmdOptions {
  /** The program: a name looked up on the PATH, or a path. @default what the variable ComSpec says, or 'cmd.exe' */
  path?: string | undefined;
  /** Its arguments, in place of `/d /q /e:on /v:off /k`: no AutoRun, no echo, with extensions, without delayed expansion. */
  args?: string[] | undefined;
}

const text = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkCmdOptions(options: CmdOptions | undefined): { path: string; args: string[] } {
  const schema = v.strictObject({
    path: v.optional(
      expects<string>('a non-empty string', (value) => text(value) && value !== ''),
      // A bare name would be looked for in the current folder first.
      process.env['ComSpec'] || 'cmd.exe',
    ),
    args: v.optional(
      expects<string[]>('an array of strings', (value) => Array.isArray(value) && value.every(text)),
      ['/d', '/q', '/e:on', '/v:off', '/k'],
    ),
  });
  return check(schema, options ?? {}, 'cmd()');
}
