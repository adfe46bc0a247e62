import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { guardGroup, unguardGroup, type OnUnguarded } from './guard.ts';

/** Sends `signal` to the process group; false when it is gone (or not ours). */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Kills what is left of the group and waits until it is gone, at most `limit` ms (a process in an uninterruptible call cannot be killed).
 * Resolves to whether it is gone.
 */
export async function endGroup(group: number, limit = 5_000): Promise<boolean> {
  const deadline = performance.now() + limit;
  for (let pause = 1; signalGroup(group, 'SIGKILL'); pause = Math.min(pause * 2, 50)) {
    if (pause >= 16 && onlyZombies(group)) return true;
    if (performance.now() > deadline) return false;
    await delay(pause);
  }
  return true;
}

/** Dead members that nobody reaps (a container whose first process is no init) still answer signals. Linux only; elsewhere false. */
function onlyZombies(group: number): boolean {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .every((pid) => !isLivingMember(pid, group));
  } catch {
    return false;
  }
}

function isLivingMember(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , memberOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(memberOf) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** The groups that live: killed when this process ends by itself, and by the guard when it cannot. */
const groups = new Set<number>();
const killAll = (): void => groups.forEach((group) => signalGroup(group, 'SIGKILL'));

export function rememberGroup(group: number, onUnguarded: OnUnguarded): void {
  if (groups.size === 0) process.on('exit', killAll);
  groups.add(group);
  guardGroup(group, onUnguarded);
}

export function forgetGroup(group: number): void {
  groups.delete(group);
  if (groups.size === 0) process.off('exit', killAll);
  unguardGroup(group);
}
