import { causeOf } from '../../machines/index.ts';
import { commandText, type Command } from '../commands/command.ts';
import { outside } from '../process/outside.ts';
import type { PoolContext } from './context.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Upkeep } from './requests.ts';
import { Health } from './health.ts';
import { failureOf, runOwn } from './own-command.ts';
import type { Shell } from './shell.ts';
import { Validation } from './validation.ts';

/** None where no option asks for it: then nothing is done between borrowers. */
export function upkeepOf(pool: PoolContext, dispatcher: Dispatcher): PoolUpkeep | undefined {
  const { reset, healthCheck, validate } = pool.options;
  if (reset === 'none' && !healthCheck && !validate) return undefined;
  const upkeep = new PoolUpkeep(pool, dispatcher);
  dispatcher.upkeep = upkeep;
  return upkeep;
}

/**
 * What a pool does with its shells between borrowers, where its options ask for any: after a borrower it resets, then checks where a
 * check is due; before the next one it validates. Meanwhile nobody else has the shell.
 */
export class PoolUpkeep implements Upkeep {
  readonly #pool: PoolContext;
  readonly #dispatcher: Dispatcher;
  readonly #resets: readonly (string | Command)[];
  readonly #health: Health | undefined;
  readonly #validation: Validation | undefined;

  /** @throws {ShellwrightError} ERR_OPTIONS for a command that the dialect cannot render */
  constructor(pool: PoolContext, dispatcher: Dispatcher) {
    const { reset, healthCheck, validate } = pool.options;
    this.#pool = pool;
    this.#dispatcher = dispatcher;
    this.#resets = Array.isArray(reset) ? reset : [];
    for (const command of this.#resets) commandText(command, pool.dialect, 'reset');
    for (const { command } of healthCheck?.commands ?? []) commandText(command, pool.dialect, 'healthCheck');
    this.#health = healthCheck && new Health(pool, healthCheck);
    this.#validation = validate && new Validation(pool, validate);
  }

  after(shell: Shell): boolean {
    if (this.#pool.options.reset === 'respawn') {
      shell.invalidate('reset');
      return false;
    }
    if (this.#resets.length > 0) {
      this.#dispatcher.tend(shell, 'resetting');
      void outside(() => this.#reset(shell));
      return true;
    }
    return this.#checkWhereDue(shell);
  }

  before(shell: Shell): boolean {
    if (!this.#validation?.applies(shell)) return true;
    this.#dispatcher.tend(shell, 'validating');
    const answer = this.#validation.ask(shell);
    if (typeof answer === 'boolean') return answer;
    void outside(() => this.#lendIf(shell, answer));
    return false;
  }

  /** Its check has fallen due: it is done now where nobody holds the shell, and else when it comes free. */
  fallDue(shell: Shell): void {
    this.#health?.fallDue(shell);
    if (this.#dispatcher.take(shell)) this.#check(shell);
  }

  /** The shell has become invalid. */
  lost(shell: Shell, cause: string): void {
    if (shell.upkeep === 'checking') this.#health?.lost(shell, cause);
  }

  async #reset(shell: Shell): Promise<void> {
    for (const command of this.#resets) {
      const outcome = await runOwn(this.#pool, shell, command, 'reset');
      // Whoever ended it has said why.
      if (!outcome || !shell.usable) return;
      const failure = failureOf(outcome);
      if (failure !== undefined) return shell.invalidate('reset-failed', causeOf(`the command ${failure}`));
    }
    if (!this.#checkWhereDue(shell)) this.#dispatcher.giveBack(shell);
  }

  #checkWhereDue(shell: Shell): boolean {
    const isDue = this.#health?.isDue(shell, this.#dispatcher.waitingSince) ?? false;
    if (isDue) this.#check(shell);
    return isDue;
  }

  #check(shell: Shell): void {
    this.#dispatcher.tend(shell, 'checking');
    void outside(async () => {
      await this.#health?.run(shell, () => this.#dispatcher.queued > 0);
      this.#dispatcher.giveBack(shell);
    });
  }

  async #lendIf(shell: Shell, answer: Promise<boolean>): Promise<void> {
    if (await answer) this.#dispatcher.giveBack(shell, true);
  }
}
