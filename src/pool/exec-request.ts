import { ShellwrightError } from '../errors.ts';
import type { Outcome } from '../execution/outcome.ts';
import type { Task, TaskOwner } from '../execution/task.ts';
import type { PoolContext } from './context.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Request } from './requests.ts';
import type { Shell } from './shell.ts';
import { announce, record, refuse } from './tasks.ts';
import { startTimer } from './timer.ts';

/** One command that takes any shell, for as long as it runs. */
export class ExecRequest implements Request, TaskOwner {
  readonly priority: number;
  readonly #task: Task;
  readonly #pool: PoolContext;
  readonly #dispatcher: Dispatcher;
  #shell: Shell | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(task: Task, pool: PoolContext, dispatcher: Dispatcher) {
    this.priority = task.settings.priority;
    this.#task = task;
    this.#pool = pool;
    this.#dispatcher = dispatcher;
    task.owner = this;
    pool.keepAlive.hold();
  }

  get since(): number {
    return this.#task.queuedAt;
  }

  get granted(): boolean {
    return this.#shell !== undefined;
  }

  submit(): void {
    if (this.#dispatcher.submit(this) || this.#task.state === 'ended') return;
    announce(this.#pool, this.#task, 'command.queued');
    const { acquireTimeout } = this.#task.settings;
    this.#timer = startTimer(acquireTimeout, () => {
      this.#dispatcher.cancel(this);
      this.fail(acquireTimedOut(acquireTimeout, `The command waited: ${this.#task.text}`));
    });
  }

  grant(shell: Shell): boolean {
    if (!shell.run(this.#task)) return false;
    clearTimeout(this.#timer);
    this.#shell = shell;
    announce(this.#pool, this.#task, 'command.started');
    return true;
  }

  fail(error: ShellwrightError): void {
    refuse(this.#pool, this.#task, error);
  }

  dequeue(): void {
    this.#dispatcher.cancel(this);
  }

  ended(task: Task, outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#pool.keepAlive.release();
    const shell = this.#shell;
    record(this.#pool, task, outcome, shell);
    if (shell) this.#dispatcher.letGo(shell);
  }

  /** The command ends by itself, since its process did, or by being stopped. */
  shellLost(): void {}
}

export function acquireTimedOut(acquireTimeout: number, what: string): ShellwrightError {
  return new ShellwrightError(
    'ERR_ACQUIRE_TIMEOUT',
    `No shell became free within acquireTimeout (${acquireTimeout} ms). ${what}`,
    { started: false },
  );
}
