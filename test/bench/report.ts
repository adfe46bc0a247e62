import { cpus, loadavg } from 'node:os';
import type { Figures, PeerFigures, Spread } from './measure.ts';

/** Whether every answer of every peer was right. */
export function allRight(figures: readonly Figures[]): boolean {
  return figures.every(({ peers }) => peers.every(({ wrong, answers }) => wrong.length === 0 && answers > 0));
}

/** One JSON document for programs. */
export function asJson(figures: readonly Figures[]): string {
  const machine = { node: process.version, cpus: cpus().length, load: loadavg()[0] };
  return JSON.stringify({ machine, allRight: allRight(figures), scenarios: figures }, undefined, 2);
}

/** One scenario for people. */
export function asTable({ scenario, peers }: Figures): string {
  const rows = [columns, ...peers.map(row)];
  const widths = columns.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  const wrong = peers.flatMap(({ name, wrong: found }) => found.slice(0, 3).map((what) => `  WRONG ${name}: ${what}`));
  return [scenario, ...lines.map((cells) => `  ${cells.join('  ')}`), ...wrong, ''].join('\n');
}

/** Below the tables. */
export const legend =
  'Medians, and in brackets the quartiles, over interleaved slices. Ratios are within a round: above 1.00 in "ours ×" we are faster,\n' +
  'below 1.00 in "ours × CPU" we need less of Node. CPU is of the Node process alone, in µs per command. raw is `cat` ping-pong.\n' +
  'unwatched is ours with an inspector that nobody looks at any more, watched with one viewer.';

const columns = ['', 'commands/s', 'CPU µs', 'ours ×', '', 'ours × CPU', '', 'answers'];

function row({ name, rate, cpu, ours, answers, wrong }: PeerFigures): string[] {
  if (wrong.length > 0) return [name, 'void', 'void', '', '', '', '', `${answers}, some wrong`];
  const compared = name === 'ours' ? ['', '', '', ''] : [...ratio(ours.rate), ...ratio(ours.cpu)];
  return [name, Math.round(rate.median).toLocaleString('en'), cpu.median.toFixed(1), ...compared, String(answers)];
}

function ratio({ median, low, high }: Spread): [string, string] {
  return [median.toFixed(2), `[${low.toFixed(2)} ${high.toFixed(2)}]`];
}
