import { expect, onTestFinished, test } from 'vitest';
import { OutputStore } from '../../src/cli/output-store.ts';

function storeOf(budget: number): OutputStore {
  const store = new OutputStore(budget);
  onTestFinished(() => store.close());
  return store;
}

test('keeps pieces in memory up to its budget, and above it in a file', () => {
  const store = storeOf(6);
  const stored = ['abc', 'def', 'ghi', 'jkl'].map((text) => store.put(Buffer.from(text)));
  expect(stored.map((piece) => Buffer.isBuffer(piece))).toEqual([true, true, false, false]);
  expect(stored.map((piece) => store.take(piece).toString())).toEqual(['abc', 'def', 'ghi', 'jkl']);
});

test('uses memory again that was given back, and the file from its start', () => {
  const store = storeOf(3);
  for (let round = 0; round < 3; round++) {
    const [first, second] = [store.put(Buffer.from('abc')), store.put(Buffer.from('def'))];
    expect(second).toEqual({ start: 0, length: 3 });
    expect(store.take(second).toString() + store.take(first).toString()).toBe('defabc');
  }
});
