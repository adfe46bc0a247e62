import { causeOf } from '../../machines/index.ts';
import { messageOf } from '../errors.ts';
import { show } from '../options/check.ts';
import type { Validate } from '../options/upkeep.ts';
import { outside } from '../process/outside.ts';
import type { PoolContext } from './context.ts';
import { IdleAccess } from './idle-access.ts';
import type { Shell } from './shell.ts';

/** Asks `validate` before every borrow of a shell but its first. */
export class Validation {
  readonly #pool: PoolContext;
  readonly #validate: Validate;
  readonly #lent = new WeakSet<Shell>();

  constructor(pool: PoolContext, validate: Validate) {
    this.#pool = pool;
    this.#validate = validate;
  }

  /** Whether it is to be asked; not before the first borrow, which this call then stands for. */
  applies(shell: Shell): boolean {
    if (this.#lent.has(shell)) return true;
    this.#lent.add(shell);
    return false;
  }

  /** At once where the answer is, so that a borrower need not wait for a promise. A shell that is refused is invalid when this is over. */
  ask(shell: Shell): boolean | Promise<boolean> {
    const access = new IdleAccess(shell, this.#pool);
    try {
      const answer: unknown = outside(() => this.#validate(access));
      if (isThenable(answer) || access.isActive) return this.#wait(shell, access, answer);
      void access.end();
      return judge(shell, answer);
    } catch (error) {
      void access.end();
      return refuse(shell, messageOf(error));
    }
  }

  async #wait(shell: Shell, access: IdleAccess, answer: unknown): Promise<boolean> {
    try {
      const settled = await answer;
      // What it did not wait for must not meet the commands of the borrower.
      await access.end();
      return judge(shell, settled);
    } catch (error) {
      void access.end();
      return refuse(shell, messageOf(error));
    }
  }
}

/** Only `true` is yes: a forgotten `return`, or a result that says of itself that it failed, must not pass. */
function judge(shell: Shell, answer: unknown): boolean {
  if (answer !== true) return refuse(shell, answer === false ? 'validate said no' : `validate gave ${show(answer)}`);
  // It may have been lost meanwhile.
  return shell.usable;
}

function refuse(shell: Shell, cause: string): false {
  if (shell.usable) shell.invalidate('validate-failed', causeOf(cause));
  return false;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
