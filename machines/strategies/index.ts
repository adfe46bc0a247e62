import { oneForAll } from './one-for-all.ts';
import { oneForOne } from './one-for-one.ts';
import { restForOne } from './rest-for-one.ts';
import type { Strategy } from './strategy.ts';

/** Every strategy by its name; a new one is its file and a line here. */
export const strategies = {
  one_for_one: oneForOne,
  one_for_all: oneForAll,
  rest_for_one: restForOne,
} as const satisfies Record<string, Strategy>;

/** What happens to the siblings of a child that is started again; the words are OTP's. */
export type StrategyName = keyof typeof strategies;
