import type { Dialect, Driver, Extras, Fences } from './dialect.ts';
import { backgroundScript } from './posix/background.ts';
import { assignments } from './posix/extras.ts';
import { lineWithExtras, tryVariables } from './posix/line-extras.ts';
import { markerOf, mayTrapExit, parseReport } from './posix/fence.ts';
import { checkLaunch, type LaunchOptions } from './posix/options.ts';
import { insideQuotes, quote } from './posix/quote.ts';

/**
 * Any POSIX shell, by default whatever `/bin/sh` is: dash, busybox, or bash in its POSIX mode.
 *
 * Commands arrive on stdin as lines `command eval '…'; report`. There is no loop, so nothing can leave it; and `command` keeps a
 * syntax error from ending the shell.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function sh(options?: LaunchOptions): Dialect {
  return {
    name: 'sh',
    ...checkLaunch(options, 'sh', '/bin/sh', [], /^(?:[dy]?a?sh|r?bash|busybox|[lmp]?ksh|posh|zsh)\b/),
    driver,
    extras: true,
    background: (work) => backgroundScript(work, { quote, builtin: '\\command' }),
    quote,
    insideQuotes,
  };
}

// dash knows one digit only. Between commands 1 is closed, as in bash.ts; 2 is not, since dash writes the trace of the driver's own line
// (`set -x`) to the 2 that it saved. Where a command may have set an EXIT trap both stay open, but 2 for a trace, since dash undoes the
// redirections of a command before it runs the trap.
const stdout = 7;
const stderr = 8;

// __sw_r is 7 while a command runs, 6 while one does that may have an EXIT trap: the redirection sets it, since an assignment of its own would
// reset the $? that the command sees.
// __sw_i is not empty when an interrupt came before its command had begun: it then spoils a redirection, so that the command is skipped
// (by a path and not by a number: dash exits of a bad number).
// In dash and busybox an error of a special builtin unwinds everything up to `command eval`, functions and loops too; it may only be made
// while one is there: while 1 is open, or where it always is, while stdin is not the channel. bash would exit of it, so there an interrupt ends
// the foreground program only.
const unwind = '. /dev/null/interrupt 2>/dev/null';
const onInterrupt =
  `case $__sw_r\${BASH_VERSION+b} in 7) __sw_r=2; { :; } 2>&1 && ${unwind};; ` +
  `6) __sw_r=2; command [ -p /dev/stdin ] || command [ -S /dev/stdin ] || ${unwind};; [67]b) __sw_r=2;; 0*) __sw_i=/x; esac`;

const startsTrace = /\bset\s+-\w*x|xtrace/;

/** Ends the tag of a command before which an interrupt was sent. */
const late = '!';
/** Ends the tag of a command that may set an EXIT trap, and of all after it. */
const trapping = '+';

/** A command of its own, since the shell must not end of it. */
const reopen = (outputs: NonNullable<Extras['outputs']>): string =>
  `\\command exec ${stderr}>${quote(outputs.stderr)} ${stdout}>${quote(outputs.stdout)}`;

function driver(secret: string, fences: Fences): Driver {
  let mayTrap = false;
  const print = (format: string, values: string, to: number): string =>
    `command printf '\\0${secret}${format}\\n' ${values} >&${to}; `;
  const report =
    `__sw() { case $__sw_r$__sw_i:$1 in [67]:*|[67]/x:*${late}*) __sw_s=$2;; 0:*) __sw_s=lost;; *) __sw_s=130; esac; case $1 in *${trapping}) command exec >&- 2>/dev/null; esac; ` +
    `__sw_r=0 __sw_i=; case $__sw_s in 2) { :; } 2>&${stderr} || __sw_s=lost;; 1) </dev/null 2>&${stderr} || __sw_s=lost; esac; ` +
    print('%s %s %s ', '"$1" "$__sw_s" "${!-}"', stdout) +
    (fences === 'both' ? print('%s ', '"$1"', stderr) : '') +
    `return "$__sw_s"; }`;
  const frame = (tag: string, text: string, extras?: Extras): string => {
    const traps = tag.endsWith(trapping);
    // The blank keeps a text that begins with - from being read as an option.
    const evaluate =
      `\\command eval ${quote(` ${text}`)} <${extras?.input === undefined ? '/dev/null' : quote(extras.input)}${tag.includes(late) ? '' : '$__sw_i'} ` +
      `>&${traps ? `$(((__sw_r=${stdout - 1})+1))` : `$((__sw_r=${stdout}))`} 2>&${extras?.merge ? 1 : stderr}`;
    const whole = extras
      ? lineWithExtras(extras, assignments(extras) + evaluate, { tag, stderr: `${stderr}`, reopen })
      : `${evaluate}; \\__sw ${tag} "$?"`;
    if (!traps) return `${whole}\n`;
    const openStderr = startsTrace.test(text) ? '' : `case $- in *x*) ;; *) \\command exec 2>&${stderr}; esac; `;
    return `\\command exec >&${stdout}; ${openStderr}\\__sw_q; ${whole}\n`;
  };
  return {
    boot:
      `exec ${stdout}>&1 ${stderr}>&2 >&- 2>/dev/null; __sw_r=0 __sw_i= __sw_s=0; ${report}; __sw_q() { return "$__sw_s"; }; ` +
      tryVariables +
      `trap '${onInterrupt}' INT\n`,
    descriptors: { stdout, stderr },
    label: (tag, text) => {
      mayTrap ||= mayTrapExit(text);
      return mayTrap ? tag + trapping : tag;
    },
    frame,
    takesOutputs: true,
    marker: (tag) => markerOf(secret, tag),
    report: (payload) => parseReport(payload),
    afterInterrupt: (tag) => tag + late,
  };
}
