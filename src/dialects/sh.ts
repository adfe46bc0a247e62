import type { Dialect, Driver, Fences } from './dialect.ts';
import { markerOf, parseReport } from './posix/fence.ts';
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
    ...checkLaunch(options, 'sh', '/bin/sh', []),
    capabilities: { signals: true, streamInput: true, localFiles: true },
    driver,
    quote,
    insideQuotes,
  };
}

// dash knows one digit only. Between commands 1 is closed, as in bash.ts; 2 is not, since dash writes the trace of the driver's own line
// (`set -x`) to the 2 that it saved.
const stdout = 7;
const stderr = 8;

// __sw_r is 7 while a command runs: the redirection sets it, since an assignment of its own would reset the $? that the command sees.
// __sw_i is not empty when an interrupt came before its command had begun: it then spoils a redirection, so that the command is skipped
// (by a path and not by a number: dash exits of a bad number).
// In dash and busybox an error of a special builtin unwinds everything up to `command eval`, functions and loops too; it may only be made
// while one is there, which is while 1 is open. bash would exit of it, so there an interrupt ends the foreground program only.
const onInterrupt = `case $__sw_r in 7) __sw_r=2; case \${BASH_VERSION-} in "") { :; } 2>&1 && . /dev/null/interrupt 2>/dev/null; esac;; 0) __sw_i=/x; esac`;

function driver(secret: string, fences: Fences): Driver {
  const print = (format: string, values: string, to: number): string =>
    `command printf '\\0${secret}${format}\\n' ${values} >&${to}; `;
  const report =
    `__sw() { case $__sw_r$__sw_i:$1 in 7:*|7/x:*${late}) __sw_s=$2;; *) __sw_s=130; esac; __sw_r=0 __sw_i=; case $__sw_s in 2) { :; } 2>&${stderr} || __sw_s=lost; esac; ` +
    print('%s %s %s ', '"$1" "$__sw_s" "${!-}"', stdout) +
    (fences === 'both' ? print('%s ', '"$1"', stderr) : '') +
    `return "$__sw_s"; }`;
  return {
    boot: `exec ${stdout}>&1 ${stderr}>&2 >&- 2>/dev/null; __sw_r=0 __sw_i= __sw_s=0; ${report}; trap '${onInterrupt}' INT\n`,
    // The blank keeps a text that begins with - from being read as an option.
    frame: (tag, text) =>
      `\\command eval ${quote(` ${text}`)} </dev/null${tag.endsWith(late) ? '' : '$__sw_i'} >&$((__sw_r=${stdout})) 2>&${stderr}; \\__sw ${tag} "$?"\n`,
    marker: (tag) => markerOf(secret, tag),
    report: parseReport,
    afterInterrupt: (tag) => tag + late,
  };
}

const late = '!';
