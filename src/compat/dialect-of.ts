import { win32 } from 'node:path';
import { bash, fish, ksh, powershell, sh, zsh, type Dialect, type LaunchOptions } from '../dialects/index.ts';
import { optionsError, show } from '../options/check.ts';
import { powershellArgs } from './powershell-args.ts';

/** What is started, and how. */
export interface Launch {
  dialect: Dialect;
  /** Whether a shell was named: then it may take any time to be set up. */
  isKnown: boolean;
}

const dialects: readonly [names: RegExp, dialect: (options: LaunchOptions) => Dialect][] = [
  [/^r?bash[\d.-]*$/, bash],
  [/^r?zsh[\d.-]*$/, zsh],
  [/^r?ksh(?:93)?$/, ksh],
  [/^fish$/, fish],
  [/^(?:sh|dash|ash|busybox|posh|yash|mksh|lksh|pdksh|oksh)$/, sh],
];

const powershells = /^(?:powershell|pwsh)(?:-preview)?$/;

/** Programs that take commands, in another language than that of any dialect there is. */
const foreign = /^(?:cmd|command|t?csh|nu|xonsh|elvish|python[\d.]*|node|perl|ruby|php)$/;

/**
 * The dialect by the name of the program, or by that of a program that a launcher (`ssh`, `sudo`, `docker exec -i`) gets as an argument.
 * A name that says nothing is taken for that of a POSIX shell, behind a launcher.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function dialectOf(path: string, args: string[]): Launch {
  const program = nameOf(path);
  if (powershells.test(program)) {
    const edition = program === 'powershell' ? 'desktop' : 'core';
    return { dialect: powershell({ path, args: powershellArgs(args), edition }), isKnown: true };
  }
  const names = args.map((arg) => nameOf(firstWord(arg)));
  const named = dialectNamed(program) ?? names.toReversed().map(dialectNamed).find(Boolean);
  if (!named && (foreign.test(program) || names.some((name) => powershells.test(name))))
    throw optionsError(
      `Expected the \`processCommand\` option of StatefulProcessCommandProxy to be a shell for which there is a dialect (bash, sh, dash, busybox, zsh, ksh, fish, and pwsh or powershell themselves), or what starts one, got ${show(path)}`,
    );
  return { dialect: (named ?? sh)({ path, args }), isKnown: named !== undefined };
}

function dialectNamed(name: string): ((options: LaunchOptions) => Dialect) | undefined {
  return dialects.find(([names]) => names.test(name))?.[1];
}

/** Without its folder, also of `C:\…\bash.exe`. */
function nameOf(path: string): string {
  return win32
    .basename(path)
    .toLowerCase()
    .replace(/\.exe$/, '');
}

/** As in the `bash -s` that ssh gets as one argument. */
function firstWord(text: string): string {
  return text.trim().split(/\s/, 1)[0] ?? '';
}
