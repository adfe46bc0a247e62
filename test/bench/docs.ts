import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { verdictOf } from './report.ts';
import { nameOf, type Row } from './row.ts';

const inReadme = new Set([
  'sequential · commands/s · ancestor',
  'sequential · Node µs/command · ancestor',
  'sequential · commands/s · cat',
  'sequential, of 100 characters · commands/s · ancestor',
  'sequential, beside a process each · commands/s · child_process.exec',
  '4 callers on 4 shells · commands/s · ancestor',
  '4 callers on 4 shells · Node µs/command · ancestor',
  '4 callers on 4 shells, of 100 characters · commands/s · ancestor',
  '16 callers on 4 shells · commands/s · ancestor',
  'execAll of 1,000 · commands/s · ancestor',
  'dash, sequential · commands/s · ancestor on dash',
  '1 GiB of output, streamed · MiB/s · raw pipe read',
  '1 MB of command text · ms · a file that is sourced',
  '10,000 queued commands · µs/command · 1,000 queued',
  '100,000 queued commands · µs/command · 1,000 queued',
  '500 idle shells · heap kB/shell · 50 kB',
  "import 'shellwright' · ms · its dependencies",
  'createPool to first result · ms · bash and its answer',
]);

/** Writes the tables of the pages, all from these rows. */
export function writeDocs(rows: readonly Row[], quick: boolean): void {
  write('docs/performance.md', `${circumstances(quick)}\n\n${asMarkdown(rows)}`);
  write('README.md', asMarkdown(rows.filter((row) => inReadme.has(nameOf(row)))));
}

/** Ratios only: other figures are those of one machine. */
export function asMarkdown(rows: readonly Row[]): string {
  const cells = [
    ['', 'of what', 'beside', 'ours ÷ theirs', 'quartiles', 'goal', ''],
    ...rows.map((row) => {
      const { ratio, quartiles, goal, met } = verdictOf(row);
      return [row.scenario, row.quantity, row.peer, ratio, quartiles, goal, met];
    }),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [
    line(cells[0]!),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...cells.slice(1).map(line),
  ].join('\n');
}

/** The page with this between its two markers, and nothing else changed. @throws {Error} when it lacks one of them */
export function between(page: string, table: string): string {
  const [before, rest, ...more] = page.split('<!-- bench: begin -->');
  const [old, after, ...others] = rest?.split('<!-- bench: end -->') ?? [];
  if (old === undefined || after === undefined || more.length + others.length > 0)
    throw new Error('Expected one <!-- bench: begin --> and one <!-- bench: end --> after it');
  return `${before}<!-- bench: begin -->\n\n${table}\n\n<!-- bench: end -->${after}`;
}

/** What the figures depend on: on a busy machine, processes wake each other sooner and wait for a processor longer. */
function circumstances(quick: boolean): string {
  const load = loadavg()[0]!.toFixed(1);
  return `A ${quick ? 'quick' : 'full'} run with Node ${process.versions.node} on ${availableParallelism()} processors, at a load of ${load} at its end, its own included:`;
}

function write(path: string, table: string): void {
  const file = join(repoRoot, path);
  writeFileSync(file, between(readFileSync(file, 'utf8'), table));
}
