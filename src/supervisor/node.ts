import type { ShellwrightError } from '../errors.ts';
import type { CheckedChild } from '../options/supervisor-options.ts';
import { poolInput } from '../pool/actors.ts';
import { poolParts, type Place, type PoolParts } from '../pool/parts.ts';
import { Pool } from '../pool/pool.ts';
import type { TreeActors } from './actors.ts';

/** Why there is no run: an error of its own for everybody who asks. */
export type Reason = () => ShellwrightError;

/** A child as long as it is in its supervisor's list, running or not. */
export interface Node {
  readonly id: string;
  /** It is among the `children` of the options: it comes back when its supervisor is restarted. */
  readonly isStatic: boolean;
  /** Why its present or last run failed, if it did. */
  readonly failure: ShellwrightError | undefined;
  /** Its run is over, whatever it has said: what is left of it is killed. */
  lost(): void;
  /** It does not run again, as far as is known. */
  retire(reason: Reason): void;
  /** It does after all. */
  revive(): void;
  /** It never runs again. */
  finish(): void;
}

/** A pool in its place. Its `Pool` is the same in all its runs. */
export class PoolNode implements Node {
  readonly id: string;
  readonly isStatic: boolean;
  readonly pool: Pool<string | Buffer>;
  readonly #parts: PoolParts;
  readonly #leave: () => void;

  constructor(
    child: CheckedChild & { type: 'pool' },
    isStatic: boolean,
    place: Omit<Place, 'patience'>,
    actors: TreeActors,
  ) {
    const { path } = place;
    const parts = poolParts(child.pool, { ...place, patience: patienceOf(child) });
    this.id = child.id;
    this.isStatic = isStatic;
    this.pool = new Pool(parts);
    this.#parts = parts;
    actors.pools.set(path, parts.lifecycle);
    actors.inputs.set(path, poolInput(path, child.pool));
    this.#leave = () => actors.pools.delete(path) && actors.inputs.delete(path);
  }

  get failure(): ShellwrightError | undefined {
    const { tenure } = this.#parts.lifecycle;
    return tenure.failure && tenure.failedError();
  }

  lost(): void {
    this.#parts.lifecycle.lost();
  }

  retire(reason: Reason): void {
    this.#parts.lifecycle.tenure.retire(reason);
    this.#parts.statuses.changed();
  }

  revive(): void {
    this.#parts.lifecycle.tenure.revive();
    this.#parts.statuses.changed();
  }

  finish(): void {
    this.#parts.lifecycle.finish();
    this.#leave();
  }
}

/** What still runs in a pool that has failed gets the time that it would get in one that is told to end. */
function patienceOf({ shutdown }: CheckedChild): number {
  return typeof shutdown === 'number' ? shutdown : shutdown === 'infinity' ? Infinity : 0;
}
