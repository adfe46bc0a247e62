import { expect, test } from 'vitest';
import { textOf } from '../support/pages.ts';
import { readArguments } from './arguments.ts';
import { asMarkdown, between } from './docs.ts';
import { atLeast, rowOf } from './row.ts';
import { scenarios } from './scenarios/index.ts';

const known = ['a', 'b', 'c'];

test('no arguments are all scenarios and nothing else', () => {
  expect(readArguments([], known)).toEqual({
    quick: false,
    json: false,
    check: false,
    record: false,
    docs: false,
    growth: false,
    help: false,
    scenarios: known,
  });
});

test('named scenarios are measured in the order of the table', () => {
  expect(readArguments(['--quick', '--scenario', 'c', '--scenario', 'a'], known)).toMatchObject({
    quick: true,
    scenarios: ['a', 'c'],
  });
});

test.each([
  [['--scenario', 'd'], 'there is no scenario "d"'],
  [['--docs', '--scenario', 'a'], 'without --scenario'],
  [['--check', '--record'], 'do not go together'],
  [['--fast'], '--fast'],
  [['a'], "'a'"],
])('%j is refused', (args, why) => {
  expect(readArguments(args, known)).toContain(why);
});

test('the names of scenarios differ', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
});

test('a table goes between the markers of a page, and nothing else changes', () => {
  const goal = atLeast(2);
  const row = rowOf({ scenario: 'a', quantity: 'commands/s', peer: 'b', goal, ours: [3], theirs: [1] });
  const page = 'above\n<!-- bench: begin -->old<!-- bench: end -->\nbelow\n';
  const written = between(page, asMarkdown([row]));
  expect(written).toMatch(/^above\n<!-- bench: begin -->\n\n\|.*<!-- bench: end -->\nbelow\n$/s);
  expect(written).toMatch(/\| a +\| commands\/s +\| b +\| 3\.00 × +\| 3\.00 to 3\.00 +\| ≥ 2 × +\| met +\|/);
  expect(between(written, asMarkdown([row]))).toBe(written);
});

test('a page without markers, or with them the wrong way round, is left alone', () => {
  expect(() => between('above\n', '')).toThrow('bench: begin');
  expect(() => between('<!-- bench: end --><!-- bench: begin -->', '')).toThrow('bench: begin');
});

test('docs/performance.md names every scenario, and no other', () => {
  const [, table = ''] = textOf('docs/performance.md').split('| `--scenario`');
  const named = Array.from(table.split('<!--')[0]!.matchAll(/^\| `([^`]+)` /gm), ([, name]) => name);
  expect(named).toEqual(scenarios.map(({ name }) => name));
});
