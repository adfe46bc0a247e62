/** How many restarts within how many ms are borne. */
export interface Intensity {
  readonly intensity: number;
  readonly period: number;
}

/** The restarts, by their times in ms, that still count at `now`: those of the last `period`, its first ms included. */
export function recentRestarts(restarts: readonly number[], now: number, period: number): readonly number[] {
  const first = restarts.findIndex((at) => now - at <= period);
  return first === -1 ? [] : first === 0 ? restarts : restarts.slice(first);
}

/** Whether one more restart at `now` is more than is borne. */
export function isOverIntensity(restarts: readonly number[], now: number, { intensity, period }: Intensity): boolean {
  return recentRestarts(restarts, now, period).length >= intensity;
}
