import type { ShellwrightError } from '../errors.ts';
import type { ResultFields } from './fields.ts';

/** The result of a command that ran to its end, however it ended. */
export interface ExecResult<Output extends string | Buffer = string> extends ResultFields<Output> {
  /** Only with `reject: false`: why there is no regular result. The output fields then hold what there was. */
  error?: ShellwrightError;
}
