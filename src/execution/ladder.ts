import type { Rung } from '../errors.ts';

/** The processes of one command. */
export interface Processes {
  /** Remembers what there is now, before a signal scatters it. */
  note(): void;
  /** Signals all of it, or only what an interrupt does not reach; false when there is nothing to signal, or when that would not help. */
  signal(signal: NodeJS.Signals, strangers?: boolean): boolean;
  /** Ends what is left of it: SIGTERM, and SIGKILL `grace` ms later. */
  endLeft(grace: number): void;
}

/** What runs the command that is to be stopped: a shell. */
export interface Stoppable {
  /** SIGINT to the shell's group; false: there are no signals. */
  interrupt(): boolean;
  /** What it runs for the command; undefined where that is not of this host. */
  foreground(): Processes | undefined;
  /** Ends the shell with all it runs. */
  kill(): void;
}

/** How long after the first the interrupt is sent again. ms */
const interruptRepeat = 100;
/** setTimeout takes no more than this. */
const longest = 2 ** 31 - 1;

/** The rungs by which a command is stopped, one after the other until it has ended. */
export class Ladder {
  /** The last that was used. */
  rung: Rung | undefined;
  readonly #runner: Stoppable;
  #foreground: Processes | undefined;
  #grace = 0;
  #timers: NodeJS.Timeout[] = [];
  #killed = false;

  constructor(runner: Stoppable) {
    this.#runner = runner;
  }

  /** @param killGrace from the first interrupt to the kill of the shell. ms */
  climb(killGrace: number): void {
    this.#foreground = this.#runner.foreground();
    this.#foreground?.note();
    if (!this.#runner.interrupt()) return this.kill();
    this.rung = 'interrupt';
    this.#grace = Math.min(killGrace, longest);
    this.#timers = [
      // A signal that reaches a child of the shell between fork and exec is lost: the child still has the shell's handler.
      setTimeout(() => this.#interruptAgain(), Math.min(interruptRepeat, this.#grace / 2)),
      setTimeout(() => this.#killForeground('SIGTERM'), this.#grace / 2),
      setTimeout(() => this.#killForeground('SIGKILL'), (this.#grace * 3) / 4),
      setTimeout(() => this.kill(), this.#grace),
    ];
  }

  /** Goes to the last rung at once. */
  kill(): void {
    this.#clear();
    if (this.#killed) return;
    this.#killed = true;
    this.rung = 'kill';
    this.#runner.kill();
  }

  /** The command has ended. */
  end(): void {
    this.#clear();
    if (!this.#killed) this.#foreground?.endLeft(this.#grace / 2);
  }

  #interruptAgain(): void {
    this.#runner.interrupt();
    // `timeout 9 x` leads a group of its own, which no interrupt has reached.
    this.#foreground?.signal('SIGINT', true);
  }

  /** The interrupt comes first: the shell, which heeds it when its child is gone, must not go on with the rest of the command. */
  #killForeground(signal: NodeJS.Signals): void {
    this.#runner.interrupt();
    if (this.#foreground?.signal(signal)) this.rung = 'kill';
  }

  #clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }
}
