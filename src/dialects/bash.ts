import type { Dialect, Driver, Fences } from './dialect.ts';
import { markerOf, mayTrapExit, parseReport } from './posix/fence.ts';
import { checkLaunch, type LaunchOptions } from './posix/options.ts';
import { insideQuotes, quote } from './posix/quote.ts';

/**
 * GNU bash 4 and later.
 *
 * Commands arrive as records `tag text NUL`, read by a loop. When a command leaves the loop (`break 9`), it is run again for a line that the host
 * writes; or, where bash was started with other arguments, it is written again, for bash reads the same stream as its script.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function bash(options?: LaunchOptions): Dialect {
  const launch = checkLaunch(options, 'bash', 'bash', ['--noprofile', '--norc', '-c', start], /^r?bash\b/);
  const isStarted = launch.args.at(-1) === start;
  return {
    name: 'bash',
    ...launch,
    driver: (secret, fences) => driver(secret, fences, isStarted),
    quote,
    insideQuotes,
  };
}

// High numbers, since scripts use 3 to 9. Between commands 0, 1 and 2 are closed: redirecting a closed fd costs bash three system calls and
// not eight, undoes an `exec >file` of the command, and hides the driver's own lines under `set -x` and in DEBUG traps.
const channel = 249;
const stdin = 250;
const stdout = 251;
const stderr = 252;
const noRoom = `echo "bash() needs the descriptors ${channel} to ${stderr}: ulimit -n must be at least ${stderr + 1}, and is $(ulimit -n)" >&2; exit 1`;

// __sw_r says what runs: 0 the driver, 1 a command, 2 one whose functions are being unwound by an interrupt, 3 one that was interrupted,
// 5 one that has ended.
// __sw_i is 1 when an interrupt came outside a command: it was meant for the next one, unless that one's tag says (`!`) that the host sent it
// to an earlier one.
// An interrupt leaves every loop by `break`. Inside functions that does not reach the caller, so there a DEBUG trap under extdebug makes each
// next command of every caller return, until the top is reached and `break 0` (an error that breaks all loops) skips the command and leaves.
const onInterrupt = `case $__sw_r\${FUNCNAME+f} in 0*) __sw_i=1;; 1) __sw_r=3; break 9999;; 1f) __sw_r=2 __sw_d=$(trap -p DEBUG); shopt -s extdebug; trap '${quoted(
  `case \${FUNCNAME+f} in "") trap - DEBUG; eval "$__sw_d"; break 0 2>/dev/null;; *) return 130; esac`,
)}' DEBUG;; esac`;

// While it begins to wait for a child, bash 5.2 has a moment in which a SIGINT makes it signal itself for ever. So SIGINT goes to a bash that waits
// already, and this one to one that does not: its trap runs between commands, and there SIGINT does no harm.
const relay = 'SIGURG';

// With `-c` bash ends of an error of the language as `bash -c` does, with the same status.
const start = `IFS= builtin read -rd '' __sw_b; builtin eval -- "$__sw_b"`;
/** Runs the loop, and again for each line that comes when it was left: nothing leaves `mapfile`, which is no loop. */
const again = (loop: string): string =>
  `builtin unset __sw_b; builtin mapfile -tu ${channel} -c 1 -C '${quoted(`builtin readonly __sw_a; ${loop} #`)}' __sw_a`;

/** Ends the tag of a command before which an interrupt was sent. */
const late = '!';
/** Ends the tag of a command that may set an EXIT trap, and of all after it. */
const trapping = '+';

function driver(secret: string, fences: Fences, isStarted: boolean): Driver {
  let mayTrap = false;
  let mayDebug = false;
  // `enable -n printf` takes even `builtin printf` away: it is turned on for as long as it takes.
  const print = (format: string, values: string, to: number): string => {
    const printf = `builtin printf '\\0${secret}${format}\\n' ${values} >&${to}`;
    return `${printf} || { builtin enable printf; ${printf}; builtin enable -n printf; }`;
  };
  const fence = (flags: string): string =>
    print(`%s %s %s ${flags}`, '"$__sw_n" "$__sw_s" "${!-}"', stdout) +
    (fences === 'both' ? `; ${print('%s ', '"$__sw_n"', stderr)}` : '');
  const redirections = `<&${stdin} >&${stdout} 2>&${stderr}`;
  // `__sw` gives the command the $? of the one before.
  const evaluateIn = (evaluate: string): string =>
    `case $__sw_s in 0) ${evaluate};; [1-9]*) __sw || ${evaluate};; *) __sw_r=4; continue; esac`;
  const simple = evaluateIn(`builtin eval -- "$__sw_c" ${redirections}`);
  // Those of a simple command are undone before an EXIT trap runs, and what it writes would be lost: where there may be one, the streams are
  // opened for good, and closed after the command, which may have begun a trace. With a trace the driver's own lines would show, and in a
  // DEBUG trap too: then they are not. Nor where `exec` would not do so, or end bash.
  const opened =
    `case $- in *x*) ${simple};; *) if builtin declare -F exec >/dev/null || ! { builtin :; } ${redirections}; then ${simple}; else exec ${redirections}; ${evaluateIn('builtin eval -- "$__sw_c"')}; ` +
    `{ __sw_s=$?; case $- in *x*) __sw_x=x; builtin set +x;; *) __sw_x=; esac; } 2>&-; exec <&- >&- 2>&-; case $__sw_x in x) builtin set -x; esac; __sw; fi; esac`;
  // A `break` or `continue` outside any loop of the command's own ends the rest of the command, where `bash -c` would go on: so it says so.
  const stray = `builtin printf '%s\\n' 'bash: break and continue are only meaningful in a loop: the rest of the command was not run' >&${stderr}; __sw_s=1`;
  // The report stands in the loop's condition, where a stray `continue` cannot pass it by; __sw_r is 0 before its first byte, so that an
  // interrupt cannot repeat it. A status of 1 may be that of a redirection to a descriptor that the command took away: then it is no status.
  const report =
    `case $__sw_r in 0);; *) case $__sw_r in 5);; 1) ${stray};; 3) __sw_s=130;; *) __sw_s=lost; esac; __sw_r=0; ` +
    `case $__sw_s in 1) <&${stdin} 2>&${stderr} && builtin eval : || __sw_s=lost; esac; ${fence('')}; esac`;
  const run =
    `case $__sw_i$__sw_n in 0*${trapping}) ${opened};; 0*) ${simple};; 1*${late}${trapping}) __sw_i=0; ${opened};; 1*${late}) __sw_i=0; ${simple};; ` +
    `1*) __sw_i=0 __sw_r=3; continue;; *) __sw_r=4; continue; esac`;
  // bash runs a pending trap before a simple command and not before an assignment: a late interrupt must not find __sw_r set.
  const loop =
    `while ${report}; IFS=' ' builtin read -u ${channel} -rd '' __sw_n __sw_c; do builtin :; __sw_r=1; ${run}; __sw_s=$? __sw_r=5; done; ` +
    `case $__sw_r in 0) exit 0;; 1) ${stray};; 2) shopt -u extdebug; __sw_s=130;; *) __sw_s=130; esac; __sw_r=0; ${fence('x')}`;
  const [enter, resume] = isStarted
    ? [`${again(loop)}\0\n`, '\n']
    : [`${loop}; exec <&${channel}\n`, `exec <&-; ${loop}; exec <&${channel}\n`];
  return {
    boot:
      `exec ${channel}<&0 ${stdin}</dev/null ${stdout}>&1 ${stderr}>&2 <&- >&- 2>&- || { ${noRoom}; }; __sw_r=0 __sw_i=0 __sw_s=0; ` +
      `__sw() { return "$__sw_s"; }; trap '${quoted(onInterrupt)}' INT; trap 'builtin kill -INT $$; builtin :' ${relay.slice(3)}; ${enter}`,
    relay,
    resume,
    descriptors: { channel, stdin, stdout, stderr },
    label: (tag, text) => {
      if (text.includes('trap')) {
        mayTrap ||= mayTrapExit(text);
        mayDebug ||= text.includes('DEBUG');
      }
      return mayTrap && !mayDebug ? tag + trapping : tag;
    },
    // `read` strips trailing blanks from the last field; a newline after them keeps them.
    frame: (tag, text) => `${tag} ${text}${text.endsWith(' ') ? '\n' : ''}\0`,
    marker: (tag) => markerOf(secret, tag),
    report: parseReport,
    afterInterrupt: (tag) => tag + late,
  };
}

function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
