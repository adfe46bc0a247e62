/** The longest delay that JavaScript's timers keep, in ms (24.8 days); a longer one would fire at once. */
export const longestDelay = 2 ** 31 - 1;

/** Whether a time ever runs out; for `Infinity` no timer may be armed. */
export function isBounded(ms: number): boolean {
  return Number.isFinite(ms);
}

/** The delay as a timer can keep it, in ms, 0 to {@link longestDelay}. */
export function clampDelay(ms: number): number {
  return Math.min(Math.max(ms, 0), longestDelay);
}
