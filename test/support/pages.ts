import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './repo.ts';

export function textOf(path: string): string {
  return readFileSync(join(repoRoot, path), 'utf8');
}

/** The part of a page under the heading, up to the next heading of the same or a higher level. */
export function sectionOf(page: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const lines = textOf(page).split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`${page} has no heading "${heading}"`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? Infinity) <= level);
  return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

/** The rows of every table in the text, without heads; cells without their backticks. A `\|` does not end a cell. */
export function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line: string | undefined): boolean =>
    line !== undefined && /^[|\s:-]+$/.test(line) && line.includes('-');
  return lines.filter((line, index) => !isRule(line) && !isRule(lines[index + 1])).map(cellsOf);
}

function cellsOf(line: string): string[] {
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('`', ''));
}
