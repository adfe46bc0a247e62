import type { Child, ChildState, ExitKind, SupervisorContext, SupervisorState } from '../../machines/index.ts';
import { isToRestart } from '../../machines/index.ts';

/** What the fate of a child depends on, besides itself. */
export interface Circumstances {
  readonly state: SupervisorState;
  readonly plan: SupervisorContext['plan'];
}

/**
 * Whether a child of a supervisor that goes on is to run again, or goes on too; as far as is known.
 *
 * @param exit how it is about to end of its own accord
 */
export function isToReturn(child: Child, { state, plan }: Circumstances, exit?: ExitKind): boolean {
  if (child.doomed) return false;
  const is = (...states: ChildState[]): boolean => states.includes(child.state);
  if (is('waiting', 'starting', 'running')) return exit === undefined || isToRestart(child.restart, { kind: exit });
  if (is('exited')) return child.exit !== undefined && isToRestart(child.restart, child.exit);
  // Stopped with others for a restart, or not started yet; unless its user has ended it meanwhile.
  if (child.heldIn === plan.number) return false;
  return state === 'restarting' ? child.restart !== 'temporary' : state === 'starting' && child.run === 0;
}
