import type { Dialect, Driver, Extras, Fences } from './dialect.ts';
import { ansiQuote, insideAnsiQuotes } from './posix/ansi-quote.ts';
import { backgroundScript } from './posix/background.ts';
import { assignments, displaced, folderWord, noCwd, noEnv, noFile } from './posix/extras.ts';
import { markerOf, parseReport } from './posix/fence.ts';
import { checkLaunch, type LaunchOptions } from './posix/options.ts';

/**
 * zsh 5.1 and later.
 *
 * Commands arrive as lines `{ eval $'…' } always { report }`. zsh reads its stdin one byte at a time, and a file that it sources in blocks:
 * so it is made to source its stdin, where that is a pipe.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function zsh(options?: LaunchOptions): Dialect {
  return {
    name: 'zsh',
    ...checkLaunch(options, 'zsh', 'zsh', ['-f'], /^r?zsh\b/),
    driver,
    extras: true,
    background: (work) =>
      backgroundScript(work, { quote: ansiQuote, builtin: '\\builtin', first: '\\builtin unsetopt bgnice; ' }),
    // Not '…' alone: under RC_QUOTES two such words side by side are one with a quote in it.
    quote: ansiQuote,
    insideQuotes: insideAnsiQuotes,
  };
}

// Numbers that zsh chooses, from 10: __sw_n is an empty stdin, __sw_o and __sw_e are the pipes, __sw_c is where frames come from. Between
// commands 0, 1 and 2 are closed, as in bash.ts.
// An interrupt inside the command aborts all of it: it makes an error that only `always` ends. One that comes before the command spoils the
// redirection from __sw_i, unless the tag says that it was meant for an earlier one.
// No builtin may be in it, nor `return`: zsh runs it in its signal handler, and each builtin ends with a flush of stdout, which writes a second time
// what an interrupted one had just written. So it sets the interrupt as `always` sees it, which `return 130` does too.
const onInterrupt =
  'TRAPINT() { __sw_i=x; case ${ZSH_EVAL_CONTEXT-} in *eval*) { } always { TRY_BLOCK_INTERRUPT=1; }; esac; }';

// What is rare. A trace is off for the driver, and on again by the prefix __sw_x of the next command. A status of 1 may be that of a redirection
// to a descriptor that the command took away, or of an eval that it turned off.
const settle =
  `__sw_f() { case $__sw_i in x) __sw_s=130 __sw_i=$__sw_n __sw_x="__sw_x=; \\__sw; $__sw_x"; esac; ` +
  `case $__sw_q in *x*) __sw_x='__sw_x=; { \\builtin \\set -x; \\__sw; } 2>/dev/null; '; esac; ` +
  'case $__sw_s in 1) { __sw_s=lost; \\builtin eval : <&"$__sw_n" >&"$__sw_o" 2>&"$__sw_e" && __sw_s=1; } always { TRY_BLOCK_ERROR=0; }; esac; }';

// A stray `return` ends the sourcing. The loop begins it again, and the prefix gives the next command its $? and $0. It waits for the first
// byte of a frame, a blank: a pipe whose writer is gone could be opened no more. An interrupt that comes just as a loop of the command ends, about
// one in 500, leaves one loop more than the command's own: so there are two.
const source =
  'if [[ -p /dev/fd/0 && -r /dev/fd/0 ]]; then exec {__sw_c}<&0 <&-; ' +
  'while :; do while :; do . /dev/fd/"$__sw_c"; \\builtin read -rk1 -u "$__sw_c" __sw_q || exit "$__sw_s"; __sw_x="$__sw_z$__sw_x"; done; done; fi';

function driver(secret: string, fences: Fences): Driver {
  // Most shells never need the functions for what a command has of its own.
  let hasHelpers = false;
  const print = (values: string, to: string): string => `\\builtin \\print -u"$${to}" -- '\\0${secret}'"${values}"`;
  const fence = (tag: string, status: string): string =>
    print(`${tag} ${status} $! `, '__sw_o') + (fences === 'both' ? ` && ${print(`${tag} `, '__sw_e')}` : '');
  const settled =
    '__sw_s=$? TRY_BLOCK_ERROR=0 TRY_BLOCK_INTERRUPT=0; ' +
    `[[ $- == *x* || $__sw_i == x || $__sw_s == 1 ]] && { __sw_q=$-; \\builtin \\set +x; \\__sw_f; }; `;
  return {
    // `disable print` takes even `builtin print` away: __sw_p turns it on for as long as it takes.
    boot:
      'exec {__sw_n}</dev/null {__sw_o}>&1 {__sw_e}>&2 >&- 2>/dev/null; ' +
      `__sw_i=$__sw_n __sw_s=0 __sw_j= __sw_0=$0 __sw_z='__sw_x= 0=$__sw_0; \\__sw; '; __sw_x=$__sw_z; ` +
      `__sw() { return "$__sw_s"; }; __sw_p() { \\builtin enable print; ${fence('$1', '$2')}; \\builtin disable print; }; ` +
      `${onInterrupt}; ${settle}; ${source}\n`,
    frame: (tag, text, extras) => {
      if (!extras)
        return (
          ` { \\builtin \\eval "$__sw_x"${ansiQuote(text)} <&"${tag.endsWith(late) ? '$((__sw_i=__sw_n))' : '$__sw_i'}" >&"$__sw_o" 2>&"$__sw_e"; } always ` +
          `{ ${settled}${fence(tag, '$__sw_s')} || \\__sw_p ${tag} "$__sw_s"; }\n`
        );
      const helpers = hasHelpers ? '' : helperFunctions;
      hasHelpers = true;
      return (
        ` ${helpers}{ ${runWithExtras(extras, text, tag.endsWith(late))} } always ` +
        `{ ${settled}\\__sw_g; ${fence(tag, '$__sw_r')} || \\__sw_p ${tag} "$__sw_r"; }\n`
      );
    },
    takesOutputs: true,
    marker: (tag) => markerOf(secret, tag),
    report: (payload) => parseReport(payload),
    afterInterrupt: (tag) => tag + late,
  };
}

/** Ends the tag of a command before which an interrupt was sent. */
const late = '!';

// Of a command with something of its own. __sw_a folder input variables…: goes there and sees whether the rest can be had; what is not is in
// __sw_l. __sw_w is where the shell was (PWD can be assigned to, and `pwd` asks the shell), __sw_v its OLDPWD.
// __sw_g goes back, and gives __sw_r, which is reported. __sw_h leaves a $? of 1, but where that would end the shell.
// A read-only OLDPWD makes an error, which would end the line.
const helperFunctions =
  `__sw_a() { \\builtin \\emulate -L zsh; __sw_l=0 __sw_w=; [[ -z $__sw_j ]] || { __sw_l=${noFile} __sw_j=; return 1; }; case $1 in ?*) ` +
  `__sw_w=\${PWD-} __sw_v=\${OLDPWD-}; [[ $__sw_w -ef . ]] || __sw_w=$(\\builtin \\pwd); ` +
  `{ \\builtin \\cd -q -- "$1" 2>&"$__sw_e" || __sw_l=${noCwd}; } always { (( TRY_BLOCK_ERROR )) && __sw_l=${noCwd}; TRY_BLOCK_ERROR=0; }; ` +
  `case $__sw_l in 0) ;; *) return 1; esac; esac; ` +
  `[[ -z $2 || -r $2 ]] || { __sw_l=${noFile}; return 1; }; ` +
  `shift 2; for __sw_q; do [[ \${(Pt)__sw_q} == *readonly* ]] && { __sw_l=${noEnv}; return 1; }; done; return 0; }; ` +
  `__sw_g() { \\builtin \\emulate -L zsh; __sw_r=$__sw_s; case $__sw_l in 0) ;; *) __sw_r=$__sw_l; esac; ` +
  `case $__sw_w in ?*) { \\builtin \\cd -q -- "$__sw_w" 2>/dev/null; ` +
  `case $__sw_v in "\${OLDPWD-}") ;; '') \\builtin \\unset OLDPWD;; *) OLDPWD=$__sw_v; esac; } always { TRY_BLOCK_ERROR=0; }; ` +
  `[[ . -ef $__sw_w || $__sw_r == lost ]] || __sw_r=$((__sw_r+${displaced})); esac; }; ` +
  '__sw_h() { [[ -o errexit ]]; }; ';

/** Runs the text once, if it can have what it is to have. An interrupt before it spoils the redirection from __sw_i, as without. */
function runWithExtras(extras: Extras, text: string, isLate: boolean): string {
  const { input, cwd, env = {}, merge, outputs } = extras;
  const names = Object.keys(env);
  const stdin = input === undefined ? '<&"$__sw_i"' : `<${ansiQuote(input)}"\${__sw_i##[0-9]*}"`;
  const evaluate = (word: string): string =>
    `\\builtin \\eval "$__sw_x"${word} ${stdin} >&"$__sw_o" 2>&${merge ? 1 : '"$__sw_e"'}`;
  // zsh does not export what is assigned in front of a builtin, but undoes it, whatever kind of variable was there before.
  const run =
    names.length === 0
      ? evaluate(ansiQuote(text))
      : `${assignments(extras, ansiQuote)}\\builtin \\eval ${ansiQuote(`\\builtin \\export ${names.join(' ')}; \\__sw && :; ${evaluate('"$__sw_t"')}`)}`;
  const check = [
    '\\__sw_a',
    cwd === undefined ? "''" : folderWord(cwd, ansiQuote),
    ansiQuote(input ?? ''),
    ...names,
  ].join(' ');
  // The new ones first: where they cannot be opened the old ones stay.
  const reopen = outputs
    ? `__sw_j=x; { \\builtin \\exec {__sw_y}>${ansiQuote(outputs.stderr)} {__sw_k}>${ansiQuote(outputs.stdout)} && ` +
      '\\builtin \\exec {__sw_e}>&- {__sw_o}>&- && __sw_e=$__sw_y __sw_o=$__sw_k __sw_j=; } always { TRY_BLOCK_ERROR=0; }; '
    : '';
  return (
    reopen +
    `${isLate ? '((__sw_i=__sw_n)); ' : ''}${names.length === 0 ? '' : `__sw_t=${ansiQuote(text)}; `}` +
    `if ${check}; then \\__sw && :; ${run}; else \\__sw_h; fi;`
  );
}
