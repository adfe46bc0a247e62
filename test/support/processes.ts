import { readdirSync, readFileSync } from 'node:fs';

/** Whether the process runs; one that is dead and only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  const stat = statOf(String(pid));
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** The running members of a process group. */
export function membersOf(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statOf(name)?.group === group && isRunning(Number(name)))
    .map(Number);
}

/** The children of a process, also those that are dead and were not reaped. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === parent)
    .map(Number);
}

function statOf(pid: string): { state: string; parent: number; group: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}
