import * as v from 'valibot';
import { check, expects } from '../../options/check.ts';

/** Where a shell is and how it is started. */
export interface LaunchOptions {
  /** The program: a name looked up on the PATH, or a path. */
  path?: string | undefined;
  /** Its arguments, in place of the dialect's own. */
  args?: string[] | undefined;
}

const text = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkLaunch(
  options: LaunchOptions | undefined,
  name: string,
  path: string,
  args: string[],
): { path: string; args: string[] } {
  const schema = v.strictObject({
    path: v.optional(
      expects<string>('a non-empty string', (value) => text(value) && value !== ''),
      path,
    ),
    args: v.optional(
      expects<string[]>('an array of strings', (value) => Array.isArray(value) && value.every(text)),
      args,
    ),
  });
  return check(schema, options ?? {}, `${name}()`);
}
