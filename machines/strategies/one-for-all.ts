import { replaceAll, type Strategy } from './strategy.ts';

/** All children are replaced: each depends on every other. */
export const oneForAll: Strategy = (children, failed) => replaceAll([...children], failed);
