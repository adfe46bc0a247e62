import type { ExecResult, Execution } from '../index.ts';

/** Whatever its kind of output. */
export type AnyResult = ExecResult<string | Buffer>;
export type AnyExecution = Pick<Execution<string | Buffer>, 'then' | 'state' | 'abort' | 'kill' | 'output$'>;

/** How the commands of a run are doing. */
export interface Tally {
  ok: number;
  failed: number;
  running: number;
  /** Killed by us, or given to the pool and not begun when we were told to end. */
  stopped: number;
}

export function hasFailed({ failed, error }: AnyResult): boolean {
  return failed || error !== undefined;
}

/** Ended by us: the command line aborts a command only because it was told to end. */
export function wasStopped({ error }: AnyResult): boolean {
  return error?.code === 'ERR_ABORTED';
}

/** Nothing of it ran, and that is not its fault. */
export function wasDropped(result: AnyResult): boolean {
  return wasStopped(result) && result.error?.started === false;
}
