import type { ExitKind } from '../../machines/index.ts';

/** Who starts the runs of a pool's machine: a supervisor. */
export interface Keeper {
  /** Ms for what still runs in a pool that has failed. */
  readonly patience: number;
  /** Whether another run is to follow, or one goes on, as far as is known. @param exit how the present one is about to end */
  returns(exit: ExitKind | undefined): boolean;
}
