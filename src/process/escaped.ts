import { readlinkSync } from 'node:fs';
import { descendantsOf } from './descendants.ts';
import { isRemembered } from './group.ts';
import { namesIn, processEntry, type ProcessEntry, type ProcessTable } from './table.ts';

/**
 * Finds the processes that left the session of a shell by `setsid`, and so outlive it.
 *
 * Nothing marks them for this: they are known by descent while the shell lives, and by the pipes of the shell, which they hold as long as they
 * have not closed every descriptor that they did not open. One that was left by its parent and has closed them all cannot be found. Linux only.
 */
export class Escaped {
  readonly #shell: number;
  readonly #start: number;
  readonly #pipes: Set<string>;
  /** By id, with the start that tells it from a later process of that id. */
  readonly #descendants = new Map<number, number>();

  /** @param pipes this process's ends of the shell's FIFOs; none are needed */
  constructor(shell: number, pipes: readonly number[]) {
    this.#shell = shell;
    this.#start = processEntry(shell)?.start ?? Infinity;
    this.#pipes = new Set(pipes.map((fd) => pipeOf('self', fd)).filter((name) => name !== undefined));
  }

  /** The shell writes to these FIFOs from now on. */
  addPipes(paths: readonly string[]): void {
    for (const path of paths) this.#pipes.add(path);
  }

  /** To be called before the shell is ended. */
  note(): void {
    for (const { pid, group, start } of descendantsOf(this.#shell))
      if (group !== this.#shell) this.#descendants.set(pid, start);
  }

  /** Something was seen that had left at least the shell's group. */
  get isSuspected(): boolean {
    return this.#descendants.size > 0;
  }

  /** Those of them in `table`, which was read when the shell's session was gone. */
  in(table: ProcessTable | undefined): number[] {
    if (!table) return [];
    const own = table.get(process.pid)?.session;
    return [...table.values()]
      .filter(({ session, start }) => start >= this.#start && session !== own && !isRemembered(session))
      .filter((entry) => this.#descendants.get(entry.pid) === entry.start || this.#holdsPipe(entry))
      .map(({ pid }) => pid);
  }

  #holdsPipe({ pid }: ProcessEntry): boolean {
    return this.#pipes.size > 0 && holdsOneOf(this.#pipes, pid);
  }
}

/** Whether the process has one of these FIFOs open, under any number. */
export function holdsOneOf(pipes: ReadonlySet<string>, pid: number): boolean {
  return namesIn(`/proc/${pid}/fd`).some((fd) => pipes.has(pipeOf(pid, fd) ?? ''));
}

/** The name that the FIFO had, `/tmp/shellwright-x/0`: no other one has had it. */
function pipeOf(pid: number | 'self', fd: number | string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}
