import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { shellNames, type Hazard, type Outcome, type ShellName } from './hazard.ts';

/** By the name of a hazard and by shell: what came of it whenever it was tried; more than one where it depends on chance. */
export type Expected = Record<string, Partial<Record<ShellName, Outcome[]>>>;

const path = join(repoRoot, 'test/hazards/expected.json');

export function readExpected(): Expected {
  return JSON.parse(readFileSync(path, 'utf8')) as Expected;
}

export function writeExpected(expected: Expected): void {
  writeFileSync(path, `${JSON.stringify(expected, undefined, 2)}\n`);
}

/** The rows of a table of docs/hazards.md: a hazard, its command, and what comes of it in every shell. */
export function rowsFor(hazards: readonly Hazard[], expected: Expected): string[][] {
  return hazards.map(({ name, command, shells }) => [
    name,
    shown(command),
    ...shellNames.map((shell) => (shells.includes(shell) ? (expected[name]?.[shell] ?? []).join(', ') : '')),
  ]);
}

/** On one line, and not too long. */
function shown(command: string): string {
  const line = JSON.stringify(command).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  return line.length > 100 ? `${line.slice(0, 100)} …` : line;
}
