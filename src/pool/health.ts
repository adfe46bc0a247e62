import { causeOf } from '../../machines/index.ts';
import { messageOf } from '../errors.ts';
import type { ExecResult } from '../execution/result.ts';
import { show } from '../options/check.ts';
import type { CheckedHealthCheck, HealthCommand } from '../options/upkeep.ts';
import type { PoolContext } from './context.ts';
import { runOwn } from './own-command.ts';
import type { Shell } from './shell.ts';
import { verdictOn } from './verdict.ts';

/** Where one shell is with its check. */
interface Round {
  isDue: boolean;
  /** The command that is next: a round that was stopped goes on there. */
  next: number;
  /** How long the commands before took, ms. */
  spent: number;
  /** When it was last begun or gone on with, of `performance.now()`. */
  begunAt: number;
}

/** The health checks of the shells of a pool: which are due, and their rounds. */
export class Health {
  readonly #pool: PoolContext;
  readonly #commands: CheckedHealthCheck['commands'];
  readonly #rounds = new WeakMap<Shell, Round>();
  /** Shells that are being checked. */
  #running = 0;
  /** When the last of them was done, of `performance.now()`. */
  #lastEnd = -Infinity;

  constructor(pool: PoolContext, { commands }: CheckedHealthCheck) {
    this.#pool = pool;
    this.#commands = commands;
  }

  fallDue(shell: Shell): void {
    this.#roundOf(shell).isDue = true;
  }

  /**
   * Whether it is to be checked now. Not when the request that would get it waits, or has waited, for another check: nobody waits for two.
   * @param waitingSince of that request, if there is one
   */
  isDue(shell: Shell, waitingSince: number | undefined): boolean {
    if (this.#rounds.get(shell)?.isDue !== true) return false;
    return waitingSince === undefined || (this.#running === 0 && waitingSince > this.#lastEnd);
  }

  /** One round of the list. It stops after its present command when somebody waits, and is then still due. */
  async run(shell: Shell, isAwaited: () => boolean): Promise<void> {
    this.#running++;
    await this.#goOn(shell, isAwaited);
    this.#running--;
    this.#lastEnd = performance.now();
  }

  /** The shell was lost while it was checked: whatever the reason, the check has failed. */
  lost(shell: Shell, cause: string): void {
    const { spent, begunAt } = this.#roundOf(shell);
    const { bus, metrics } = this.#pool;
    metrics.health.failed++;
    const durationMs = spent + performance.now() - begunAt;
    bus.publish('health.failed', { shellId: shell.slot, pid: shell.pid, durationMs, cause });
  }

  async #goOn(shell: Shell, isAwaited: () => boolean): Promise<void> {
    const round = this.#roundOf(shell);
    round.begunAt = performance.now();
    do {
      const { command, invalidateOn, accept } = this.#commands[round.next] as CheckedHealthCheck['commands'][number];
      const outcome = await runOwn(this.#pool, shell, command, 'healthCheck');
      // Whoever ended it has said why.
      if (!outcome || !shell.usable) return;
      const { result } = outcome;
      const verdict =
        result.error?.message ?? verdictOn(result, invalidateOn) ?? (accept && objectionTo(result, accept));
      if (verdict !== undefined) return shell.invalidate('health-failed', causeOf(`${verdict}: ${result.command}`));
      round.next++;
    } while (round.next < this.#commands.length && !isAwaited());
    round.spent += performance.now() - round.begunAt;
    if (round.next === this.#commands.length) this.#pass(shell, round.spent);
  }

  #pass(shell: Shell, durationMs: number): void {
    const { bus, metrics } = this.#pool;
    metrics.health.passed++;
    this.#rounds.delete(shell);
    bus.publish('health.passed', { shellId: shell.slot, pid: shell.pid, durationMs });
  }

  #roundOf(shell: Shell): Round {
    const known = this.#rounds.get(shell);
    if (known) return known;
    const round: Round = { isDue: false, next: 0, spent: 0, begunAt: 0 };
    this.#rounds.set(shell, round);
    return round;
  }
}

/** Only `true` is yes, as with `validate`. */
function objectionTo(
  result: ExecResult<string | Buffer>,
  accept: NonNullable<HealthCommand['accept']>,
): string | undefined {
  try {
    const answer: unknown = accept(result);
    if (answer === true) return undefined;
    return answer === false ? 'accept said no' : `accept gave ${show(answer)}`;
  } catch (error) {
    return messageOf(error);
  }
}
