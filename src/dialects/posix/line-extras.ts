import type { Extras } from '../dialect.ts';
import { displaced, folderWord, noCwd, noEnv, noFile } from './extras.ts';
import { quote } from './quote.ts';

/** What is around the command in the line of a shell that gets lines. */
interface Line {
  tag: string;
  /** The number, as a word, of the descriptor by which `cd` complains. */
  stderr: string;
  /** The highest status that the shell has, one less than a power of 2. @default 255 */
  highest?: number;
  /** Run before the shell goes back. */
  settle?: string;
  /** Opens other outputs. */
  reopen: (outputs: NonNullable<Extras['outputs']>) => string;
}

/**
 * The line for a command with something of its own; `evaluate` runs it, with its variables. It needs `tryVariables`, `__sw_q`, which returns the status of the
 * command before, and `__sw`, which reports.
 */
export function lineWithExtras(
  extras: Extras,
  evaluate: string,
  { tag, stderr, highest = 255, settle, reopen }: Line,
): string {
  const { input, cwd, env = {}, outputs } = extras;
  const names = Object.keys(env);
  const checks: string[] = [];
  if (outputs) checks.push(`case $__sw_j in x) ${lack(noFile)}; esac; `);
  // A redirection that fails looks like a command that does.
  if (input !== undefined) checks.push(`\\command [ -r ${quote(input)} ] || { ${lack(noFile)}; }; `);
  if (names.length > 0) checks.push(`\\__sw_v ${names.join(' ')} 2>/dev/null || { ${lack(noEnv)}; }; `);
  let run = `\\__sw_q; ${evaluate}; __sw_u=$(($? & ${highest}))`;
  // Not `if`: bash as sh would end of a syntax error in a line that begins with it.
  if (checks.length > 0) run = `__sw_u=; ${checks.join('')}case $__sw_u in '') ${run}; esac`;
  if (cwd !== undefined)
    run = `${rememberFolder}; if ${cd} ${folderWord(cwd)} 2>&${stderr}; then ${run}; else ${lack(noCwd)}; fi; ${goBack(settle)}`;
  // What was not run leaves a $? of 1, but where that would end the shell.
  const lacked = `\\__sw ${tag} "$__sw_u" || case $- in *e*) __sw_s=0;; *) __sw_s=1; \\__sw_q; esac`;
  if (outputs) run = `__sw_j=; ${reopen(outputs)} || __sw_j=x; ${run}`;
  return `${run}; case $__sw_u in ${noCwd}|${noEnv}|${noFile}) ${lacked};; *) \\__sw ${tag} "$__sw_u"; esac`;
}

// Whether variables can be assigned to: in front of a command, dash would end of a read-only one, where no `eval` is around it, and bash of
// any line that tries.
export const tryVariables =
  `case \${BASH_VERSION+b} in b) command eval '__sw_v() { builtin local "$@"; }';; ` +
  '*) __sw_v() { for __sw_x; do command eval "$__sw_x=\\${$__sw_x-} \\command :" || return 1; done; }; esac; ';

const cd = String.raw`\command cd`;
// __sw_f is where the shell was (PWD can be assigned to, and `pwd` asks the shell), __sw_g its OLDPWD. `cd` fails though it went there when PWD
// is read-only.
const rememberFolder = `__sw_f=\${PWD-} __sw_g=\${OLDPWD-}; \\command [ "$__sw_f" -ef . ] || __sw_f=$(\\command pwd 2>/dev/null) || :`;
function goBack(settle: string | undefined): string {
  // Where it is to settle something, an interrupt must not find 1 open, as it is while another descriptor is redirected.
  const [first, quietly] = settle === undefined ? ['', ' 2>/dev/null'] : [`${settle}; `, ''];
  return (
    `${first}${cd} "$__sw_f"${quietly} || :; \\command [ . -ef "$__sw_f" ] || __sw_u=$((__sw_u+${displaced})); ` +
    `case $__sw_g in "\${OLDPWD-}") ;; '') \\command unset OLDPWD;; *) \\command eval 'OLDPWD=$__sw_g'; esac`
  );
}

function lack(code: number): string {
  return `__sw_r=7 __sw_u=${code}`;
}
