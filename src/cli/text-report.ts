import { failureOf } from './messages.ts';
import { wasDropped, type AnyExecution, type AnyResult } from './outcome.ts';
import { OutputStore, type Stored } from './output-store.ts';
import type { Report } from './report.ts';
import type { Job } from './source.ts';
import type { StreamName, Terminal } from './terminal.ts';

interface Entry {
  job: Job;
  held: { stream: StreamName; data: Stored }[];
  result?: AnyResult;
}

/** How far commands may run ahead of the one whose turn it is; then they wait for it. */
const window = 10_000;

/** What commands write, as it is: one command after the other, in the order given; live for the one whose turn it is. */
export class TextReport implements Report {
  /** The output is passed on, never kept in the result. */
  readonly options = { encoding: 'buffer', maxBuffer: 1 } as const;
  readonly #terminal: Terminal;
  readonly #store = new OutputStore();
  readonly #entries = new Map<number, Entry>();
  /** Index of the command whose turn it is. */
  #turn = 0;
  #lastNote: string | undefined;
  #waiting: (() => void)[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  started(job: Job, run: AnyExecution): void {
    const entry: Entry = { job, held: [] };
    this.#entries.set(job.index, entry);
    run.output$.subscribe(({ stream, data }) => {
      if (job.index === this.#turn) this.#terminal.write(stream, data);
      else entry.held.push({ stream, data: this.#store.put(data as Buffer) });
    });
  }

  async ended(job: Job, result: AnyResult): Promise<void> {
    const entry = this.#entries.get(job.index);
    if (entry) entry.result = result;
    if (job.index === this.#turn) this.#advance();
    while (job.index - this.#turn >= window) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#store.close();
  }

  /** Ends the turn of every command that has ended, and begins the next one's with what it wrote so far. */
  #advance(): void {
    for (let entry = this.#entries.get(this.#turn); entry; entry = this.#entries.get(this.#turn)) {
      for (const { stream, data } of entry.held.splice(0)) this.#terminal.write(stream, this.#store.take(data));
      const { job, result } = entry;
      if (!result) break;
      const failure = wasDropped(result) ? undefined : failureOf(job, result);
      if (failure && failure !== this.#lastNote) this.#terminal.note(failure);
      this.#lastNote = failure;
      this.#entries.delete(this.#turn++);
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
