import type { StopReason } from '../execution/task-roles.ts';
import type { Task } from '../execution/task.ts';
import { optionsError } from '../options/check.ts';
import type { ShellwrightError } from '../errors.ts';
import { Background } from './background.ts';
import type { PoolContext } from './context.ts';
import type { Shell } from './shell.ts';

/** The commands that run beside those of one session. */
export class Backgrounds {
  readonly #pool: PoolContext;
  readonly #given = new WeakSet<Task>();
  readonly #live = new Set<Background>();

  constructor(pool: PoolContext) {
    this.#pool = pool;
  }

  /** It is to run beside the others, when its turn comes. */
  add(task: Task): void {
    this.#given.add(task);
  }

  has(task: Task): boolean {
    return this.#given.has(task);
  }

  /** Some may have ended and left something running. */
  get isEmpty(): boolean {
    return this.#live.size === 0;
  }

  get isRunning(): boolean {
    return [...this.#live].some(({ task }) => task.state !== 'ended');
  }

  ran(task: Task): boolean {
    return task.runner instanceof Background;
  }

  /** @throws {ShellwrightError} ERR_ABORTED */
  make(task: Task, shell: Shell): Background {
    const background = new Background(task, shell, this.#pool);
    this.#live.add(background);
    void background.closed.then(() => this.#live.delete(background));
    return background;
  }

  /** Ends all, and resolves when nothing of them is left. */
  async end(reason: StopReason, rung: 'interrupt' | 'kill'): Promise<void> {
    const { keepAlive } = this.#pool;
    keepAlive.hold();
    await Promise.all([...this.#live].map((background) => background.end(reason, rung)));
    keepAlive.release();
  }
}

/** Why there are none here, if there are none. */
export function noBackground({ dialect }: PoolContext): ShellwrightError | undefined {
  const where = `Expected session.background not to be called: ${dialect.name}`;
  if (!dialect.background) return optionsError(`${where} has no background commands`);
  const lacking = (['signals', 'localFiles'] as const).find((name) => !dialect.capabilities[name]);
  return lacking && optionsError(`${where} as it is started here has none (capabilities.${lacking})`);
}
