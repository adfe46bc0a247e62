import { expect, test } from 'vitest';
import { classes } from '../parity/classes.ts';
import { rowsOf, sectionOf } from '../support/pages.ts';

const page = 'docs/parity.md';

test(`${page} has every class of differences with its reason`, () => {
  const rows = rowsOf(sectionOf(page, '## Classes of differences')).map(([name, , , why]) => [name, why]);
  const known = Object.entries(classes).map(([name, { why }]) => [name, why.replaceAll('`', '')]);
  expect(rows).toEqual(known);
});

test(`${page} counts what differs alike in both tables`, () => {
  const measured = rowsOf(sectionOf(page, '## What was measured'));
  const counts = rowsOf(sectionOf(page, '## Classes of differences'));
  const sum = (column: number): number => counts.reduce((total, row) => total + Number(row[column] || 0), 0);
  expect(measured.map(([shell, , , , differ]) => [shell, Number(differ)])).toEqual([
    ['bash', sum(1)],
    ['dash', sum(2)],
  ]);
});
