import { descendantsOf } from './descendants.ts';
import { canLook } from './descriptors.ts';
import { holdsOneOf } from './escaped.ts';
import { signalAll } from './foreground.ts';
import { signalProcess } from './group.ts';
import { outside } from './outside.ts';
import { isSame, processEntry, processTable, type ProcessEntry } from './table.ts';

/**
 * What one background command has running: all below its keeper, and all that holds its pipes, wherever that has gone. The keeper, which waits
 * for it and then writes the fence, is not of it. On Linux only: elsewhere the keeper alone is known.
 */
export class Kin {
  readonly #keeper: number;
  /** Of the keeper; undefined where it has ended already, or where nobody can tell. */
  readonly #start: number | undefined;
  /** Nothing that was there before the shell is of it. */
  readonly #floor: number;
  readonly #pipes: ReadonlySet<string>;
  /** All that was ever seen, by id. */
  readonly #seen = new Map<number, ProcessEntry>();

  /**
   * @param shell the process that started it
   * @param pipes the FIFOs that it was given for its output
   */
  constructor(shell: number, keeper: number, pipes: readonly string[]) {
    this.#keeper = keeper;
    this.#floor = processEntry(shell)?.start ?? 0;
    this.#start = processEntry(keeper)?.start;
    this.#pipes = new Set(pipes);
  }

  note(): void {
    this.#look();
  }

  /** False when there is nothing to signal. An interrupt reaches all of it, so that there are no strangers. */
  signal(signal: NodeJS.Signals, strangers = false): boolean {
    if (strangers) return false;
    const processes = this.#look();
    signalAll(processes, signal);
    return processes.length > 0;
  }

  endLeft(grace: number): void {
    if (!this.signal('SIGTERM')) return;
    outside(() => setTimeout(() => this.#kill(), grace).unref());
  }

  /** With its keeper. */
  kill(): void {
    // First what is known, which may start more; then what it has started.
    this.#kill();
    if (this.#keeperLives) signalProcess(this.#keeper, 'SIGKILL');
    this.#kill();
  }

  #kill(): void {
    this.#look();
    signalAll([...this.#seen.values()].filter(isSame), 'SIGKILL');
  }

  get #keeperLives(): boolean {
    return this.#start === undefined ? !canLook : processEntry(this.#keeper)?.start === this.#start;
  }

  #look(): ProcessEntry[] {
    const below = this.#keeperLives ? descendantsOf(this.#keeper) : [];
    const holders = [...(processTable()?.values() ?? [])].filter(
      ({ pid, start }) =>
        start >= this.#floor && pid !== this.#keeper && pid !== process.pid && holdsOneOf(this.#pipes, pid),
    );
    const found = new Map([...below, ...holders].map((entry) => [entry.pid, entry]));
    for (const [pid, entry] of found) this.#seen.set(pid, entry);
    return [...found.values()];
  }
}
