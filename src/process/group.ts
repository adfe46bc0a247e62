import { setTimeout as delay } from 'node:timers/promises';
import { guardGroup, unguardGroup, type OnUnguarded } from './guard.ts';
import { nextTable, processTable, type ProcessTable } from './table.ts';

/** How long a killed process may take to be gone. ms */
const deathLimit = 5_000;

/** Sends `signal` to the process group; false when it is gone (or not ours). */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-group, signal);
}

/** Sends `signal`; false when the process is gone (or not ours). */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Kills what is left of the group and waits until it is gone: at most `limit` ms (a process in an uninterruptible call cannot be killed). */
export async function endGroup(group: number, limit = deathLimit): Promise<void> {
  const deadline = performance.now() + limit;
  for (let pause = 1; signalGroup(group, 'SIGKILL'); pause = Math.min(pause * 2, 50)) {
    if (pause >= 16 && onlyZombies(group)) return;
    if (performance.now() > deadline) return;
    await delay(pause);
  }
}

/**
 * Kills what has left the group of a shell that is gone, but not its session (`timeout 9 x`, jobs under `set -m`), and waits until that is
 * gone too, at most `limit` ms. Resolves to the processes that there are then. Linux only.
 */
export async function endSession(shell: number, limit = deathLimit): Promise<ProcessTable | undefined> {
  const deadline = performance.now() + limit;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    const table = await nextTable();
    const members = table && [...table.values()].filter(({ session }) => session === shell);
    if (!members?.length || performance.now() > deadline) return table;
    for (const { pid } of members) signalProcess(pid, 'SIGKILL');
    await delay(pause);
  }
}

/** Dead members that nobody reaps (a container whose first process is no init) still answer signals. Linux only; elsewhere false. */
function onlyZombies(group: number): boolean {
  const table = processTable();
  return table !== undefined && ![...table.values()].some((entry) => entry.group === group);
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

/** Whether a shell of ours leads the group, and the session, of that number. */
export function isRemembered(group: number): boolean {
  return groups.has(group);
}
