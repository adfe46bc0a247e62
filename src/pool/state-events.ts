import type { PoolState, ShellContext, ShellState } from '../../machines/index.ts';
import type { Bus } from '../events/bus.ts';
import type { Shell } from './shell.ts';

/** Publishes what a pool's new state says. */
export function publishState(bus: Bus, before: PoolState, state: PoolState, queued: number): void {
  if (state === 'ready' && before !== 'saturated') bus.publish('pool.ready', {});
  if (state === 'saturated') bus.publish('pool.saturated', { queued });
  if (state === 'ready' && before === 'saturated') bus.publish('pool.drained', {});
  if (state === 'closing') bus.publish('pool.closing', {});
  if (state === 'closed') bus.publish('pool.closed', {});
}

/** Publishes the state that a shell has entered, and warns of what outlives it. */
export function publishShellState(
  bus: Bus,
  { slot: shellId, pid, strays }: Shell,
  state: ShellState,
  { reason, cause }: Pick<ShellContext, 'reason' | 'cause'>,
): void {
  const hasStrays = state === 'destroyed' && strays.length > 0;
  bus.publish(`shell.${state}`, {
    shellId,
    ...(pid > 0 && { pid }),
    ...((state === 'invalid' || state === 'destroying' || state === 'destroyed') && { reason }),
    ...(state === 'invalid' && cause !== undefined && { cause }),
    ...(hasStrays && { strays: [...strays] }),
  });
  if (hasStrays)
    bus.warn({ shellId, shellPid: pid, strays }, 'Processes have left the session of their shell, and outlive it');
}
