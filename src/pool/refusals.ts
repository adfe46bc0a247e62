import type { PoolState } from '../../machines/index.ts';
import { ShellwrightError } from '../errors.ts';

/** The pool has given up. */
export function failedError(pool: string, cause: ShellwrightError | undefined): ShellwrightError {
  return new ShellwrightError('ERR_POOL_FAILED', `The shells of pool ${pool} failed to start: ${cause?.message}`, {
    cause,
    started: false,
  });
}

export function closedError(pool: string, state: PoolState): ShellwrightError {
  return new ShellwrightError('ERR_POOL_CLOSED', `The pool ${pool} is ${state === 'closed' ? 'closed' : 'closing'}`, {
    started: false,
  });
}

export function queueFullError(pool: string, maxQueue: number): ShellwrightError {
  return new ShellwrightError(
    'ERR_QUEUE_FULL',
    `The pool ${pool} has maxQueue (${maxQueue}) requests waiting already`,
    { started: false },
  );
}

/** A defect of ours. */
export function internalError(cause: unknown): ShellwrightError {
  return new ShellwrightError('ERR_POOL_FAILED', 'The pool stopped because of an internal error', { cause });
}

export function notStartedError(pool: string): ShellwrightError {
  return new ShellwrightError('ERR_POOL_CLOSED', `The pool ${pool} has no actor before its supervisor has started it`);
}
