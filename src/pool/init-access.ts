import { quoteValue, type Command, type CommandValue } from '../commands/command.ts';
import { createShellTag } from '../commands/shell-tag.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import { Task } from '../execution/task.ts';
import { checkBatchInput, type ExecOptions } from '../options/exec-options.ts';
import type { NoOptions, OutputOf, ShellAccess, ShellTag } from './access.ts';
import type { PoolContext } from './context.ts';
import type { Shell } from './shell.ts';
import { createInternalTask } from './tasks.ts';

/** The shell that a function of the options gets (`init`, `destroy`, `validate`): its commands are ours, and are neither counted nor published. */
export class InitAccess implements ShellAccess {
  readonly $: ShellTag;
  readonly #shell: Shell;
  readonly #pool: PoolContext;
  readonly #mayRun: () => boolean;
  /** The end of the command given last: they run in order. */
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #hasEnded = false;

  /** @param mayRun whether it still runs commands */
  constructor(shell: Shell, pool: PoolContext, mayRun = () => shell.usable) {
    this.#shell = shell;
    this.#pool = pool;
    this.#mayRun = mayRun;
    this.$ = createShellTag((given, options) => this.#exec<never>(given, options));
  }

  get shellId(): string {
    return this.#shell.slot;
  }

  get pid(): number {
    return this.#shell.pid;
  }

  exec<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, string>> {
    return this.#exec(command, options);
  }

  async execAll<const Options extends ExecOptions = NoOptions>(
    commands: readonly (string | Command)[],
    options?: Options,
  ): Promise<ExecResult<OutputOf<Options, string>>[]> {
    checkBatchInput(options, 'shell.execAll');
    const results: ExecResult<OutputOf<Options, string>>[] = [];
    for (const command of commands) results.push(await this.exec(command, options));
    return results;
  }

  quote(value: CommandValue): string {
    return quoteValue(value, this.#pool.dialect);
  }

  /** Commands were given that have not ended. */
  get isActive(): boolean {
    return this.#pending > 0;
  }

  /** Takes no more commands, and resolves when those that were given have ended: the shell may then be somebody else's. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#last;
  }

  #exec<Output extends string | Buffer>(given: unknown, options: unknown): Execution<Output> {
    const task = this.#task(given, options);
    if (task.state === 'ended') return new Execution<Output>(task);
    if (this.#hasEnded) {
      task.end({
        shellExited: false,
        error: { code: 'ERR_SESSION_RELEASED', message: `The shell was given back before: ${task.text}` },
      });
      return new Execution<Output>(task);
    }
    this.#pending++;
    this.#last = this.#last.then(() => this.#run(task));
    return new Execution<Output>(task);
  }

  async #run(task: Task): Promise<void> {
    if (task.state !== 'ended' && !(this.#mayRun() && this.#shell.run(task)))
      task.end({ shellExited: false, error: { code: 'ERR_SESSION_LOST', message: `The shell is gone: ${task.text}` } });
    await task.promise.catch(() => {});
    this.#pending--;
  }

  #task(given: unknown, options: unknown): Task {
    try {
      return createInternalTask(this.#pool, given, options, 'shell.exec');
    } catch (error) {
      const task = new Task({
        id: '',
        text: '',
        mask: this.#pool.mask,
        settings: this.#pool.settings,
        pool: this.#pool.name,
        observed: false,
      });
      task.end({
        shellExited: false,
        error: { code: error instanceof ShellwrightError ? error.code : 'ERR_OPTIONS', message: messageOf(error) },
      });
      return task;
    }
  }
}
