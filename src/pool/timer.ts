/** setTimeout takes no more than this; what is longer never fires, and so needs no timer. */
const longest = 2 ** 31 - 1;

/** A timer, or none where the time is too long to be reached. */
export function startTimer(ms: number, run: () => void): NodeJS.Timeout | undefined {
  return ms <= longest ? setTimeout(run, ms) : undefined;
}
