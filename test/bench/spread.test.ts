import { expect, test } from 'vitest';
import { ratios, spread } from './spread.ts';

test('the spread is the median and the quartiles, in whatever order the values came', () => {
  expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  expect(spread([7])).toEqual({ median: 7, low: 7, high: 7 });
});

test('the spread of nothing is no number', () => {
  expect(spread([])).toEqual({ median: Number.NaN, low: Number.NaN, high: Number.NaN });
});

test('ratios are taken within a round, so that a round in which all were slow changes nothing', () => {
  expect(ratios([10, 1, 10], [5, 0.5, 5])).toEqual({ median: 2, low: 2, high: 2 });
});

test('ratios leave out the rounds that one side did not finish', () => {
  expect(ratios([4, 4, 4], [2])).toEqual({ median: 2, low: 2, high: 2 });
});
