import type { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import type { CommandStatus } from './types.ts';

/** What a command has written: without the blanks around it, as all that the ancestor gives. */
export interface TrimmedOutput {
  stdout: string;
  stderr: string;
}

interface Active {
  command: string;
  startedAt: number;
  run?: Execution;
}

/** The commands of one shell: those that it was given and has not finished, in order, and the last `max` that it has. */
export class CommandLog {
  readonly #max: number;
  readonly #finished: CommandStatus[] = [];
  #active: Active[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** All commands of a call are the shell's from then on. */
  give(commands: readonly string[]): void {
    const startedAt = Date.now();
    this.#active.push(...commands.map((command) => ({ command, startedAt })));
  }

  /** The first of those begins. */
  begin(run: Execution): void {
    const [first] = this.#active;
    if (first) Object.assign(first, { run, startedAt: Date.now() });
  }

  /** The first of those has ended. */
  finish(result: ExecResult): TrimmedOutput {
    this.#active.shift();
    return this.add(result);
  }

  /** What is still to be done will not be. */
  giveUp(): void {
    this.#active = [];
  }

  /** A command that was given by nobody: of the options. */
  add({ command, startedAt, durationMs, stdout, stderr }: ExecResult): TrimmedOutput {
    const output = { stdout: stdout.trim(), stderr: stderr.trim() };
    if (this.#max === 0) return output;
    if (this.#finished.length >= this.#max) this.#finished.shift();
    this.#finished.push({
      command,
      startedAt: timeOf(startedAt),
      receivedData: stdout !== '' || stderr !== '',
      finishedAt: timeOf(startedAt + durationMs),
      ...output,
    });
    return output;
  }

  get active(): CommandStatus[] {
    return this.#active.map(({ command, startedAt, run }) => ({
      command,
      startedAt: timeOf(startedAt),
      receivedData: run !== undefined && Object.values(run.partial()).some((text) => text !== ''),
      finishedAt: null,
      stdout: null,
      stderr: null,
    }));
  }

  get finished(): CommandStatus[] {
    return this.#finished.map((entry) => ({ ...entry }));
  }
}

function timeOf(epoch: number): string {
  return new Date(epoch).toISOString();
}
