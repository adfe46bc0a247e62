import type { ShellState } from '../../machines/index.ts';
import type { IdleShell } from './access.ts';
import type { PoolContext } from './context.ts';
import type { HistoryEntry } from './history.ts';
import { InitAccess } from './init-access.ts';
import type { Shell } from './shell.ts';

/** The shell that `validate` gets: commands as in `init`, and its status as it is at each look. */
export class IdleAccess extends InitAccess implements IdleShell {
  readonly #shell: Shell;

  constructor(shell: Shell, pool: PoolContext) {
    super(shell, pool);
    this.#shell = shell;
  }

  get id(): string {
    return this.#shell.slot;
  }

  get state(): ShellState {
    return this.#shell.state;
  }

  get since(): number {
    return this.#shell.since;
  }

  get uses(): number {
    return this.#shell.uses;
  }

  get history(): HistoryEntry[] {
    return this.#shell.history.entries();
  }
}
