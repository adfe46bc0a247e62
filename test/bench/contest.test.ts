import { expect, test } from 'vitest';
import { contest, type Figures } from './contest.ts';
import { asJson, asTable } from './report.ts';
import { atLeast } from './row.ts';

test('all sides take turns, every other round the other way, and the first rounds do not count', async () => {
  const turns: string[] = [];
  const rows = await contest({
    scenario: 'turns',
    rounds: 2,
    warmups: 1,
    ours: side('ours', turns, [100, 4, 6]),
    rivals: [
      { ...side('a', turns, [1, 2, 2]), goals: { 'commands/s': atLeast(2) } },
      { ...side('b', turns, [1, 1, 1]), goals: { 'commands/s': undefined } },
    ],
  });
  expect(turns).toEqual(['b', 'a', 'ours', 'ours', 'a', 'b', 'b', 'a', 'ours']);
  expect(rows.map(({ peer, ratio, goal }) => [peer, ratio.low, ratio.high, goal])).toEqual([
    ['a', 2, 3, atLeast(2)],
    ['b', 4, 6, undefined],
  ]);
});

test('a wrong answer voids what that side is part of, in the table and for programs', async () => {
  const rows = await contest({
    scenario: 'a wrong answer',
    rounds: 1,
    warmups: 0,
    ours: side('ours', [], [1]),
    rivals: [
      { name: 'liar', goals: known, attempt: () => Promise.reject(new Error('echo a gave "b"')) },
      { ...side('honest', [], [1]), goals: known },
    ],
  });
  const table = asTable(rows);
  expect(table).toMatch(/liar +void/);
  expect(table).toMatch(/honest +1\.00 ×/);
  expect(table).toContain('WRONG in a wrong answer: liar: echo a gave "b"');
  expect(JSON.parse(asJson(rows))).toMatchObject({ allRight: false });
});

test('a wrong answer of ours voids all rows', async () => {
  const rows = await contest({
    scenario: 'ours',
    rounds: 1,
    ours: { name: 'ours', attempt: () => Promise.reject(new Error('nothing came')) },
    rivals: [{ ...side('honest', [], [1, 1]), goals: known }],
  });
  expect(rows.map(({ wrong }) => wrong)).toEqual([['ours: nothing came']]);
});

test('a quantity that one side cannot tell makes no row', async () => {
  const rows = await contest({
    scenario: 'CPU',
    rounds: 1,
    ours: side('ours', [], [1, 1]),
    rivals: [{ ...side('a', [], [1, 1]), goals: { ...known, 'shell µs/command': undefined } }],
  });
  expect(rows.map(({ quantity }) => quantity)).toEqual(['commands/s']);
});

const known = { 'commands/s': undefined };

function side(name: string, turns: string[], rates: number[]) {
  const left = [...rates];
  return {
    name,
    attempt: async (): Promise<Figures> => {
      turns.push(name);
      return { 'commands/s': left.shift()! };
    },
  };
}
