import type { Extras } from '../dialect.ts';
import { quote } from './quote.ts';

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

/** Remembers the folder: `cd` changes OLDPWD too. */
export const rememberFolder = '__sw_p=$PWD __sw_o=${OLDPWD-}';

/** Goes back, wherever the command went; nothing where none is remembered. */
export function restoreFolder(cd: string, unset: string): string {
  const back = `${cd} "$__sw_p" >/dev/null 2>&1`;
  return (
    `case \${__sw_p+x}\${__sw_o:+o} in '') ;; x) ${back}; ${unset} OLDPWD __sw_p __sw_o;; ` +
    `*) ${back}; OLDPWD=$__sw_o; ${unset} __sw_p __sw_o; esac`
  );
}
