import { expect, test } from 'vitest';
import type { Peer } from '../peers/peer.ts';
import { OutputCheck } from './output-check.ts';
import { callers, lists, slice } from './slice.ts';

const honest: Peer = {
  ask: async ({ answer }) => answer,
  askAll: async (questions) => questions.map(({ answer }) => answer),
  close: async () => {},
};

test.each([
  ['one caller', callers(1)],
  ['four callers', callers(4)],
  ['lists', lists(10)],
])('%s: a slice gives commands for its time, and figures when all answers are right', async (_, give) => {
  const figures = await slice(honest, give, 5);
  expect(figures['commands/s']).toBeGreaterThan(0);
  expect(figures['Node µs/command']).toBeGreaterThanOrEqual(0);
});

test.each([
  ['one answer that is wrong', callers(4), { ...honest, ask: everyThird('wrong') }],
  ['a list that is one answer short', lists(10), { ...honest, askAll: withoutLast }],
  ['a list in another order', lists(2), { ...honest, askAll: reversed }],
])('%s voids the slice', async (_, give, peer) => {
  await expect(slice(peer, give, 5)).rejects.toThrow(/gave (?:nothing|")/);
});

test.each([
  ['all of it in one', ['abcabc']],
  ['chunks across the pieces', ['a', 'bca', '', 'bc']],
])('output passes its check: %s', (_, chunks) => {
  expect(() => checkOf(chunks).finish()).not.toThrow();
});

test.each([
  ['a byte too few', ['abcab'], '5 bytes of 6'],
  ['a byte too many', ['abcabca'], '7 bytes of 6'],
  ['a wrong byte', ['abc', 'abd'], 'wrong'],
  ['a piece out of order', ['ab', 'abcc'], 'wrong'],
])('output does not pass its check: %s', (_, chunks, why) => {
  expect(() => checkOf(chunks).finish()).toThrow(why);
});

function checkOf(chunks: readonly string[]): OutputCheck {
  const check = new OutputCheck(Buffer.from('abc'), 2);
  for (const chunk of chunks) check.take(Buffer.from(chunk));
  return check;
}

function everyThird(wrong: string): Peer['ask'] {
  let asked = 0;
  return async ({ answer }) => (++asked % 3 === 0 ? wrong : answer);
}

async function withoutLast(...[questions]: Parameters<Peer['askAll']>): Promise<string[]> {
  return (await honest.askAll(questions)).slice(0, -1);
}

async function reversed(...[questions]: Parameters<Peer['askAll']>): Promise<string[]> {
  return (await honest.askAll(questions)).toReversed();
}
