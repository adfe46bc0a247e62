import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { gain, isValid, nameOf, type Row } from './row.ts';

/** The ratio of each row, by its name, in a run that was written down. */
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
  const taken = rows.filter(isValid).map((row) => [nameOf(row), Number(row.ratio.median.toPrecision(3))] as const);
  return { ...before, ...Object.fromEntries(taken) };
}

/** The rows that are less than half as good as they were. What was not recorded, or not measured now, is none of them. */
export function regressed(rows: readonly Row[], recorded: Recorded): Row[] {
  return rows.filter((row) => {
    const before = recorded[nameOf(row)];
    if (before === undefined || row.skipped !== undefined) return false;
    return !(gain(row.quantity, row.ratio.median) >= gain(row.quantity, before) / 2);
  });
}
