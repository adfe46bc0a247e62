import type { ShellContext, ShellState } from '../../machines/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Command } from '../commands/command.ts';
import { phrasesOf } from '../dialects/posix/phrases.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import type { InitStep } from '../options/commands.ts';
import { maskedFields } from '../masking/copies.ts';
import { maskedValue } from '../masking/values.ts';
import { outside } from '../process/outside.ts';
import type { ShellEffects } from './actors.ts';
import type { PoolContext } from './context.ts';
import { InitAccess } from './init-access.ts';
import { failureOf, runOwn, type OwnOutcome } from './own-command.ts';
import type { Shell } from './shell.ts';

/** What the pool does when a shell changes. */
export interface ShellWatcher {
  entered(shell: Shell, state: ShellState, context: ShellContext): void;
  disposed(shell: Shell): void;
}

/** What the actor of a shell does with the process of its slot: start, handshake, `init`, `destroy`, end. */
export class ManagedShell implements ShellEffects {
  readonly #shell: Shell;
  readonly #pool: PoolContext;
  readonly #watcher: ShellWatcher;
  #entered: ShellState | undefined;

  constructor(shell: Shell, pool: PoolContext, watcher: ShellWatcher) {
    this.#shell = shell;
    this.#pool = pool;
    this.#watcher = watcher;
    this.enter('spawning');
  }

  spawn(): Promise<void> {
    return this.#shell.spawn();
  }

  async initialize(): Promise<void> {
    const shell = this.#shell;
    try {
      shell.boot();
      await this.#handshake();
      for (const step of this.#pool.options.init) await this.#runInit(step);
    } catch (error) {
      // Thrown on to the machine, which inspectors see.
      const shown = shell.mask ? maskedValue(error, shell.mask) : error;
      shell.startError ??=
        shown instanceof ShellwrightError && shown.code === 'ERR_INIT'
          ? shown
          : new ShellwrightError('ERR_INIT', `The start of a shell failed: ${messageOf(shown)}`, { cause: shown });
      throw shown;
    }
  }

  async teardown(graceful: boolean): Promise<void> {
    const { destroyTimeout } = this.#pool.options;
    const deadline = performance.now() + destroyTimeout;
    if (graceful) await this.#takeLeave(destroyTimeout);
    await this.#shell.end(graceful ? Math.max(0, deadline - performance.now()) : 0);
  }

  /** Once for each state: the machine may announce the first before or after this is made. */
  enter(state: ShellState, context?: ShellContext): void {
    if (state === this.#entered) return;
    this.#entered = state;
    const shell = this.#shell;
    if (state === 'invalid' && context && !context.served) shell.startError ??= startError(context);
    shell.enter(state);
    this.#watcher.entered(shell, state, context ?? ({} as ShellContext));
  }

  dispose(): void {
    this.#shell.dispose();
    this.#watcher.disposed(this.#shell);
  }

  /** The driver answers with the fences of an empty command; what the shell said before is of no command. */
  async #handshake(): Promise<void> {
    const { result } = await this.#run(phrasesOf(this.#pool.dialect).nothing);
    if (result.shellExited) throw new Error('the shell ended at once');
    if (!this.#shell.isDirect) throw notDirect(this.#pool.dialect);
  }

  async #runInit(step: InitStep): Promise<void> {
    if (typeof step === 'function') {
      const access = new InitAccess(this.#shell, this.#pool);
      await step(access);
      // What it did not wait for must not meet the commands of the first borrower.
      await access.end();
      return;
    }
    const outcome = await this.#run(step);
    const failure = failureOf(outcome);
    if (failure === undefined) return;
    const { result, task } = outcome;
    throw new ShellwrightError(
      'ERR_INIT',
      `The init command ${failure}`,
      { started: true },
      task.mask ? maskedFields(result, task.mask) : result,
    );
  }

  /** Ends what was being done between two borrowers, and runs the `destroy` commands. */
  async #takeLeave(limit: number): Promise<void> {
    const { destroy } = this.#pool.options;
    const { task } = this.#shell;
    const run = async (): Promise<void> => {
      task?.stop({ code: 'ERR_ABORTED', message: `The shell is being ended: ${task.text}` });
      await task?.promise.catch(() => {});
      for (const step of destroy) {
        if (!this.#shell.inStep) return;
        await this.#runDestroy(step).catch(() => {});
      }
    };
    if (!task && destroy.length === 0) return;
    await Promise.race([run(), outside(() => new Promise((resolve) => setTimeout(resolve, limit).unref()))]);
  }

  async #runDestroy(step: InitStep): Promise<void> {
    if (typeof step !== 'function') return void (await this.#run(step));
    // It is lent to nobody any more, and still answers.
    const access = new InitAccess(this.#shell, this.#pool, () => this.#shell.inStep);
    try {
      await step(access);
    } finally {
      await access.end();
    }
  }

  async #run(command: string | Command): Promise<OwnOutcome> {
    const outcome = await runOwn(this.#pool, this.#shell, command, 'init');
    if (outcome?.result.error) throw outcome.result.error;
    if (outcome) return outcome;
    // Its exit, about to be told, says why; initTimeout or destroyTimeout bounds the wait.
    await this.#shell.exited;
    throw new Error('the shell is gone');
  }
}

/** The capabilities say that the program is the shell, and it is not: its stderr would not be in step. */
function notDirect({ name, path }: Dialect): Error {
  const message = `\`${path}\` does not run ${name} itself but starts it through another process: give ${name}() \`capabilities: { localFiles: false }\`, and signals and streamInput as they are`;
  return Object.assign(new ShellwrightError('ERR_INIT', message), { fatal: true });
}

function startError({ reason, cause }: ShellContext): ShellwrightError {
  if (reason === 'init-timeout') return new ShellwrightError('ERR_INIT', 'The shell was not ready within initTimeout');
  return new ShellwrightError(
    reason === 'spawn-failed' ? 'ERR_SPAWN' : 'ERR_INIT',
    `The start of a shell failed: ${cause ?? reason}`,
  );
}
