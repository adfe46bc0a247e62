import type { ShellState } from '../../machines/index.ts';
import type { Task } from '../execution/task.ts';
import type { Mask } from '../masking/mask.ts';
import { clippedCommand } from './history.ts';
import type { Shell } from './shell.ts';
import type { PoolStatus, RunningCommand } from './status.ts';

/** The status of a pool of these shells. */
export function statusOf(
  all: readonly Shell[],
  {
    lastError,
    mask,
    ...pool
  }: Pick<PoolStatus, 'name' | 'state' | 'queued' | 'lastError'> & { mask: Mask | undefined },
): PoolStatus {
  const shells = all.toSorted((a, b) => a.slot.localeCompare(b.slot, 'en', { numeric: true }));
  const inState = (state: ShellState): number => shells.filter((shell) => shell.state === state).length;
  return {
    name: pool.name,
    state: pool.state,
    size: shells.length,
    idle: inState('idle'),
    busy: inState('busy'),
    queued: pool.queued,
    ...(lastError && { lastError }),
    shells: shells.map(({ slot, pid, state, since, uses, history, borrower, task }) => ({
      id: slot,
      pid,
      state,
      since,
      uses,
      // Between two borrowers it is a command of ours.
      ...(task && state === 'busy' && { running: runningOf(task) }),
      ...(borrower?.key !== undefined && { sessionKey: mask?.text(borrower.key) ?? borrower.key }),
      history: history.entries(),
    })),
  };
}

function runningOf({ id, text, startedAt }: Task): RunningCommand {
  return { id, command: clippedCommand(text), startedAt };
}
