import { expect, test } from 'vitest';
import { strategies, type RestartType, type StrategyName } from '../../machines/index.ts';

const sibling = (id: string, restart: RestartType = 'permanent') => ({ id, restart });
const siblings = [sibling('a'), sibling('b', 'transient'), sibling('c', 'temporary'), sibling('d')];

test.each<[StrategyName, string, string[], string[]]>([
  ['one_for_one', 'b', [], ['b']],
  ['one_for_all', 'b', ['d', 'c', 'a'], ['a', 'b', 'd']],
  ['one_for_all', 'a', ['d', 'c', 'b'], ['a', 'b', 'd']],
  ['rest_for_one', 'a', ['d', 'c', 'b'], ['a', 'b', 'd']],
  ['rest_for_one', 'b', ['d', 'c'], ['b', 'd']],
  ['rest_for_one', 'd', [], ['d']],
  ['rest_for_one', 'nobody', [], []],
])('%s, when %s fails, stops %j and starts %j', (name, failed, stop, start) => {
  expect(strategies[name](siblings, failed)).toEqual({ stop, start });
});
