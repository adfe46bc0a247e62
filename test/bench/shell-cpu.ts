import { readFileSync } from 'node:fs';

/** CPU that these processes have used, without their children, in µs; undefined where the system does not tell, or one of them is gone. */
export function shellCpu(pids: readonly number[]): number | undefined {
  let sum = 0;
  for (const pid of pids) {
    const used = nanoseconds(pid);
    if (used === undefined) return undefined;
    sum += used / 1_000;
  }
  return sum;
}

/** From the scheduler: `stat` counts in ticks of 10 ms, which a slice is too short for. */
function nanoseconds(pid: number): number | undefined {
  try {
    const used = Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]);
    return Number.isFinite(used) ? used : undefined;
  } catch {
    return undefined;
  }
}
