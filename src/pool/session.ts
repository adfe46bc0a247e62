import type { RemovalReason } from '../../machines/reasons.ts';
import { ShellwrightError } from '../errors.ts';
import { createShellTag } from '../commands/shell-tag.ts';
import { quoteValue, type Command, type CommandValue } from '../commands/command.ts';
import { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import type { Outcome } from '../execution/outcome.ts';
import type { Task, TaskOwner } from '../execution/task.ts';
import type { ExecOptions } from '../options/exec-options.ts';
import type { NoOptions, OutputOf, Session as SessionApi, ShellAccess, ShellTag } from './access.ts';
import type { Background } from './background.ts';
import { Backgrounds, noBackground } from './backgrounds.ts';
import { runInOrder } from './batch.ts';
import type { PoolContext } from './context.ts';
import { InitAccess } from './init-access.ts';
import type { Shell } from './shell.ts';
import { announce, createTask, record, refuse } from './tasks.ts';

/**
 * A lease on one shell: its commands run in order, with the shell's state to themselves.
 *
 * Release it when done; `await using` does so by itself.
 */
export class Session<Default extends string | Buffer = string> implements SessionApi<Default> {
  readonly id: string;
  readonly $: ShellTag<Default>;
  readonly #pool: PoolContext;
  readonly #shell: Shell;
  readonly #public: boolean;
  readonly #waiting: Task[] = [];
  readonly #letGo: () => void;
  #released: Promise<void> | undefined;
  #resolveReleased: (() => void) | undefined;
  #lost = false;
  #current: Task | undefined;
  /** Only of a session that was given any. */
  #beside: Backgrounds | undefined;
  /** @internal Called each time when all that was given has ended. */
  onIdle: (() => void) | undefined;
  readonly #owner: TaskOwner = {
    dequeue: (task) => this.#dequeue(task),
    ended: (task, outcome) => this.#ended(task, outcome),
  };

  /** @internal */
  constructor(id: string, pool: PoolContext, shell: Shell, letGo: () => void, named = true) {
    this.id = id;
    this.#pool = pool;
    this.#shell = shell;
    this.#letGo = letGo;
    this.#public = named;
    this.$ = createShellTag<Default>((given, options) => this.#exec(given, options, 'session.$'));
  }

  /** The slot of its shell, e.g. `shell.0`. */
  get shellId(): string {
    return this.#shell.slot;
  }

  get pid(): number {
    return this.#shell.pid;
  }

  exec<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, Default>> {
    return this.#exec(command, options, 'session.exec');
  }

  async execAll<const Options extends ExecOptions = NoOptions>(
    commands: readonly (string | Command)[],
    options?: Options,
  ): Promise<ExecResult<OutputOf<Options, Default>>[]> {
    const scope = { where: 'session.execAll', sessionId: this.#public ? this.id : undefined };
    return runInOrder(commands, options, this.#pool, scope, (command) =>
      this.#exec<OutputOf<Options, Default>>(command, options, scope.where),
    );
  }

  background<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, Default>> {
    const task = createTask(this.#pool, command, options, {
      where: 'session.background',
      sessionId: this.#public ? this.id : undefined,
    });
    if (task.state !== 'ended') {
      const lack = noBackground(this.#pool);
      if (lack) refuse(this.#pool, task, lack);
      else {
        this.#beside ??= new Backgrounds(this.#pool);
        this.#beside.add(task);
        this.#accept(task);
      }
    }
    return new Execution(task);
  }

  quote(value: CommandValue): string {
    return quoteValue(value, this.#pool.dialect);
  }

  /** Takes the shell out of use: it is replaced once the session is released. Later calls get ERR_SESSION_LOST. */
  invalidate(reason?: string): void {
    this.retire('invalidated', reason);
  }

  /** @internal As `invalidate`, for a reason of ours. */
  retire(reason: RemovalReason, cause?: string): void {
    // Once given back, the shell may be somebody else's.
    if (!this.#finished) this.#shell.invalidate(reason, cause);
  }

  /** @internal Nothing runs, and nothing waits to, but for what runs beside. */
  get idle(): boolean {
    return !this.#current && this.#waiting.length === 0;
  }

  /** @internal Something runs beside. */
  get busyBeside(): boolean {
    return this.#beside?.isRunning === true;
  }

  /** @internal Its shell runs no other command. */
  get lost(): boolean {
    return this.#lost;
  }

  /** @internal Its shell, for commands that are no user's. */
  access(): ShellAccess {
    return new InitAccess(this.#shell, this.#pool);
  }

  /** Gives the shell back when what was given before has ended. Later calls get ERR_SESSION_RELEASED. */
  release(): Promise<void> {
    if (!this.#released) {
      this.#released = new Promise((resolve) => {
        this.#resolveReleased = resolve;
      });
      this.#finishRelease();
    }
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** @internal Stops all that it runs, with one error. */
  stopAll(
    error: { code: 'ERR_ABORTED' | 'ERR_POOL_CLOSED' | 'ERR_POOL_FAILED'; message: string },
    rung: 'interrupt' | 'kill' = 'interrupt',
  ): void {
    for (const task of this.#waiting.splice(0))
      refuse(this.#pool, task, new ShellwrightError(error.code, error.message));
    // First: to kill what runs is to lose the shell, which is a reason of its own.
    void this.#beside?.end(error, rung);
    this.#current?.stop(error, rung);
  }

  /** @internal For the end of `use`, which stops what nobody waited for: that is no error that has to be handled. */
  abandon(): void {
    for (const task of [this.#current, ...this.#waiting]) task?.promise.catch(() => {});
    this.stopAll({ code: 'ERR_ABORTED', message: 'pool.use returned before the command had ended' });
  }

  /** @internal */
  shellLost(): void {
    this.#lost = true;
    for (const task of this.#waiting.splice(0)) refuse(this.#pool, task, this.#lostError());
    const { code, message } = this.#lostError();
    void this.#beside?.end({ code, message }, 'kill');
    // What runs ends by itself: its process has ended, or is being killed.
    if (!this.#current) this.#finish();
  }

  /** @internal As `exec`; `where` is the method, for messages. */
  run<Output extends string | Buffer>(given: unknown, options: unknown, where: string): Execution<Output> {
    return this.#exec(given, options, where);
  }

  #exec<Output extends string | Buffer>(given: unknown, options: unknown, where: string): Execution<Output> {
    const task = createTask(this.#pool, given, options, { where, sessionId: this.#public ? this.id : undefined });
    if (task.state !== 'ended') this.#accept(task);
    return new Execution<Output>(task);
  }

  #accept(task: Task): void {
    if (this.#lost) return refuse(this.#pool, task, this.#lostError());
    if (this.#released)
      return refuse(
        this.#pool,
        task,
        new ShellwrightError('ERR_SESSION_RELEASED', `The session ${this.id} was released before: ${task.text}`),
      );
    task.owner = this.#owner;
    this.#pool.keepAlive.hold();
    this.#waiting.push(task);
    if (this.#current) announce(this.#pool, task, 'command.queued');
    else this.#next();
  }

  #next(): void {
    const task = this.#waiting.shift();
    if (!task) {
      this.onIdle?.();
      return this.#finishRelease();
    }
    if (this.#beside?.has(task)) return this.#launch(task, this.#beside);
    this.#current = task;
    if (this.#shell.run(task)) announce(this.#pool, task, 'command.started');
    else {
      this.#current = undefined;
      this.#waiting.unshift(task);
      this.shellLost();
    }
  }

  /** Starts a command beside the others: that is a short command of its own. */
  #launch(task: Task, beside: Backgrounds): void {
    let background: Background;
    try {
      background = beside.make(task, this.#shell);
    } catch (error) {
      refuse(this.#pool, task, error as ShellwrightError);
      return this.#next();
    }
    this.#current = background.starter;
    if (!background.begin()) {
      this.#current = undefined;
      this.#waiting.unshift(task);
      return this.shellLost();
    }
    announce(this.#pool, task, 'command.started');
    void background.begun().then(() => this.#passed());
  }

  /** The command before has left the shell. */
  #passed(): void {
    this.#current = undefined;
    if (this.#lost) this.#finish();
    else this.#next();
  }

  #dequeue(task: Task): void {
    const index = this.#waiting.indexOf(task);
    if (index !== -1) this.#waiting.splice(index, 1);
  }

  #ended(task: Task, outcome: Outcome): void {
    this.#pool.keepAlive.release();
    const ran = task === this.#current;
    const ranBeside = this.#beside?.ran(task) === true;
    record(this.#pool, task, outcome, ran || ranBeside ? this.#shell : undefined);
    if (ran) this.#passed();
    else if (ranBeside && this.idle && !this.#lost) this.onIdle?.();
  }

  #finishRelease(): void {
    if (this.#released && !this.#lost && this.idle) this.#finishBeside();
    else if (this.#lost) this.#resolveRelease();
  }

  /** What runs beside the commands is not waited for: it ends first. */
  #finishBeside(): void {
    if (!this.#beside || this.#beside.isEmpty) return this.#finish();
    const message = `The session ${this.id} was released before the background command had ended`;
    void this.#beside.end({ code: 'ERR_SESSION_RELEASED', message }, 'interrupt').then(() => this.#finish());
  }

  #finished = false;

  /** Once: the shell goes back, usable or not. */
  #finish(): void {
    if (!this.#finished) {
      this.#finished = true;
      this.#letGo();
    }
    this.#resolveRelease();
  }

  /** After the promise of the command that ended last, which is settled after its owner is told. */
  #resolveRelease(): void {
    queueMicrotask(() => this.#resolveReleased?.());
  }

  #lostError(): ShellwrightError {
    return new ShellwrightError(
      'ERR_SESSION_LOST',
      `The shell of session ${this.id} (${this.#shell.slot}, pid ${this.#shell.pid}) is gone, and its state with it`,
      { started: false },
    );
  }
}
