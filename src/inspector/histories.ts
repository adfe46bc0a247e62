import { Supervisor } from '../supervisor/supervisor.ts';
import type { Target } from './probe.ts';
import type { HistoryView } from './protocol.ts';
import { historyOf } from './shown.ts';

/** The last commands of the shell at a path such as `root/git/shell.0`, the oldest first; none where there is no such shell. */
export function historyIn(target: Target, path: string, showCommands: boolean): HistoryView[] {
  const pool = poolAt(target, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const shell = pool?.status().shells.find(({ id }) => path === `${pool.path}/${id}`);
  return shell?.history.map((entry) => historyOf(entry, showCommands)) ?? [];
}

function poolAt(target: Target, path: string): Exclude<Target, Supervisor> | undefined {
  if (!(target instanceof Supervisor)) return target.path === path ? target : undefined;
  if (!path.startsWith(`${target.path}/`)) return undefined;
  const [id = ''] = path.slice(target.path.length + 1).split('/');
  const child = target.children().find((each) => each.id === id);
  if (!child) return undefined;
  return poolAt(child.type === 'supervisor' ? target.supervisor(id) : target.pool(id), path);
}
