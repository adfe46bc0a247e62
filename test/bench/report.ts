import { cpus, loadavg } from 'node:os';
import { isMet, isValid, nameOf, type Goal, type Row } from './row.ts';

/** Whether every answer of every peer was right. */
export function allRight(rows: readonly Row[]): boolean {
  return rows.every((row) => row.skipped !== undefined || isValid(row));
}

/** One JSON document for programs: the rows of the table. */
export function asJson(rows: readonly Row[]): string {
  const machine = { node: process.version, cpus: cpus().length, load: loadavg()[0] };
  const shown = rows.map(({ goal = null, ...row }) => ({
    name: nameOf(row),
    ...row,
    goal,
    met: isMet({ ...row, goal: goal ?? undefined }) ?? null,
  }));
  return JSON.stringify({ machine, allRight: allRight(rows), rows: shown }, undefined, 2);
}

/** All rows for people, and below them what was wrong. */
export function asTable(rows: readonly Row[]): string {
  const cells = [['', '', 'ours', 'theirs', 'beside', 'ours ÷ theirs', '', 'goal', ''], ...rows.map(cellsOf)];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row.map((cell, column) => (numeric.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))),
  );
  const wrong = new Set(rows.flatMap((row) => row.wrong.map((what) => `WRONG in ${row.scenario}: ${what}`)));
  return [...lines.map((line) => line.join('  ').trimEnd()), ...wrong, '', legend].join('\n');
}

/** The ratio and the goal of a row, and whether it is met, in words. */
export function verdictOf(row: Row): { ratio: string; quartiles: string; goal: string; met: string } {
  const met = isMet(row);
  const goal = row.goal === undefined ? '' : wordsOf(row.goal);
  if (row.skipped !== undefined) return { ratio: '', quartiles: '', goal, met: `not measured: ${row.skipped}` };
  if (!isValid(row)) return { ratio: 'void', quartiles: '', goal, met: 'void' };
  const { median, low, high } = row.ratio;
  return {
    ratio: `${short(median)} ×`,
    quartiles: `${short(low)} to ${short(high)}`,
    goal,
    met: met === undefined ? '' : met ? 'met' : 'missed',
  };
}

const legend =
  'Medians over rounds in which all take turns, and the quartiles of the ratio. Where less is better (µs, ms, kB, RSS) a ratio below 1 is good.\n' +
  'Node µs is of the Node process alone, shell µs of the shells without what they start. cat is ping-pong without shell or library;\n' +
  'child_process.exec and execa start a /bin/sh for every command.';

const numeric = new Set([2, 3, 5]);

function cellsOf(row: Row): string[] {
  const { ratio, quartiles, goal, met } = verdictOf(row);
  const figures = isValid(row) ? [short(row.ours.median), short(row.theirs.median)] : ['', ''];
  return [row.scenario, row.quantity, ...figures, row.peer, ratio, quartiles, goal, met];
}

function wordsOf(goal: Goal): string {
  return 'atLeast' in goal ? `≥ ${goal.atLeast} ×` : `≤ ${goal.atMost} ×`;
}

/** With as many digits as mean something. */
function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
