import type { Extras, Report } from '../dialect.ts';
import { quote } from './quote.ts';

// Reported for a command that was not run: more than any status (of ksh, which has some above 256), and 1 where a shell makes a status of it.
export const noCwd = 2 * 256 + 1;
export const noEnv = 3 * 256 + 1;
export const noFile = 4 * 256 + 1;
/** Added to what is reported when the shell could not go back to its folder. */
export const displaced = 8 * 256;

/** What a report above any status says; of a command that has nothing of its own it says nothing (dash lets a function return 1000). */
export function ownReport(code: number): Pick<Report, 'lacked' | 'displaced'> {
  const lacked = ({ [noCwd]: 'cwd', [noEnv]: 'env', [noFile]: 'file' } as const)[code & (displaced - 1)];
  return { ...(lacked && { lacked }), ...(code >= displaced && { displaced: true }) };
}

/** Assignments in front of `eval`: for as long as that runs, they are exported, and then undone. */
export function assignments({ env = {} }: Extras, word = quote): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${word(value)} `)
    .join('');
}

/** The folder as a word that `cd` takes for one: not for an option, for the last one (`-`), or for something to be found by CDPATH. */
export function folderWord(cwd: string, word = quote): string {
  return word(cwd.startsWith('/') ? cwd : `./${cwd}`);
}
