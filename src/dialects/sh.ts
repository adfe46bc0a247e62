import type { Dialect, Driver } from './dialect.ts';
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
// __sw_i is not empty when an interrupt came before its command had begun: it then spoils a redirection, so that the command is skipped.
// In dash and busybox an error of a special builtin unwinds everything up to `command eval`, functions and loops too. bash would exit of
// it, so there an interrupt ends the foreground program only.
const onInterrupt = `case $__sw_r in 7) __sw_r=2; [ -n "\${BASH_VERSION-}" ] || . /dev/null/interrupt 2>/dev/null;; 0) __sw_i=x; esac`;

function driver(secret: string): Driver {
  const report =
    `__sw() { case $__sw_r$__sw_i:$1 in 7:*|7x:*${late}) __sw_s=$2;; *) __sw_s=130; esac; __sw_r=0 __sw_i=; ` +
    `command printf '\\0${secret}%s %d %s \\n' "$1" "$__sw_s" "\${!-}" >&${stdout}; command printf '\\0${secret}%s \\n' "$1" >&${stderr}; return "$__sw_s"; }`;
  return {
    boot: `exec ${stdout}>&1 ${stderr}>&2 >&- 2>/dev/null; __sw_r=0 __sw_i= __sw_s=0; ${report}; trap '${onInterrupt}' INT\n`,
    // The blank keeps a text that begins with - from being read as an option.
    frame: (tag, text) =>
      `\\command eval ${quote(` ${text}`)} </dev/null >&$((__sw_r=${stdout})) 2>&${stderr}${tag.endsWith(late) ? '' : '$__sw_i'}; \\__sw ${tag} "$?"\n`,
    marker: (tag) => markerOf(secret, tag),
    report: parseReport,
    afterInterrupt: (tag) => tag + late,
  };
}

const late = '!';
