/** The median, and the quartiles around it. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** Of values in any order; NaN of none. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (fraction: number): number => sorted[Math.round((sorted.length - 1) * fraction)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Ours over theirs, round by round: what kept the machine busy in a round did so for both. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  const rounds = Math.min(ours.length, theirs.length);
  return spread(ours.slice(0, rounds).map((value, round) => value / (theirs[round] as number)));
}
