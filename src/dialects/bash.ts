import type { Dialect, Driver, Extras, Fences } from './dialect.ts';
import { assignments, displaced, folderWord, noCwd, noEnv, noFile } from './posix/extras.ts';
import { markerOf, mayTrapExit, parseReport } from './posix/fence.ts';
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
  // Most shells never need these functions, and bash reads each byte of them by itself.
  let helpers: 'unknown' | 'sent' | 'known' = 'unknown';
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
    `case $__sw_r in 0) exit 0;; 1) ${stray};; 2) shopt -u extdebug; __sw_s=130;; *) __sw_s=130; esac; __sw_r=5; case $__sw_w in 1) __sw_g; esac; __sw_r=0; ${fence('x')}; exec <&${channel}\n`;
  return {
    boot:
      `exec ${channel}<&0 ${stdin}</dev/null ${stdout}>&1 ${stderr}>&2 <&- >&- 2>&-; __sw_r=0 __sw_i=0 __sw_s=0 __sw_w=; ` +
      `__sw() { return "$__sw_s"; }; trap '${quoted(onInterrupt)}' INT; ${loop}`,
    resume: `exec <&-; ${loop}`,
    descriptors: { channel, stdin, stdout, stderr },
    label: (tag, text, isSpecial) => {
      mayTrap ||= mayTrapExit(text);
      return tag + (mayTrap ? trapping : '') + (isSpecial ? special : '');
    },
    // `read` strips trailing blanks from the last field; a newline after them keeps them.
    frame: (tag, text, extras) => {
      let record = extras ? withExtras(extras, text, tag.includes(trapping)) : text;
      if (helpers !== 'known' && (extras?.cwd !== undefined || extras?.env)) {
        record = helperFunctions + record;
        helpers = 'sent';
      }
      return `${tag} ${record}${record.endsWith(' ') ? '\n' : ''}\0`;
    },
    longText: 4_096,
    marker: (tag) => markerOf(secret, tag),
    report: (payload) => {
      const report = parseReport(payload);
      // A command that was interrupted may not have begun.
      if (helpers === 'sent') helpers = report && !report.left && report.exitCode !== 130 ? 'known' : 'unknown';
      return report;
    },
    afterInterrupt: (tag) => tag + late,
  };
}

// The text of a command with something of its own is read when the user's aliases may be there: a backslash keeps them away.
// __sw_w is 1 while a command has a folder of its own; __sw_p is where the shell was (as bash knows it: PWD can be assigned to) and __sw_o its
// OLDPWD. `cd` fails though it went there when PWD is read-only, and an assignment to a read-only variable would leave the driver's loop.
// In front of a command such an assignment does nothing, and so is tried first; a function may be in the way of `command`.
const helperFunctions =
  `__sw_v() { \\builtin local "$@" && ! \\builtin declare -F command >/dev/null || { ${lack(noEnv)}; \\builtin return 1; }; }; ` +
  `__sw_f() { __sw_p=\${DIRSTACK-\${PWD-}} __sw_o=\${OLDPWD-} __sw_w=1; \\builtin cd -- "$1" 2>&${stderr} || { ${lack(noCwd)}; \\builtin return 1; }; }; ` +
  `__sw_g() { __sw_w=; \\builtin cd -- "$__sw_p" || :; [[ . -ef $__sw_p ]] || __sw_s=$((__sw_s+${displaced})); ` +
  `case $__sw_o in "\${OLDPWD-}") ;; '') \\builtin unset OLDPWD || :;; *) \\builtin printf -v OLDPWD %s "$__sw_o" || :; esac; }; `;

/** The driver's text for a command with something of its own. */
function withExtras(extras: Extras, text: string, mayTrap: boolean): string {
  const { input, merge = false, cwd, env = {}, textFile } = extras;
  const names = Object.keys(env);
  // The expansion is made when what stands before it is open, and so tells that it is.
  const opened = input === undefined ? `<&${stdin} >&${stdout}` : `<${quote(input)} >&"$((__sw_x=${stdout}))"`;
  const redirections = `${opened} 2>&${merge ? 1 : stderr}`;
  // Assignments in front of `builtin` last until the first child only.
  const evaluate = `${assignments(extras)}${names.length > 0 ? '\\command' : '\\builtin'} eval -- "$__sw_c"`;
  const simple = `\\__sw && :; ${evaluate} ${redirections}`;
  const either = mayTrap
    ? `case $- in *x*) ${simple};; *) \\__sw && :; { ${evaluate}; } ${redirections}; esac`
    : simple;
  let run = `${either}; __sw_s=$? __sw_r=5`;
  if (input !== undefined) run += `; case $__sw_x in '') __sw_s=${noFile}; esac`;
  if (names.length > 0) run = `if \\__sw_v ${names.join(' ')}; then ${run}; fi`;
  if (textFile !== undefined) run = `case $__sw_c in '') ${lack(noFile)};; *) ${run}; esac`;
  if (cwd !== undefined) run = `if \\__sw_f ${folderWord(cwd)}; then ${run}; fi; \\__sw_g`;
  const load =
    textFile === undefined
      ? `${input === undefined ? '' : '__sw_x= '}__sw_c=${quote(text)}`
      : `__sw_x= __sw_c=; IFS= \\builtin read -rd '' __sw_c <${quote(textFile)} || :`;
  return `${load}; ${run}`;
}

function lack(code: number): string {
  return `__sw_s=${code} __sw_r=5`;
}

function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
