import type { Task } from '../execution/task.ts';

/** Looks after the commands that may take what is the driver's. */
export class OursWatch {
  readonly #moved: () => number | undefined;
  /** Its descriptors may have been led elsewhere: they are looked at after each command from then on. */
  #isWary = false;

  /** @param moved the first of the driver's descriptors that leads elsewhere */
  constructor(moved: () => number | undefined) {
    this.#moved = moved;
  }

  /** A command is about to run. */
  note({ apart, script }: Task): void {
    this.#isWary ||= !apart && mayTakeOurs.test(script);
  }

  /** What the command took: it would take the output of later ones elsewhere, and nothing else would tell. */
  takenBy(task: Task | undefined): string | undefined {
    if (!this.#isWary) return undefined;
    const moved = this.#moved();
    if (moved !== undefined) return `descriptor ${moved}, by which the shell answers, was taken`;
    return task && !task.apart ? takenBy(task.script) : undefined;
  }
}

/**
 * Whether what a command does has to be looked at when it has ended. Only these redirect for good, and what is hidden from it, in a file or a
 * function, has to be loaded or made by one of them; or it speaks of what is ours.
 */
const mayTakeOurs = /exec|source|eval|\.\s|\}[<>]|__sw|<\s*\/(?:dev|proc)\/|XTRACEFD/;

/**
 * What of ours a command takes by its own words, if it does. The driver's variables can be made such that they are not what was assigned to them
 * (`declare -u`), and who reads the pipe of stderr, which is written to by the host, takes from it what later commands write: nothing else would tell.
 */
function takenBy(text: string): string | undefined {
  if (changesNames.test(text)) return 'it changes names that begin with __sw, which are the driver’s';
  if (readsOutput.test(text)) return 'it reads the pipe by which the shell answers';
  return tracesToOurs.test(text) ? 'it writes its trace to a descriptor that is the driver’s' : undefined;
}

const changesNames =
  /\b(?:readonly|declare|typeset|local|export|unset|integer|float|unfunction|enable|disable)\b[^\n;&|]*\b__sw|\b__sw_\w+(?:\+?=|\[)|\b__sw\w*\s*\(\s*\)/;
const readsOutput = /(?<!<)<\s*\/(?:dev|proc\/(?:self|\$\$))\/(?:std(?:out|err)|fd\/[12])\b/;
const tracesToOurs = /XTRACEFD=(?:249|25[0-2])\b/;
