import { filter, firstValueFrom, fromEvent, takeUntil } from 'rxjs';
import { isShellwrightError, messageOf } from '../errors.ts';
import { optionsError, show } from '../options/check.ts';
import type { Session } from '../pool/access.ts';
import { createPool, type Pool } from '../pool/pool.ts';
import type { ShellStatus } from '../pool/status.ts';
import type { TrimmedOutput } from './command-log.ts';
import { CompatPromise } from './compat-promise.ts';
import { checkConfig, unknownOptions, type CheckedConfig } from './config.ts';
import { Drain } from './drain.ts';
import { refusalOf } from './lists.ts';
import { Log } from './log.ts';
import { poolOptionsOf } from './pool-options.ts';
import { Processes } from './processes.ts';
import type { ShellProcess } from './shell-process.ts';
import type { CommandResult, ProcessStatus, StatefulProcessCommandProxyConfig } from './types.ts';

const origin = 'StatefulProcessCommandProxy';
/** How long `shutdown` waits while no command ends, ms: as long as `close` of a pool. */
const patience = 10_000;

/**
 * The interface of `stateful-process-command-proxy` on a pool of this library.
 *
 * What is different, and why: docs/migration.md.
 */
export class StatefulProcessCommandProxy {
  readonly #config: CheckedConfig;
  readonly #log: Log;
  readonly #processes: Processes;
  readonly #pool: Pool;
  readonly #drain = new Drain();
  #closed: CompatPromise<void> | undefined;

  /**
   * Starts `min` processes.
   * @throws {ShellwrightError} ERR_OPTIONS at once for a bad option; nothing was started
   */
  constructor(config: StatefulProcessCommandProxyConfig) {
    this.#config = checkConfig(config);
    this.#log = new Log(this.#config.logFunction);
    for (const path of unknownOptions(config))
      this.#log.line('warn', origin, `Unknown option \`${path}\`: it has no effect`);
    this.#processes = new Processes({ given: config, config: this.#config, log: this.#log });
    this.#pool = createPool(poolOptionsOf(this.#config, this.#processes, this.#log));
    this.#processes.follow(this.#pool);
  }

  /**
   * Runs one command in any process that is free. It resolves however the command ends, and is rejected when it could not run, or the lists refuse it.
   * @throws {Error} ERR_POLICY ERR_POOL_FAILED ERR_ABORTED ERR_PROTOCOL ERR_MAX_BUFFER ERR_OPTIONS, as a rejection
   */
  executeCommand(command: string): CompatPromise<CommandResult> {
    const result = this.#execute([command]).then(([only]) => only as CommandResult);
    return this.#answer(result, 'executeCommand', command);
  }

  /**
   * Runs commands in order, all of them in one process.
   * @throws {Error} as `executeCommand`, and ERR_SESSION_LOST when the process ends before the last of them
   */
  executeCommands(commands: readonly string[]): CompatPromise<CommandResult[]> {
    return this.#answer(this.#execute(commands), 'executeCommands', commands);
  }

  /** One for each process that is set up, by pid. One that was found invalid is shown until the next command is given. */
  getStatus(): ProcessStatus[] {
    return this.#processes.status();
  }

  /**
   * Takes no more commands, lets those end that it has, runs `preDestroyCommands`, and resolves when every process is gone.
   * @param options.timeout ms without any command ending, after which what is left is stopped; `Infinity` is for ever. @default 10_000
   */
  shutdown(options?: { timeout?: number | undefined }): CompatPromise<void> {
    this.#closed ??= CompatPromise.of(this.#shutDown(patienceOf(options)));
    return this.#closed;
  }

  async #execute(commands: readonly string[]): Promise<CommandResult[]> {
    if (this.#closed) throw new Error('pool is draining and cannot accept work');
    if (!Array.isArray(commands))
      throw optionsError(`Expected the commands of executeCommands to be an array, got ${show(commands)}`);
    const texts = commands.map(String);
    const refusal = refusalOf(texts, this.#config, this.#log);
    if (refusal) throw refusal;
    if (texts.length === 0) return [];
    this.#processes.forgetInvalid();
    const outputs = await this.#drain.include(() => this.#runSomewhere(texts));
    return outputs.map((output, index) => ({ command: commands[index] as string, ...output }));
  }

  /** In another shell when one is lost before it was given anything. */
  async #runSomewhere(texts: readonly string[]): Promise<TrimmedOutput[]> {
    for (;;) {
      const session = await this.#pool.acquire();
      const process = this.#processes.find(session.shellId);
      const outputs = process && (await this.#runIn(session, process, texts));
      if (outputs) return outputs;
      await session.release();
    }
  }

  /** Undefined: the shell was lost before. */
  async #runIn(
    session: Session,
    process: ShellProcess,
    texts: readonly string[],
  ): Promise<TrimmedOutput[] | undefined> {
    const outputs: TrimmedOutput[] = [];
    process.commands.give(texts);
    try {
      for (const text of texts) {
        this.#drain.check();
        const run = session.exec(text);
        process.commands.begin(run);
        outputs.push(process.finish(await this.#drain.follow(run)));
      }
      return outputs;
    } catch (error) {
      if (outputs.length === 0 && isShellwrightError(error) && error.code === 'ERR_SESSION_LOST') return undefined;
      throw error;
    } finally {
      process.commands.giveUp();
      // Not before: the rest of a batch is still run, as there.
      if (!process.isValid()) session.invalidate(process.verdict);
      await session.release();
    }
  }

  async #shutDown(timeout: number): Promise<void> {
    this.#log.line('info', origin, 'shutting down all pooled ProcessProxies...');
    void this.#drain.include(() => this.#started());
    await this.#drain.end(timeout);
    await this.#pool.close({ timeout: patience });
    this.#processes.forgetInvalid();
  }

  /** No shell is being started any more: what `initCommands` have begun is for `preDestroyCommands` to end. */
  async #started(): Promise<void> {
    // The pool itself starts in a moment.
    await Promise.resolve();
    const stopped = fromEvent(this.#drain.signal, 'abort');
    const isStarting = ({ state }: ShellStatus): boolean => state === 'spawning' || state === 'initializing';
    const settled = this.#pool.status$.pipe(filter(({ shells }) => !shells.some(isStarting)));
    await firstValueFrom(settled.pipe(takeUntil(stopped)), { defaultValue: undefined });
  }

  #answer<T>(promise: Promise<T>, method: string, given: unknown): CompatPromise<T> {
    promise.catch((error: unknown) =>
      this.#log.line('error', origin, `${method}: [${show(given)}] error: ${messageOf(error)}`),
    );
    return CompatPromise.of(promise);
  }
}

/** Anything may be given: `shutdown` is also passed as a callback. */
function patienceOf(options: unknown): number {
  const timeout: unknown = (options as { timeout?: unknown } | null | undefined)?.timeout;
  return typeof timeout === 'number' && timeout >= 0 ? timeout : patience;
}
