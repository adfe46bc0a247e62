import type { UpkeepState } from './shell-roles.ts';
import type { Shell } from './shell.ts';

/** Counts the shells with which something is done between borrowers. */
export class Tended {
  readonly #counts: Record<UpkeepState, number> = { validating: 0, checking: 0, resetting: 0 };

  get validating(): number {
    return this.#counts.validating;
  }

  /** Those that are being made ready for a borrower. A check may take its time, so nobody counts on its shell. */
  get preparing(): number {
    return this.#counts.validating + this.#counts.resetting;
  }

  get all(): number {
    return this.preparing + this.#counts.checking;
  }

  add(shell: Shell, state: UpkeepState): void {
    this.delete(shell);
    shell.upkeep = state;
    this.#counts[state]++;
  }

  /** False: nothing was done with it. */
  delete(shell: Shell): boolean {
    if (!shell.upkeep) return false;
    this.#counts[shell.upkeep]--;
    shell.upkeep = undefined;
    return true;
  }
}
