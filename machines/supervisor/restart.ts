import type { RestartType } from '../strategies/strategy.ts';
import type { Exit } from './types.ts';

/** Whether a child that ended unbidden is started again. */
export function isToRestart(restart: RestartType, { kind }: Exit): boolean {
  const isAbnormal = kind === 'crash' || kind === 'killed';
  return restart === 'permanent' || (restart === 'transient' && isAbnormal);
}

/** Whether an end before the child was of use is a failed start. A child whose user closed it meanwhile has not failed. */
export function isFailedStart(restart: RestartType, exit: Exit): boolean {
  return exit.kind === 'crash' || exit.kind === 'killed' || isToRestart(restart, exit);
}
