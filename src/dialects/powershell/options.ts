import * as v from 'valibot';
import { check, count, expects, flag, oneOf, positiveCount } from '../../options/check.ts';

/** Options of `powershell()`. */
export interface PowerShellOptions {
  /** The program: a name looked up on the PATH, or a path. @default 'pwsh', and 'powershell.exe' for the edition 'desktop' */
  path?: string | undefined;
  /** Its arguments before `-Command`, in place of `-NoLogo -NoProfile -NonInteractive`. */
  args?: string[] | undefined;
  /** `'core'`: PowerShell 7; `'desktop'`: Windows PowerShell 5.1. @default 'core' */
  edition?: 'core' | 'desktop' | undefined;
  /** Escape sequences in the output: `true` with, `false` without. @default as PowerShell itself decides, which writes them into pipes too, but for `NO_COLOR` or `TERM=dumb` */
  color?: boolean | undefined;
  /** Characters in a line of formatted output. @default what PowerShell takes without a console: 80 */
  width?: number | undefined;
  /** How deep `output: 'json'` goes into objects. @default 2 */
  jsonDepth?: number | undefined;
  /** A folder for the compiled host: it must belong to this user, and not be writable by others. @default that of this user's caches */
  cacheFolder?: string | undefined;
}

export type CheckedPowerShellOptions = Required<Pick<PowerShellOptions, 'path' | 'args' | 'edition' | 'jsonDepth'>> &
  Pick<PowerShellOptions, 'color' | 'width' | 'cacheFolder'>;

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
const name = expects<string>('a non-empty string', (value) => isText(value) && value !== '');
/** ConvertTo-Json takes no more. */
const deepest = 100;

const schema = v.strictObject({
  path: v.optional(name),
  args: v.optional(
    expects<string[]>('an array of strings', (value) => Array.isArray(value) && value.every(isText)),
    ['-NoLogo', '-NoProfile', '-NonInteractive'],
  ),
  edition: v.optional(oneOf('core', 'desktop'), 'core'),
  color: v.optional(flag),
  width: v.optional(positiveCount),
  jsonDepth: v.optional(
    v.pipe(
      count,
      expects<number>(`an integer from 0 to ${deepest}`, (value) => (value as number) <= deepest),
    ),
    2,
  ),
  cacheFolder: v.optional(name),
});

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkPowerShellOptions(options: PowerShellOptions | undefined): CheckedPowerShellOptions {
  const { path, ...checked } = check(schema, options ?? {}, 'powershell()');
  return { ...checked, path: path ?? (checked.edition === 'desktop' ? 'powershell.exe' : 'pwsh') };
}
