import { replaceAll, type Strategy } from './strategy.ts';

/** The child and those that were started after it are replaced: each depends on those before it. */
export const restForOne: Strategy = (children, failed) => {
  const all = [...children];
  const first = all.findIndex(({ id }) => id === failed);
  return replaceAll(first === -1 ? [] : all.slice(first), failed);
};
