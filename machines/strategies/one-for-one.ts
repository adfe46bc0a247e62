import type { Strategy } from './strategy.ts';

/** The child alone is started again: its siblings do not depend on it. */
export const oneForOne: Strategy = (_children, failed) => ({ stop: [], start: [failed] });
