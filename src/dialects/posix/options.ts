import { basename } from 'node:path';
import * as v from 'valibot';
import { check, expects, flag } from '../../options/check.ts';
import type { Capabilities } from '../dialect.ts';

/** Where a shell is and how it is started. */
export interface LaunchOptions {
  /** The program: a name looked up on the PATH, or a path; also one that starts the shell elsewhere, such as `ssh`, `sudo` or `docker`. */
  path?: string | undefined;
  /** Its arguments, in place of the dialect's own. */
  args?: string[] | undefined;
  /** @default all true for the shell's own program, all false for another, which is taken for a launcher that passes on no more than stdio */
  capabilities?: Partial<Capabilities> | undefined;
}

/** What a dialect is started with, checked. */
export interface Launchable {
  path: string;
  args: string[];
  capabilities: Capabilities;
}

const text = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

/**
 * @param program what the names of the shell's own program look like
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function checkLaunch(
  options: LaunchOptions | undefined,
  name: string,
  path: string,
  args: string[],
  program: RegExp,
): Launchable {
  const schema = v.strictObject({
    path: v.optional(
      expects<string>('a non-empty string', (value) => text(value) && value !== ''),
      path,
    ),
    args: v.optional(
      expects<string[]>('an array of strings', (value) => Array.isArray(value) && value.every(text)),
      args,
    ),
    capabilities: v.optional(
      v.strictObject({ signals: v.optional(flag), streamInput: v.optional(flag), localFiles: v.optional(flag) }),
      {},
    ),
  });
  const { capabilities, ...launch } = check(schema, options ?? {}, `${name}()`);
  const own = program.test(basename(launch.path));
  const { signals = own, streamInput = own, localFiles = own } = capabilities;
  return { ...launch, capabilities: { signals, streamInput, localFiles } };
}
