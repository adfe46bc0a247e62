import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { gain, isValid, nameOf, type Row } from './row.ts';

/** The less good quartile of the ratio of each row, by its name, in a run that was written down. */
export type Recorded = Record<string, number>;

const file = join(repoRoot, 'test/bench/recorded.json');

/** Empty where there is none. */
export function readRecorded(): Recorded {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

export function writeRecorded(recorded: Recorded): void {
  writeFileSync(file, `${JSON.stringify(recorded, undefined, 2)}\n`);
}

/** The record with these rows in it; those that were not measured stay as they are. */
export function record(rows: readonly Row[], before: Recorded): Recorded {
  const taken = rows.filter(isComparable).map((row) => [nameOf(row), Number(lasting(row).toPrecision(3))] as const);
  return { ...before, ...Object.fromEntries(taken) };
}

/**
 * The rows that are less than half as good as they were. What was not recorded, or is skipped now, is none of them, and each scenario
 * gets a second chance: a machine can be busy for as long as one takes.
 */
export async function regressed(
  rows: readonly Row[],
  recorded: Recorded,
  measure: (scenario: string) => Promise<Row[]>,
): Promise<Row[]> {
  const doubtful = rows.filter((row) => !holds(row, recorded));
  const again: Row[] = [];
  for (const scenario of new Set(doubtful.map((row) => row.scenario))) again.push(...(await measure(scenario)));
  const held = new Set(again.filter((row) => holds(row, recorded)).map(nameOf));
  return doubtful.filter((row) => !held.has(nameOf(row)));
}

function holds(row: Row, recorded: Recorded): boolean {
  const before = recorded[nameOf(row)];
  if (before === undefined || row.skipped !== undefined) return true;
  return gain(row.quantity, row.ratio.median) >= gain(row.quantity, before) / 2;
}

/** `cat` is not: two processes that only wake each other are several times as fast on a busy machine, where processors never sleep. */
function isComparable(row: Row): boolean {
  return isValid(row) && row.peer !== 'cat';
}

/** The ratio without what is chance in it. */
function lasting({ quantity, ratio, goal }: Row): number {
  const quartile = gain(quantity, 2) > 1 ? ratio.low : ratio.high;
  return goal?.flat && gain(quantity, quartile) > 1 ? 1 : quartile;
}
