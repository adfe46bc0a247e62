import type { ShellwrightError } from '../index.ts';
import { wasDropped, type AnyExecution, type AnyResult } from './outcome.ts';
import type { Report } from './report.ts';
import type { Job } from './source.ts';
import type { Terminal } from './terminal.ts';

/** One JSON object a line for each command, when it ends. */
export class JsonReport implements Report {
  readonly options = { encoding: 'utf8' } as const;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  started(_job: Job, _run: AnyExecution): void {}

  ended({ index, line }: Job, result: AnyResult): void {
    if (wasDropped(result)) return;
    const { error, ...fields } = result;
    const record = { index, ...(line !== undefined && { line }), ...fields, ...(error && { error: plain(error) }) };
    this.#terminal.write('stdout', `${JSON.stringify(record)}\n`);
  }

  close(): void {}
}

/** An error's own fields without those of the result, which stand beside it. */
function plain({ code, message, started, kind, rung, stateLost }: ShellwrightError): object {
  return { code, message, started, kind, rung, stateLost };
}
