import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { outside } from './outside.ts';

/** How long a killed process may take to be gone. ms */
const deathLimit = 5_000;

/**
 * A process and all that descends from it: on Windows, which has no process groups, and no signals but to end one process.
 *
 * A child is found by the number of its parent, so that those of one that has ended are not. Nothing is done by a number whose process has ended:
 * it may soon be another's.
 */
export class Tree {
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #killing = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#exit = new Promise((resolve) => {
      child.once('exit', () => resolve());
    });
  }

  /** False: it has ended, or is asked for something else. */
  signal(signal: NodeJS.Signals): boolean {
    if (signal !== 'SIGKILL' || this.#hasEnded) return false;
    if (!this.#killing) this.#kill();
    return true;
  }

  /** Ends what is left and waits until the process is gone, at most `limit` ms. */
  async end(limit = deathLimit): Promise<void> {
    if (this.signal('SIGKILL')) await Promise.race([this.#exit, delay(limit, undefined, { ref: false })]);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #kill(): void {
    this.#killing = true;
    // Not by its bare name, which would be looked for in the current folder first.
    const program = join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'taskkill.exe');
    const done = (worked: boolean): void => {
      this.#killing = false;
      // At least the process itself.
      if (!worked) this.#child.kill('SIGKILL');
    };
    try {
      outside(() =>
        spawn(program, ['/T', '/F', '/PID', String(this.#child.pid)], { stdio: 'ignore', windowsHide: true }),
      )
        .on('error', () => done(false))
        .on('exit', (code) => done(code === 0))
        .unref();
    } catch {
      done(false);
    }
  }
}
