import type { Extras, Report } from '../dialect.ts';
import { quote } from './quote.ts';

// Reported for a command that was not run: more than any status.
export const noCwd = 257;
export const noEnv = 258;
export const noFile = 259;
/** Added to what is reported when the shell could not go back to its folder; a multiple of 256. */
export const displaced = 1024;

/** What a report above 255 says; of a command that has nothing of its own it says nothing (dash lets a function return 1000). */
export function ownReport(code: number): Pick<Report, 'lacked' | 'displaced'> {
  const lacked = ({ [noCwd]: 'cwd', [noEnv]: 'env', [noFile]: 'file' } as const)[code & (displaced - 1)];
  return { ...(lacked && { lacked }), ...(code >= displaced && { displaced: true }) };
}

/** Assignments in front of `eval`: for as long as that runs, they are exported, and then undone. */
export function assignments({ env = {} }: Extras): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${quote(value)} `)
    .join('');
}

/** The folder as a word that `cd` takes for one: not for an option, for the last one (`-`), or for something to be found by CDPATH. */
export function folderWord(cwd: string): string {
  return quote(cwd.startsWith('/') ? cwd : `./${cwd}`);
}
