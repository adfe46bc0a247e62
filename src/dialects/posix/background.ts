import type { BackgroundWork } from '../dialect.ts';
import { folderWord } from './extras.ts';

/** What differs between shells. */
export interface BackgroundWords {
  readonly quote: (value: string) => string;
  /** Stands before a builtin, whatever functions there are. */
  readonly builtin: string;
  /** Said where nothing else is at stake yet, and ended by `; `. */
  readonly first?: string;
}

/**
 * The text that makes a shell run `text` in a subshell beside what it runs next. What it writes to stdout is the id of the keeper.
 *
 * Three subshells: one that the shell waits for, so that the shell has no new job, `$!` or child; the keeper, which waits for the command and
 * writes its fence; and the command, which may exit, or be killed.
 */
export function backgroundScript(work: BackgroundWork, { quote, builtin, first = '' }: BackgroundWords): string {
  const { text, secret, outputs, input = '/dev/null', cwd, env = {}, merge } = work;
  const fence = (what: string): string => `${builtin} printf '\\0${secret} %s \\n' ${what}`;
  const lack = (what: string): string => `{ ${fence(what)}; ${builtin} exit; }; `;
  const folder = cwd === undefined ? '' : `${builtin} cd -- ${folderWord(cwd, quote)} || ${lack('cwd')}`;
  // Tried in a subshell: some shells end of an assignment to a variable that is read-only.
  const variables = Object.entries(env).map(
    ([name, value]) =>
      `( ${builtin} export ${name}=x ) 2>/dev/null || ${lack('env')}${builtin} export ${name}=${quote(value)}; `,
  );
  // The options that the driver turned off; the trace begins inside, or it would show what is evaluated.
  const command =
    `__bg_t=${quote(` ${text}`)}; case $__bg_k in *x*) __bg_t="\\\\set -x;$__bg_t"; esac; ` +
    `case $__bg_k in *e*) \\set -e; esac; ${builtin} eval "$__bg_t"`;
  // Its own stderr is not the command's any more: shells tell there of a child that died of a signal.
  const keep = `{ \\unset -f command builtin wait printf; ${builtin} wait "$!"; ${fence('"$?"')}; } 2>/dev/null`;
  const keeper = `${folder}${variables.join('')}( ${command} ) <${quote(input)}${merge ? ' 2>&1' : ''} & ${keep}`;
  // The status is that of the command before, also under `set -e`.
  return (
    `( __bg_k=$-; \\set +e +x +v; ${first}{ ( ${keeper} ) & } >${quote(outputs.stdout)} 2>${quote(outputs.stderr)}; ` +
    `${builtin} printf '%s\\n' "$!" ); ( ${builtin} exit "$__sw_s" ) && :`
  );
}
