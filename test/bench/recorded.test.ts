import { expect, test } from 'vitest';
import { record, regressed } from './recorded.ts';
import { flatAtLeast, rowOf, skippedRow, voidRow } from './row.ts';

const about = { scenario: 'sequential', quantity: 'commands/s', peer: 'ancestor' } as const;
const name = 'sequential · commands/s · ancestor';
const rate = (ours: number) => rowOf({ ...about, ours: [ours], theirs: [1] });
const never = () => Promise.reject(new Error('measured again'));

test('a ratio that is half of the recorded one holds, without being measured again', async () => {
  expect(await regressed([rate(1)], { [name]: 2 }, never)).toEqual([]);
});

test('a ratio under half is measured once more, and lost when it stays so', async () => {
  const asked: string[] = [];
  const again = (ours: number) => async (scenario: string) => {
    asked.push(scenario);
    return [rate(ours)];
  };
  expect(await regressed([rate(0.9)], { [name]: 2 }, again(1.1))).toEqual([]);
  expect(await regressed([rate(0.9)], { [name]: 2 }, again(0.8))).toEqual([rate(0.9)]);
  expect(asked).toEqual(['sequential', 'sequential']);
});

test('a ratio is lost when the second time gives no figures', async () => {
  const nothing = async () => [voidRow({ ...about, peer: 'all' }, 'no end')];
  expect(await regressed([rate(0.9)], { [name]: 2 }, nothing)).toHaveLength(1);
});

test('where less is better, twice the ratio is half as good', async () => {
  const cpu = (ours: number) => rowOf({ ...about, quantity: 'Node µs/command', ours: [ours], theirs: [1] });
  const recorded = { 'sequential · Node µs/command · ancestor': 1 };
  expect(await regressed([cpu(2)], recorded, never)).toEqual([]);
  expect(await regressed([cpu(2.1)], recorded, async () => [cpu(2.1)])).toHaveLength(1);
});

test('what was never recorded, or is skipped here, is not lost', async () => {
  expect(await regressed([rate(0.1), skippedRow(about, 'not here')], {}, never)).toEqual([]);
  expect(await regressed([skippedRow(about, 'not here')], { [name]: 2 }, never)).toEqual([]);
});

test('a record keeps what was not measured now, and takes no void figures', () => {
  const before = { [name]: 3, other: 1 };
  expect(record([rate(2)], before)).toEqual({ [name]: 2, other: 1 });
  expect(record([voidRow(about, 'no end')], before)).toEqual(before);
});

test('a record has the less good quartile, and nothing of cat', () => {
  const [ours, theirs] = [[1, 2, 3, 4, 5], Array.from({ length: 5 }, () => 1)];
  expect(record([rowOf({ ...about, ours, theirs }), { ...rate(2), peer: 'cat' }], {})).toEqual({ [name]: 2 });
  expect(record([rowOf({ ...about, quantity: 'ms', ours, theirs })], {})).toEqual({
    'sequential · ms · ancestor': 4,
  });
});

test('what is to be flat is recorded as no better than even', () => {
  expect(record([{ ...rate(2), goal: flatAtLeast }], {})).toEqual({ [name]: 1 });
  expect(record([{ ...rate(0.9), goal: flatAtLeast }], {})).toEqual({ [name]: 0.9 });
});
