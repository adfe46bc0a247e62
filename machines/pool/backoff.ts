import type { Backoff } from './types.ts';

/**
 * Ms to wait after so many failures in a row: exponential, capped at `max`, with jitter so that pools do not retry in step.
 *
 * @param random a number from 0 up to 1, such as `Math.random()`; 0.5 is no jitter
 */
export function backoffDelay({ initial, max, factor, jitter }: Backoff, failures: number, random: number): number {
  const delay = Math.min(initial * factor ** Math.max(failures - 1, 0), max);
  return delay * (1 + jitter * (2 * random - 1));
}
