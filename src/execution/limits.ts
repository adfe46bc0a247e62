import type { StopReason } from './task-roles.ts';

/** setTimeout takes no more than this. */
const maxDelay = 2 ** 31 - 1;

/** A command, for its limits. */
interface Limited {
  readonly text: string;
  /** Its reader holds the pipe: the clock of silence stands. */
  readonly held: boolean;
  stop(reason: StopReason): void;
}

/** How long a command may run, and be silent: one timer for each, and none where there is no limit. */
export class Limits {
  readonly #task: Limited;
  readonly #run: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #lastOutput = 0;

  /** @param timeout ms, or Infinity, as `noOutputTimeout` */
  static of(task: Limited, timeout: number, noOutputTimeout: number): Limits | undefined {
    return timeout <= maxDelay || noOutputTimeout <= maxDelay ? new Limits(task, timeout, noOutputTimeout) : undefined;
  }

  private constructor(task: Limited, timeout: number, noOutputTimeout: number) {
    this.#task = task;
    if (noOutputTimeout <= maxDelay) this.#watchOutput(noOutputTimeout);
    if (timeout <= maxDelay) {
      const message = `The command ran longer than its timeout of ${timeout} ms: ${task.text}`;
      this.#run = setTimeout(() => task.stop({ code: 'ERR_TIMEOUT', kind: 'run', message }), timeout);
    }
  }

  noteOutput(): void {
    if (this.#silence) this.#lastOutput = performance.now();
  }

  /** It is being stopped. */
  stopped(): void {
    clearTimeout(this.#run);
    clearTimeout(this.#silence);
  }

  /** One timer, set anew when it fires and not with each output. */
  #watchOutput(limit: number, delay = limit): void {
    if (delay === limit) this.#lastOutput = performance.now();
    this.#silence = setTimeout(() => {
      const left = this.#task.held ? limit : limit - (performance.now() - this.#lastOutput);
      if (left > 0) return this.#watchOutput(limit, left);
      this.#task.stop({
        code: 'ERR_TIMEOUT',
        kind: 'noOutput',
        message: `The command wrote nothing for noOutputTimeout (${limit} ms): ${this.#task.text}`,
      });
    }, delay);
  }
}
