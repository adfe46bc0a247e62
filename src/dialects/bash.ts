import type { Dialect, Driver, Extras, Fences } from './dialect.ts';
import { ansiQuote } from './posix/ansi-quote.ts';
import { backgroundScript } from './posix/background.ts';
import { assignments, displaced, folderWord, noCwd, noEnv, noFile } from './posix/extras.ts';
import { markerOf, mayTrapExit, parseReport } from './posix/fence.ts';
import { checkLaunch, type LaunchOptions } from './posix/options.ts';
import { insideQuotes, quote } from './posix/quote.ts';

/**
 * GNU bash 4.1 and later.
 *
 * Commands arrive as records, with their length in front, read by a loop. When a command leaves the loop (`break 9`), it is run again for a line
 * that the host writes; or, where bash was started with other arguments, it is written again, for bash reads the same stream as its script.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function bash(options?: LaunchOptions): Dialect {
  const launch = checkLaunch(options, 'bash', 'bash', ['--noprofile', '--norc', '-c', start], /^r?bash\b/);
  const isStarted = launch.args.at(-1) === start;
  return {
    name: 'bash',
    ...launch,
    driver: (secret, fences) => driver(secret, fences, isStarted),
    extras: true,
    background: (work) => backgroundScript(work, { quote, builtin: '\\builtin' }),
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

/** Of the length of the boot text, which is in front of it. */
const startWidth = 6;
// With `-c` bash ends of an error of the language as `bash -c` does, with the same status.
const start = `case $BASH_VERSION in [123].*|4.0.*) echo "bash() needs bash 4.1, and this is $BASH_VERSION" >&2; exit 1; esac; builtin read -rN ${startWidth} __sw_b && builtin read -rN "$__sw_b" __sw_b && builtin eval -- "$__sw_b"`;
/** Runs the loop, and again for each line that comes when it was left: nothing leaves `mapfile`, which is no loop. */
const again = (loop: string): string =>
  `builtin unset __sw_b; builtin mapfile -tu ${channel} -c 1 -C '${quoted(`builtin readonly __sw_a; ${loop} #`)}' __sw_a`;

/** The streams that were opened for good; a trace must not show it. */
const closed = `{ __sw_s=$?; case $- in *x*) __sw_y=x; builtin set +x;; *) __sw_y=; esac; } 2>&-; exec <&- >&- 2>&-; case $__sw_y in x) builtin set -x; esac`;

/** Before 5.0 `${!-}` is an error under `set -u`, until there has been a job. */
const lastJob = 'case $BASH_VERSION in 4*) { : & } 2>/dev/null; wait; esac; ';

/** Ends the tag of a command before which an interrupt was sent. */
const late = '!';
/** Ends the tag of a command that has something of its own. */
const special = '=';
/** What `read -N` counts as one character each in every locale, and takes as it is. */
const plain = /^[\t\n\x20-\x7e]*$/;
/** Ends the tag of a command that may set an EXIT trap, and of all after it. */
const trapping = '+';

// In front of each text, always as wide: the guard, the tag, blanks, a colon, and the length of the text. `read -N` is the one `read` of a pipe
// that bash makes with one system call. It takes first what its buffer holds, which is that of every other `read` too: so what does not begin
// with the guard, which no command knows, is not run.
const tagWidth = 12;
const lengthWidth = 12;

function driver(secret: string, fences: Fences, isStarted: boolean): Driver {
  let mayTrap = false;
  let mayDebug = false;
  // Most shells never need these functions.
  let helpers: 'unknown' | 'sent' | 'known' = 'unknown';
  const guard = secret.slice(0, 6);
  const fieldWidth = guard.length + tagWidth;
  const field = (tag: string): string => (guard + tag).padEnd(fieldWidth);
  // `enable -n printf` takes even `builtin printf` away: it is turned on for as long as it takes.
  const print = (format: string, values: string, to: number): string => {
    const printf = `builtin printf '\\0${secret}${format}\\n' ${values} >&${to}`;
    return `${printf} || { builtin enable printf; ${printf}; builtin enable -n printf; }`;
  };
  const fence = (flags: string): string =>
    print(`%.${fieldWidth}s %s %s ${flags}`, '"$__sw_n" "$__sw_s" "${!-}"', stdout) +
    (fences === 'both' ? `; ${print(`%.${fieldWidth}s `, '"$__sw_n"', stderr)}` : '');
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
    `${closed}; __sw; fi; esac`;
  // The report stands in the loop's condition, where a stray `continue` cannot pass it by; __sw_r is 0 before its first byte, so that an
  // interrupt cannot repeat it. A status of 1 may be that of a redirection to a descriptor that the command took away: then it is no status.
  // bash 5.2 loses its place in its own input when a text ends inside `$(`, and dies of that when the loop is left; a substitution sets it right.
  const report =
    `case $__sw_r$__sw_s in 0*);; 50) __sw_r=0; ${fence('')};; *) case $__sw_r in 5);; 1) __sw_r=5; __sw_b;; 3) __sw_s=130;; *) __sw_s=lost; esac; __sw_r=0; ` +
    `case $__sw_s in 1) <&${stdin} 2>&${stderr} && builtin eval : || __sw_s=lost;; 2) case $__sw_c in *\\(*|*__sw_t*) __sw_x=$(:); esac; esac; ${fence('')}; esac`;
  // The record of such a command says what it is to have, and may have seen to it all (__sw_r is then not 1). The command itself is evaluated
  // here, no deeper than others: under two `eval` its trace would be deeper, and what an EXIT trap writes would be lost.
  const own =
    `__sw_h=/dev/null __sw_m=${stderr} __sw_x=; builtin eval -- "$__sw_c"; case $__sw_r in 1) __sw && :; ` +
    `case $__sw_n$- in *${trapping}${special}*x*|*[!${trapping}]${special}*) builtin eval -- "$__sw_c" ${given}; __sw_s=$?;; ` +
    `*) if builtin declare -F exec >/dev/null || ! [[ -r $__sw_h ]]; then builtin eval -- "$__sw_c" ${given}; __sw_s=$?; else exec ${given}; ` +
    `case $__sw_x in '') ;; *) __sw && :; builtin eval -- "$__sw_c"; esac; ${closed}; fi; esac; ` +
    `__sw_r=5; ${unlessOpened}; esac; case $__sw_w in 1) __sw_g; esac; continue`;
  const run =
    `case $__sw_i$__sw_s$__sw_n in 00*[0-9a-z]\\ *) builtin eval -- "$__sw_c" ${redirections};; *) case $__sw_i$__sw_n in 0*${special}*|1*${late}*${special}*) __sw_i=0; ${own};; 0*${trapping}*|1*${late}${trapping}*) __sw_i=0; ${opened};; 0*) ${simple};; 1*${late}*) __sw_i=0; ${simple};; ` +
    `1*) __sw_i=0 __sw_r=3; continue;; *) __sw_r=4; continue; esac; esac`;
  // When no record can be read, its head is empty at the end of the stream; where it is not, the command took something away (`readonly`,
  // `enable -n`) or put something there, and a status would be one of a command that has not run.
  // bash runs a pending trap before a simple command and not before an assignment: a late interrupt must not find __sw_r set.
  const read =
    `builtin read -u ${channel} -rN ${fieldWidth + lengthWidth} __sw_n && ` +
    `[[ $__sw_n == ${guard}* ]] && builtin read -u ${channel} -rN "\${__sw_n#*:}" __sw_c`;
  const loop =
    `while ${report}; ${read}; do builtin :; __sw_r=1; ${run}; __sw_s=$? __sw_r=5; done; ` +
    `case $__sw_r in 0) case $__sw_n in '') exit 0;; *) kill -KILL $$; esac;; 1) __sw_r=5; __sw_b;; 2) shopt -u extdebug; __sw_s=130;; *) __sw_s=130; esac; __sw_r=5; case $__sw_w in 1) __sw_g; esac; __sw_r=0; ${fence('x')}`;
  const [enter, resume] = isStarted
    ? [again(loop), '\n']
    : [`${loop}; exec <&${channel}\n`, `exec <&-; ${loop}; exec <&${channel}\n`];
  const boot =
    `exec ${channel}<&0 ${stdin}</dev/null ${stdout}>&1 ${stderr}>&2 <&- >&- 2>&- || { ${noRoom}; }; __sw_r=0 __sw_i=0 __sw_s=0 __sw_w=; ` +
    `__sw() { return "$__sw_s"; }; ${stray}; trap '${quoted(onInterrupt)}' INT; trap 'builtin kill -INT $$; builtin :' ${relay.slice(3)}; ${lastJob}${enter}`;
  return {
    // What comes behind it begins the loop.
    boot: isStarted ? `${String(boot.length).padStart(startWidth, '0')}${boot}${resume}` : boot,
    relay,
    resume,
    descriptors: { channel, stdin, stdout, stderr },
    label: (tag, text, isSpecial) => {
      if (text.includes('trap')) {
        mayTrap ||= mayTrapExit(text);
        mayDebug ||= text.includes('DEBUG');
      }
      return tag + (mayTrap && !mayDebug ? trapping : '') + (isSpecial || !plain.test(text) ? special : '');
    },
    frame: (tag, text, extras) => {
      // Of an empty text there is nothing to read: a blank does the same.
      let record = tag.includes(special) ? withExtras(extras ?? {}, text, tag.includes(trapping)) : text || ' ';
      if (helpers !== 'known' && (extras?.cwd !== undefined || extras?.env)) {
        record = helperFunctions + record;
        helpers = 'sent';
      }
      const { length } = record;
      return field(tag).padEnd(fieldWidth + lengthWidth - `:${length}`.length) + `:${length}${record}`;
    },
    longText: 4_096,
    takesOutputs: true,
    marker: (tag) => markerOf(secret, field(tag)),
    report: (payload) => {
      const report = parseReport(payload);
      // A command that was interrupted may not have begun.
      if (helpers === 'sent') helpers = report && !report.left && report.exitCode !== 130 ? 'known' : 'unknown';
      return report;
    },
    afterInterrupt: (tag) => tag + late,
  };
}

// A `break` or `continue` outside any loop of the command's own ends the rest of the command, where `bash -c` would go on: so it says so.
const stray =
  `__sw_b() { builtin printf '%s\\n' 'bash: break and continue are only meaningful in a loop: the rest of the command was not run' >&${stderr}; ` +
  '__sw_s=1; case $__sw_w in 1) __sw_g; esac; }';

// Of a command with something of its own: its input is __sw_h, its stderr goes where __sw_m does. The expansion is made when what stands
// before it is open, and so tells that it is.
const given = `<"$__sw_h" >&"$((__sw_x=${stdout}))" 2>&"$__sw_m"`;
const unlessOpened = `case $__sw_x in '') __sw_s=${noFile}; esac`;

// The text of a command with something of its own is read when the user's aliases may be there: a backslash keeps them away.
// __sw_w is 1 while a command has a folder of its own; __sw_p is where the shell was (as bash knows it: PWD can be assigned to) and __sw_o its
// OLDPWD. `cd` fails though it went there when PWD is read-only, and an assignment to a read-only variable would leave the driver's loop.
// In front of a command such an assignment does nothing, and so is tried first; a function may be in the way of `command`.
const helperFunctions =
  `__sw_v() { \\builtin local "$@" && ! \\builtin declare -F command >/dev/null || { ${lack(noEnv)}; \\builtin return 1; }; }; ` +
  `__sw_f() { __sw_p=\${DIRSTACK-\${PWD-}} __sw_o=\${OLDPWD-} __sw_w=1; \\builtin cd -- "$1" 2>&${stderr} || { ${lack(noCwd)}; \\builtin return 1; }; }; ` +
  `__sw_g() { __sw_w=; \\builtin cd -- "$__sw_p" || :; [[ . -ef $__sw_p ]] || __sw_s=$((__sw_s+${displaced})); ` +
  `case $__sw_o in "\${OLDPWD-}") ;; '') \\builtin unset OLDPWD || :;; *) \\builtin printf -v OLDPWD %s "$__sw_o" || :; esac; }; `;

/** The driver's text for a command with something of its own; `mayTrap`: it is evaluated where the streams are opened for good, unless there is a trace. */
function withExtras(extras: Extras, text: string, mayTrap: boolean): string {
  const { input, merge, cwd, env = {}, textFile, outputs } = extras;
  const names = Object.keys(env);
  const steps =
    textFile === undefined
      ? [`__sw_c=${asciiQuote(text)}`]
      : [
          `__sw_c=; IFS= \\builtin read -rd '' __sw_c <${asciiQuote(textFile)} || :`,
          `case $__sw_c in '') ${lack(noFile)}; esac`,
        ];
  // `builtin exec` would lead them elsewhere for itself only.
  if (outputs)
    steps.unshift(
      `\\exec ${stderr}>${asciiQuote(outputs.stderr)} ${stdout}>${asciiQuote(outputs.stdout)} || { ${lack(noFile)}; }`,
    );
  if (input !== undefined) steps.push(`__sw_h=${asciiQuote(input)}`);
  if (merge) steps.push('__sw_m=1');
  if (cwd !== undefined) steps.push(`\\__sw_f ${folderWord(cwd, asciiQuote)} || :`);
  if (names.length > 0) {
    // Assignments in front of `builtin` would last until the first child only.
    const evaluate = `${assignments(extras, asciiQuote)}\\command eval -- "$__sw_t"`;
    const deeper = `\\__sw && :; ${evaluate} ${given}; __sw_s=$? __sw_r=5; ${unlessOpened}`;
    const run = mayTrap ? `case $- in *x*) ${deeper};; *) __sw_c=${asciiQuote(evaluate)}; esac` : deeper;
    steps.push(`case $__sw_r in 1) __sw_t=$__sw_c; if \\__sw_v ${names.join(' ')}; then ${run}; fi; esac`);
  }
  return steps.join('; ');
}

/** One word of plain characters only. */
function asciiQuote(value: string): string {
  if (plain.test(value)) return quote(value);
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;
  return ansiQuote(value).replaceAll(/[^\t\n\x20-\x7e]+/g, (others) => Array.from(Buffer.from(others), octal).join(''));
}

function lack(code: number): string {
  return `__sw_s=${code} __sw_r=5`;
}

function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
