import type { Dialect, Driver, Fences } from './dialect.ts';
import { checkInterpreter, type InterpreterOptions } from './interpreters/options.ts';
import { markerOf, parseReport } from './posix/fence.ts';
import { assertText } from './posix/quote.ts';

/**
 * fish 3.4 and later.
 *
 * fish reads its stdin as a whole before it runs any of it: so its script is a loop, given by `-c`, that reads records of a tag and a text, each ended by a NUL.
 * An interrupt ends all that a `-c` runs; so there are many, each of which goes on where the one before was ended.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function fish(options?: InterpreterOptions): Dialect {
  return {
    name: 'fish',
    ...checkInterpreter(options, 'fish', 'fish', injected, /^fish\b/, ['--no-config']),
    env: { FISH_DEBUG: undefined, FISH_DEBUG_OUTPUT: undefined, fish_trace: undefined },
    driver,
    quote,
    insideQuotes,
    phrases: {
      nothing: ':',
      changeFolder: ['cd -- ', ''],
      setVariable: (name) => [`set -gx ${name} `, ''],
      unsetVariable: (name) => `set -e ${name}`,
      and: '; and ',
    },
  };
}

/** What an interrupt, or a `return`, takes away one of. */
const lives = 400;
// Interactive, since another fish ends itself when its child dies of SIGINT.
const injected = [
  '-i',
  '-c',
  'builtin read -gz __sw_b; eval $__sw_b',
  ...Array.from({ length: lives }, () => ['-c', 'eval $__sw_l']).flat(),
];

/** Ends the tag of a command before which an interrupt was sent. */
const late = '!';

// fish cannot lead its own descriptors elsewhere: so 0 is where records come from, and 1 and 2 are the pipes.
// __sw_n is the tag of the command that runs, __sw_s the status of the one before, and __sw_p is set when an interrupt came before a command.
// While there is the function __sw_i, an interrupt ends nothing: so it is there whenever no command runs.
const remember = 'function __sw_i --on-signal INT; set -g __sw_p +; end';
const skipped = `switch "$__sw_p$__sw_n"; case '+*${late}'; set -e __sw_p; case '+*'; set -e __sw_p; __sw_d 130; continue; end`;
const evaluate = `${skipped}; functions -e __sw_i; __sw_r $__sw_s; eval $__sw_c </dev/null; set -g __sw_s $status; ${remember}; __sw_d $__sw_s`;
// A stray `break` or `continue` leaves the command, where a script would not begin: so it says so.
const stray = `${remember}; echo 'fish: break and continue are only meaningful in a loop: the rest of the command was not run' >&2; __sw_d 1`;
const isRunning = 'test -n "$__sw_n"';
// Where a command was left, by an interrupt or a `return`, it has ended by that.
const loop =
  `set -g __sw_s $status; ${remember}; if ${isRunning}; __sw_d $__sw_s; end; ` +
  `while true; while begin; if ${isRunning}; ${stray}; end; builtin read -gz __sw_n; and builtin read -gz __sw_c; end; ${evaluate}; end; ` +
  `if not ${isRunning}; exit 0; end; end`;

function bootOf(secret: string, fences: Fences): string {
  const print = (format: string, values: string): string => `builtin printf '\\0${secret}${format}\\n' ${values}`;
  const report =
    `function __sw_d; set -l n $__sw_n; set -e __sw_n; set -g __sw_s $argv[1]; ${print('%s %s %s ', '$n $argv[1] "$last_pid"')}; ` +
    `${fences === 'both' ? `${print('%s ', '$n')} >&2; ` : ''}end`;
  return (
    `status job-control none; function __sw_r; return $argv[1]; end; ${report}; set -g __sw_s 0; set -e __sw_n; ` +
    `set -g __sw_l ${quote(loop)}; eval $__sw_l`
  );
}

function driver(secret: string, fences: Fences): Driver {
  return {
    boot: `${bootOf(secret, fences)}\0`,
    frame: (tag, text) => `${tag}\0${text}\0`,
    marker: (tag) => markerOf(secret, tag),
    report: (payload) => parseReport(payload),
    afterInterrupt: (tag) => tag + late,
  };
}

/** A single-quoted word, in which only the quote and the backslash are special. */
function quote(value: string): string {
  assertText(value, 'a value to quote');
  return `'${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

/** Whether `text` ends inside '…' or "…". In both a backslash keeps a quote from ending it. */
function insideQuotes(text: string): boolean {
  let open = '';
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '\\') index++;
    else if (char === open) open = '';
    else if (open === '' && (char === "'" || char === '"')) open = char;
  }
  return open !== '';
}
