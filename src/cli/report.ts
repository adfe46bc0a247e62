import type { ExecOptions } from '../index.ts';
import type { AnyExecution, AnyResult } from './outcome.ts';
import type { Job } from './source.ts';

/** How results reach the user: one file each, text and JSON. */
export interface Report {
  /** What its commands are run with. */
  readonly options: ExecOptions;
  started(job: Job, run: AnyExecution): void;
  /** Resolves when the next command may start. */
  ended(job: Job, result: AnyResult): Promise<void> | void;
  /** Everything ended; releases what it holds. */
  close(): void;
}
