import type { Dialect, Driver, Extras, Fences } from './dialect.ts';
import { assignments, folderWord, rememberFolder, restoreFolder } from './posix/extras.ts';
import { markerOf, mayTrapExit, noCwd, noEnv, parseReport } from './posix/fence.ts';
import { checkLaunch, type LaunchOptions } from './posix/options.ts';
import { insideQuotes, quote } from './posix/quote.ts';

/**
 * GNU bash 4 and later.
 *
 * Commands arrive as records `tag text NUL`, read by a loop from the same stream that the loop itself came from: so a command that
 * leaves the loop (`break 9`) leaves bash reading that stream, where the host writes the loop again.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function bash(options?: LaunchOptions): Dialect {
  return {
    name: 'bash',
    ...checkLaunch(options, 'bash', 'bash', ['--noprofile', '--norc']),
    capabilities: { signals: true, streamInput: true, localFiles: true },
    driver,
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

// __sw_r says what runs: 0 the driver, 1 a command, 2 one whose functions are being unwound by an interrupt, 3 one that was interrupted,
// 5 one that has ended.
// __sw_i is 1 when an interrupt came outside a command: it was meant for the next one, unless that one's tag says (`!`) that the host sent it
// to an earlier one.
// An interrupt leaves every loop by `break`. Inside functions that does not reach the caller, so there a DEBUG trap under extdebug makes each
// next command of every caller return, until the top is reached and `break 0` (an error that breaks all loops) skips the command and leaves.
const onInterrupt = `case $__sw_r\${FUNCNAME+f} in 0*) __sw_i=1;; 1) __sw_r=3; break 9999;; 1f) __sw_r=2 __sw_d=$(trap -p DEBUG); shopt -s extdebug; trap '${quoted(
  `case \${FUNCNAME+f} in "") trap - DEBUG; eval "$__sw_d"; break 0 2>/dev/null;; *) return 130; esac`,
)}' DEBUG;; esac`;

/** Ends the tag of a command before which an interrupt was sent. */
const late = '!';
/** Ends the tag of a command that has something of its own. */
const special = '=';
/** Ends the tag of a command that may set an EXIT trap, and of all after it. */
const trapping = '+';

function driver(secret: string, fences: Fences): Driver {
  let mayTrap = false;
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
  // Those of a simple command are undone before an EXIT trap runs that `set -e` has brought, and what it writes would be lost.
  // A group lets the trace of the driver's own line through: so only where there may be such a trap, and no trace.
  const grouped = `case $- in *x*) ${simple};; *) ${evaluateIn(`{ builtin eval -- "$__sw_c"; } ${redirections}`)}; esac`;
  // A `break` or `continue` outside any loop of the command's own ends the rest of the command, where `bash -c` would go on: so it says so.
  const stray = `builtin printf '%s\\n' 'bash: break and continue are only meaningful in a loop: the rest of the command was not run' >&${stderr}; __sw_s=1`;
  // The report stands in the loop's condition, where a stray `continue` cannot pass it by; __sw_r is 0 before its first byte, so that an
  // interrupt cannot repeat it. A status of 1 may be that of a redirection to a descriptor that the command took away: then it is no status.
  const report =
    `case $__sw_r in 0);; *) case $__sw_r in 5);; 1) ${stray};; 3) __sw_s=130;; *) __sw_s=lost; esac; __sw_r=0; ` +
    `case $__sw_s in 1) <&${stdin} 2>&${stderr} && builtin eval : || __sw_s=lost; esac; ${fence('')}; esac`;
  // A text of the driver's own, which sees to the status itself; `continue` goes to the report.
  const own = `builtin eval -- "$__sw_c"; continue`;
  const run =
    `case $__sw_i$__sw_n in 0*${special}) ${own};; 1*${late}*${special}) __sw_i=0; ${own};; 0*${trapping}) ${grouped};; 0*) ${simple};; 1*${late}${trapping}) __sw_i=0; ${grouped};; 1*${late}) __sw_i=0; ${simple};; ` +
    `1*) __sw_i=0 __sw_r=3; continue;; *) __sw_r=4; continue; esac`;
  // bash runs a pending trap before a simple command and not before an assignment: a late interrupt must not find __sw_r set.
  const loop =
    `while ${report}; IFS=' ' builtin read -u ${channel} -rd '' __sw_n __sw_c; do builtin :; __sw_r=1; ${run}; __sw_s=$? __sw_r=5; done; ` +
    `case $__sw_r in 0) exit 0;; 1) ${stray};; 2) shopt -u extdebug; __sw_s=130;; *) __sw_s=130; esac; __sw_r=0; ${fence('x')}; exec <&${channel}\n`;
  return {
    boot:
      `exec ${channel}<&0 ${stdin}</dev/null ${stdout}>&1 ${stderr}>&2 <&- >&- 2>&-; __sw_r=0 __sw_i=0 __sw_s=0; ` +
      `__sw() { return "$__sw_s"; }; trap '${quoted(onInterrupt)}' INT; ${loop}`,
    // An interrupt may have left the text of a command that was to go back to its folder.
    resume: `exec <&-; ${restoreFolder(cd, 'builtin unset')}; ${loop}`,
    descriptors: { channel, stdin, stdout, stderr },
    label: (tag, text, isSpecial) => {
      mayTrap ||= mayTrapExit(text);
      return tag + (mayTrap ? trapping : '') + (isSpecial ? special : '');
    },
    // `read` strips trailing blanks from the last field; a newline after them keeps them.
    frame: (tag, text, extras) => {
      const record = extras ? withExtras(extras, text, tag.includes(trapping)) : text;
      return `${tag} ${record}${record.endsWith(' ') ? '\n' : ''}\0`;
    },
    longText: 16_384,
    marker: (tag) => markerOf(secret, tag),
    report: parseReport,
    afterInterrupt: (tag) => tag + late,
  };
}

const cd = 'builtin cd --';

/** The driver's text for a command with something of its own. */
function withExtras(extras: Extras, text: string, mayTrap: boolean): string {
  const { input, merge = false, cwd, env, textFile } = extras;
  const redirections = `<${input === undefined ? `&${stdin}` : quote(input)} >&${stdout} 2>&${merge ? 1 : stderr}`;
  // Assignments in front of `builtin` are not exported, and last.
  const evaluate = `${assignments(extras)}${env ? 'command' : 'builtin'} eval -- "$__sw_c"`;
  const again = (command: string): string => `case $__sw_s in 0) ${command};; *) __sw || ${command}; esac`;
  const simple = again(`${evaluate} ${redirections}`);
  const evaluated = mayTrap
    ? `case $- in *x*) ${simple};; *) ${again(`{ ${evaluate}; } ${redirections}`)}; esac`
    : simple;
  const run = unlessReadOnly(Object.keys(env ?? {}), `${evaluated}; __sw_s=$? __sw_r=5`);
  const load =
    textFile === undefined ? `__sw_c=${quote(text)}` : `IFS= builtin read -rd '' __sw_c <${quote(textFile)} || :`;
  if (cwd === undefined) return `${load}; ${run}`;
  return (
    `${load}; ${rememberFolder}; if ${cd} ${folderWord(cwd)} >/dev/null 2>&${stderr}; then ${run}; else __sw_s=${noCwd} __sw_r=5; fi; ` +
    restoreFolder(cd, 'builtin unset')
  );
}

/** bash runs a command all the same when one of its variables is read-only, with the value that it had; and a function may be in the way. */
function unlessReadOnly(names: string[], run: string): string {
  if (names.length === 0) return run;
  const attributes = names.map((name) => `\${${name}+\${${name}@a}}`).join('');
  return `if builtin declare -F command >/dev/null; then __sw_s=${noEnv} __sw_r=5; else case ${attributes} in *r*) __sw_s=${noEnv} __sw_r=5;; *) ${run}; esac; fi`;
}

function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
