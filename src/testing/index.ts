import { createPool, type Dialect, type Pool, type PoolOptions } from '../index.ts';
import type { Bench, Case } from './case.ts';
import { endingCases } from './ending-cases.ts';
import { outputCases } from './output-cases.ts';
import { quotingCases } from './quoting-cases.ts';
import type { ContractScripts } from './scripts.ts';

export type { ContractScripts } from './scripts.ts';

/** One test. */
export interface ContractCase {
  readonly name: string;
  /** Rejects with an AssertionError where the dialect does not keep its promise. */
  readonly run: () => Promise<void>;
}

/**
 * What every dialect promises, as tests for any runner: `for (const { name, run } of dialectContract(…)) test(name, run)`.
 *
 * They run real shells of the dialect, in a pool which is made by the first and ends by itself. One can take some seconds, and none more
 * than 30.
 */
export function dialectContract(dialect: Dialect, scripts: ContractScripts): readonly ContractCase[] {
  const open = (options: PoolOptions): Pool => createPool({ shell: dialect, max: 1, logger: false, ...options });
  let pool: Pool | undefined;
  const bench = (): Bench => {
    // Its shells end when no case has used them for a while, and none keeps the process alive.
    pool ??= open({ idleTimeout: 2_000 });
    return { scripts, pool, open };
  };
  const cases = [...outputCases(scripts), ...endingCases(scripts), ...quotingCases(scripts)];
  return cases
    .filter((one): one is Case => one !== undefined)
    .map(({ name, run }) => ({ name, run: () => inTime(run(bench()), name) }));
}

/** ms */
const limit = 30_000;

/** A shell alone does not keep the process alive: the timer does, and ends what would wait for ever. */
async function inTime(run: Promise<void>, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: this took longer than ${limit} ms`)), limit);
  });
  await Promise.race([run, late]).finally(() => clearTimeout(timer));
}
