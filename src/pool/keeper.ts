import type { ExitKind } from '../../machines/index.ts';

/** Who starts the runs of a pool's machine: a supervisor. */
export interface Keeper {
  /** Ms for what still runs in a pool that has failed. */
  readonly patience: number;
  /** Whether another run is to follow the present one, if that ends like this of its own accord; as far as is known. */
  returns(exit: ExitKind): boolean;
}
