import type { Dialect, Driver, Extras, Fences } from './dialect.ts';
import { ansiQuote, insideAnsiQuotes } from './posix/ansi-quote.ts';
import { backgroundScript } from './posix/background.ts';
import { assignments } from './posix/extras.ts';
import { markerOf, parseReport } from './posix/fence.ts';
import { lineWithExtras, tryVariables } from './posix/line-extras.ts';
import { checkLaunch, type LaunchOptions } from './posix/options.ts';
import { quote } from './posix/quote.ts';

/**
 * ksh93: tested with 93u+m 1.0; not mksh, pdksh or ksh88.
 *
 * Commands arrive on stdin as lines `command eval $'…'; report`. ksh reads a pipe one byte at a time, and a socket in blocks: so its stdin is one.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function ksh(options?: LaunchOptions): Dialect {
  return {
    name: 'ksh',
    ...checkLaunch(options, 'ksh', 'ksh', [], /^r?ksh/),
    stdin: 'socket',
    driver,
    extras: true,
    background: (work) => backgroundScript(work, { quote, builtin: '\\command', first: fork }),
    quote,
    insideQuotes: insideAnsiQuotes,
  };
}

// A subshell of ksh is no process until something needs one, as a limit does; and what it runs in the background is nicer than the rest.
const fork = '\\command ulimit -S -c "$(\\command ulimit -S -c)"; \\command set +o bgnice; ';

// Numbers that ksh chooses, from 10, and does not hand down to children: __sw_n is an empty stdin, __sw_o and __sw_e are the pipes. Between
// commands 1 is closed and 2 is /dev/null, as in sh.ts.
// __sw_r is 7 while a command runs, and __sw_i spoils the redirection of a command that an interrupt came before, as in sh.ts too.
// An error of a special builtin in the trap unwinds everything up to `command eval`; it may only be made while that is there, which is while 1
// is open. Made in a function of the kind `function f`, it leaves that function only: then a DEBUG trap makes it again before the next command.
// The first four that it sees are of this trap. (Made in a DEBUG trap, ksh believes to be in that one for ever: so only where it must.)
const unwind = '{ :; } 2>&1 && . /dev/null/interrupt 2>/dev/null';
const onDebug = `((__sw_c++ < 4)) || { ${unwind}; }`;
const onInterrupt = `case $__sw_r in 7) __sw_r=2 __sw_c=0 __sw_d=$(trap -p DEBUG); trap ${quote(onDebug)} DEBUG; ${unwind};; 2) ${unwind};; 0) __sw_i=x; esac`;
const restore = `case $__sw_d in '') trap - DEBUG;; *) eval "trap -- $__sw_d DEBUG"; esac`;

// Before anything else is redirected: while that is done, 1 may be open.
const settle = `case $__sw_r in 2) ${restore}; esac`;

/** The new ones first: where they cannot be opened the old ones stay. */
const reopen = (outputs: NonNullable<Extras['outputs']>): string =>
  `\\command exec {__sw_y}>${quote(outputs.stderr)} {__sw_z}>${quote(outputs.stdout)} && ` +
  `\\command exec {__sw_e}>&- {__sw_o}>&- && __sw_e=$__sw_y __sw_o=$__sw_z`;

function driver(secret: string, fences: Fences): Driver {
  // `command` is looked up when it runs: as a plain word ksh would bind it to the builtin here, and a function of that name, which keeps the
  // text from being run, would go unseen.
  // `builtin -d print` takes it away.
  const print = (values: string, to: string): string =>
    `"$__sw_k" print -u"$${to}" "\\0${secret}${values}" || "$__sw_k" printf "\\0${secret}${values}\\n" >&"$${to}"`;
  const report =
    `__sw() { __sw_q=$__sw_r __sw_r=0; case $__sw_q$__sw_i:$1 in 7:*|7x:*${lateMark}) __sw_s=$2;; 2*) __sw_s=130; ${restore};; 0:*) __sw_s=lost;; *) __sw_s=130; esac; __sw_i=; ` +
    `case $__sw_s in 1) <&"$__sw_n" 2>&"$__sw_e" || __sw_s=lost; esac; ` +
    `${print('$1 $__sw_s ${!-} ', '__sw_o')}${fences === 'both' ? `; ${print('$1 ', '__sw_e')}` : ''}; return "$__sw_s"; }; ` +
    `__sw_q() { return "$__sw_s"; }; ${tryVariables}`;
  return {
    boot:
      'exec {__sw_n}</dev/null {__sw_o}>&1 {__sw_e}>&2 >&- 2>/dev/null; __sw_k=command __sw_r=0 __sw_i= __sw_s=0; ' +
      `${report}trap ${quote(onInterrupt)} INT\n`,
    frame: (tag, text, extras) => {
      // ksh runs a pending trap with the next command: that of a late interrupt must not be this one.
      const [first, late] = tag.endsWith(lateMark) ? ['\\__sw_q; ', ''] : ['', '$__sw_i'];
      const stdin = extras?.input === undefined ? `<&"$__sw_n${late}"` : `<${quote(extras.input)}${late}`;
      const evaluate = (word: string): string =>
        `\\command eval -- ${word} ${stdin} >&"$((__sw_r=7,__sw_o))" 2>&${extras?.merge ? 1 : '"$__sw_e"'}`;
      const whole = extras
        ? lineWithExtras(extras, withVariables(extras, text, evaluate), {
            tag,
            stderr: '"$__sw_e"',
            highest: 511,
            settle,
            reopen,
          })
        : `${evaluate(ansiQuote(text))}; \\__sw ${tag} "$?"`;
      return `${first}${whole}\n`;
    },
    takesOutputs: true,
    marker: (tag) => markerOf(secret, tag),
    report: (payload) => {
      const report = parseReport(payload, 511);
      // ksh says 256 + n for a child that died of signal n.
      return report && report.exitCode > 256 ? { ...report, exitCode: report.exitCode - 128 } : report;
    },
    afterInterrupt: (tag) => tag + lateMark,
  };
}

/** Ends the tag of a command before which an interrupt was sent. */
const lateMark = '!';

/** ksh traces what is assigned in front of a command where the command's own trace goes: so another `eval`, which has 2 as it is between commands. */
function withVariables({ env = {} }: Extras, text: string, evaluate: (word: string) => string): string {
  if (Object.keys(env).length === 0) return evaluate(ansiQuote(text));
  return `__sw_t=${ansiQuote(text)}; ${assignments({ env }, ansiQuote)}\\command eval -- ${ansiQuote(`\\__sw_q; ${evaluate('"$__sw_t"')}`)}`;
}
