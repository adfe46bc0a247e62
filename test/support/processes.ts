import { readdirSync, readFileSync } from 'node:fs';

/** Whether the process runs; one that is dead and only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** The running members of a process group. */
export function membersOf(group: number): number[] {
  return running().filter((pid) => statOf(pid)?.group === group);
}

/** The children of a process, also those that are dead and were not reaped. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === parent);
}

/** The running processes of a session. */
export function sessionOf(session: number): number[] {
  return running().filter((pid) => statOf(pid)?.session === session);
}

/** The running processes whose environment has `text`. */
export function withEnvironment(text: string): number[] {
  return running().filter((pid) => read(pid, 'environ').includes(text));
}

/** The running guards of a host process. */
export function guardsOf(host: number): number[] {
  return running().filter((pid) => read(pid, 'cmdline').endsWith(`\0shellwright-guard\0${host}\0`));
}

/** SIGKILL to each that is still there. */
export function killEach(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
}

/** Polls until `list` is empty, at most `limit` ms; what it was then. */
export async function untilEmpty<T>(list: () => T[], limit: number): Promise<T[]> {
  const deadline = performance.now() + limit;
  let left = list();
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    left = list();
  }
  return left;
}

function running(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isRunning);
}

function statOf(pid: number): { state: string; parent: number; group: number; session: number } | undefined {
  const stat = read(pid, 'stat');
  if (stat === '') return undefined;
  const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent), group: Number(group), session: Number(session) };
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
