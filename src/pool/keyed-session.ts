import { quoteValue, type Command, type CommandValue } from '../commands/command.ts';
import { createShellTag } from '../commands/shell-tag.ts';
import { ShellwrightError } from '../errors.ts';
import { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import type { Task } from '../execution/task.ts';
import type { ExecOptions } from '../options/exec-options.ts';
import type { KeyedSession, NoOptions, OutputOf, ShellTag } from './access.ts';
import { runInOrder } from './batch.ts';
import type { PoolContext } from './context.ts';
import type { KeyedLease } from './keyed-lease.ts';
import type { Session } from './session.ts';
import { createTask, refuse } from './tasks.ts';

/** What one call of `pool.session` gives: a hold of its own on a session that others may hold as well. */
export class KeyedHandle<Default extends string | Buffer> implements KeyedSession<Default> {
  readonly key: string;
  readonly fresh: boolean;
  readonly $: ShellTag<Default>;
  readonly #lease: KeyedLease<Default>;
  readonly #session: Session<Default>;
  readonly #pool: PoolContext;
  #last: Execution<string | Buffer> | undefined;
  #released: Promise<void> | undefined;

  constructor(lease: KeyedLease<Default>, session: Session<Default>, pool: PoolContext) {
    this.key = lease.key;
    this.fresh = lease.claim();
    this.$ = createShellTag<Default>((given, options) => this.#exec<never>(given, options, 'session.$'));
    this.#lease = lease;
    this.#session = session;
    this.#pool = pool;
  }

  get id(): string {
    return this.#session.id;
  }

  get shellId(): string {
    return this.#session.shellId;
  }

  get pid(): number {
    return this.#session.pid;
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
    const scope = { where: 'session.execAll', sessionId: this.id };
    return runInOrder(commands, options, this.#pool, scope, (command) =>
      this.#exec<OutputOf<Options, Default>>(command, options, scope.where),
    );
  }

  background<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, Default>> {
    const refused = this.#refused(command, options, 'session.background');
    if (refused) return new Execution(refused);
    const run = this.#session.background(command, options);
    this.#lease.used();
    return run;
  }

  quote(value: CommandValue): string {
    return quoteValue(value, this.#pool.dialect);
  }

  invalidate(reason?: string): void {
    if (!this.#released) this.#session.invalidate(reason);
  }

  release(): Promise<void> {
    this.#released ??= endOf(this.#last);
    return this.#released;
  }

  end(): Promise<void> {
    this.#lease.end(() => this.#releasedError('ended'));
    return this.#lease.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #exec<Output extends string | Buffer>(given: unknown, options: unknown, where: string): Execution<Output> {
    const refused = this.#refused(given, options, where);
    if (refused) return new Execution<Output>(refused);
    const run = this.#session.run<Output>(given, options, where);
    this.#last = run;
    this.#lease.used();
    return run;
  }

  #refused(given: unknown, options: unknown, where: string): Task | undefined {
    const refusal = this.#released ? this.#releasedError('released') : this.#lease.refusal;
    if (!refusal) return undefined;
    const task = createTask(this.#pool, given, options, { where, sessionId: this.id });
    if (task.state !== 'ended') refuse(this.#pool, task, refusal);
    return task;
  }

  #releasedError(how: 'released' | 'ended'): ShellwrightError {
    return new ShellwrightError('ERR_SESSION_RELEASED', `The session ${this.id} was ${how} before`, { started: false });
  }
}

/**
 * When its output is complete, and just after that its promise settled. It is not the promise that is looked at: a rejection that nobody handles is
 * to stay one.
 */
function endOf(run: Execution<string | Buffer> | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!run) return resolve();
    run.output$.subscribe({ complete: () => queueMicrotask(resolve) });
  });
}
