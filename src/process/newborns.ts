import { signalProcess } from './group.ts';
import { outside } from './outside.ts';
import { isSame, readProc, type ProcessEntry } from './table.ts';

/** After a signal it is looked when so much time has passed, then after twice as much, up to the limit. ms */
const first = 5;
const limit = 2_560;
/** What runs by then, and was not there at the signal, would go on. ms */
const grace = 80;

/** A command that is about to be signalled. */
export interface Signalled {
  readonly shell: number;
  /** What runs for it now. */
  look(): readonly ProcessEntry[];
  /** Whether its shell may start something because of the signal. */
  readonly mayTrap: boolean;
  /** Whether it has ended. */
  isOver(): boolean;
  /** Signals the shell again, which may have had the first before the command could heed it, and would go on with the rest. */
  again(): void;
}

/**
 * What a signal misses: a child that has the handlers of its shell, between its fork and its exec, since what they note down is gone with the
 * shell's program; and a child of a shell that heeds the signal only when what it was about to start has ended.
 */
export class Newborns {
  readonly #command: Signalled;
  readonly #shellText: string;
  /** Those that need not be signalled again. */
  readonly #told: Set<string>;
  /** Children that were no programs of their own yet. */
  #forks: ProcessEntry[];

  /** Just before the signal. */
  constructor(command: Signalled) {
    this.#command = command;
    this.#shellText = commandLine(command.shell);
    const processes = command.look();
    this.#told = new Set(processes.map(nameOf));
    this.#forks = processes.filter(({ pid }) => this.#isFork(pid));
  }

  /** Sends it to them, each once, when they are there. */
  signal(signal: NodeJS.Signals, pause = first): void {
    if (pause > limit) return;
    const timer = outside(() =>
      setTimeout(() => {
        if (this.#command.isOver()) return;
        this.#signalPrograms(signal);
        if (!this.#command.mayTrap && pause * 2 >= grace) this.#signalNew(signal);
        this.signal(signal, pause * 2);
      }, pause),
    );
    timer.unref();
  }

  /** The forks that have become programs. */
  #signalPrograms(signal: NodeJS.Signals): void {
    this.#forks = this.#forks.filter((process) => {
      if (!isSame(process)) return false;
      if (this.#isFork(process.pid)) return true;
      this.#signal(process, signal);
      return false;
    });
  }

  #signalNew(signal: NodeJS.Signals): void {
    for (const process of this.#command.look()) {
      if (this.#told.has(nameOf(process)) || !this.#isFork(process.parent)) continue;
      this.#told.add(nameOf(process));
      this.#signal(process, signal);
    }
  }

  #signal({ pid }: ProcessEntry, signal: NodeJS.Signals): void {
    this.#command.again();
    signalProcess(pid, signal);
  }

  /** The shell, or what still is a copy of it. */
  #isFork(pid: number): boolean {
    return commandLine(pid) === this.#shellText;
  }
}

/** No other process will ever have it. */
function nameOf({ pid, start }: ProcessEntry): string {
  return `${pid} ${start}`;
}

/** That of a fork is its shell's until it runs another program. */
function commandLine(pid: number): string {
  return readProc(`${pid}/cmdline`) ?? '';
}
