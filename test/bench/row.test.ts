import { expect, test } from 'vitest';
import { atLeast, atMost, gain, isMet, rowOf, skippedRow, voidRow, type Measured } from './row.ts';

const about = { scenario: 'sequential', quantity: 'commands/s', peer: 'ancestor' } as const;
const row = (more: Partial<Measured>) => rowOf({ ...about, ours: [3, 3, 9], theirs: [2, 2, 2], ...more });

test('a row has the median of each side, and of the ratios within the rounds', () => {
  expect(row({})).toMatchObject({ ours: { median: 3 }, theirs: { median: 2 }, ratio: { median: 1.5, high: 4.5 } });
});

test.each([
  [atLeast(1.5), true],
  [atLeast(1.6), false],
  [atMost(1.5), true],
  [atMost(1.4), false],
  [undefined, undefined],
])('the goal %o is met by a ratio of 1.5: %s', (goal, met) => {
  expect(isMet(row({ goal }))).toBe(met);
});

test('no goal is met by void figures, and none is missed by what was not measured', () => {
  expect(isMet(row({ goal: atLeast(1), wrong: ['ours: echo a gave "b"'] }))).toBe(false);
  expect(isMet({ ...voidRow(about, 'no end'), goal: atMost(1) })).toBe(false);
  expect(isMet({ ...skippedRow(about, 'not here'), goal: atLeast(1) })).toBeUndefined();
});

test('the gain is higher the better, whichever way a quantity goes', () => {
  expect(gain('commands/s', 2)).toBe(2);
  expect(gain('Node µs/command', 2)).toBe(0.5);
});
