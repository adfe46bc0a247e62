import { namesIn, processEntry, processTable, readProc, type ProcessEntry } from './table.ts';

/** All that lives below `ancestor`, parents before their children; of its own children those that `isMeant`. None where there is no /proc. */
export function descendantsOf(
  ancestor: number,
  isMeant: (child: ProcessEntry) => boolean = () => true,
): ProcessEntry[] {
  const childrenOf = tellsChildren() ? childrenTold : childrenFound();
  const seen = new Set([ancestor]);
  const found = childrenOf(ancestor).filter(isMeant);
  for (const { pid } of found) {
    // What is read is of no one moment, so that a number may come twice.
    if (!seen.has(pid)) found.push(...childrenOf(pid));
    seen.add(pid);
  }
  return found;
}

let told: boolean | undefined;

/** Most kernels list the children of each thread (CONFIG_PROC_CHILDREN), which spares reading every process. */
function tellsChildren(): boolean {
  told ??= readProc(`${process.pid}/task/${process.pid}/children`) !== undefined;
  return told;
}

function childrenTold(pid: number): ProcessEntry[] {
  const lists = namesIn(`/proc/${pid}/task`).map((thread) => readProc(`${pid}/task/${thread}/children`) ?? '');
  const pids = lists.join(' ').split(/\s+/).filter(Boolean);
  return pids.map((child) => processEntry(Number(child))).filter((entry) => entry !== undefined);
}

function childrenFound(): (pid: number) => ProcessEntry[] {
  const table = [...(processTable()?.values() ?? [])];
  return (pid) => table.filter(({ parent }) => parent === pid);
}
