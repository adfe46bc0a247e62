import type { Report } from '../dialects/dialect.ts';
import type { Task } from '../execution/task.ts';
import type { Reader } from '../process/reader.ts';
import { FenceGap } from './fence-gap.ts';

/** What is told of the fences of one shell. */
export interface FenceEvents {
  /** Both fences of the command were read, and all before them. */
  complete(report: Report): void;
  /** One of them will not come. */
  lost(why: string): void;
}

const newline = Buffer.from('\n');

/** The fences at the end of a command, one in each stream: it has ended when both were read. */
export class Fences {
  readonly #events: FenceEvents;
  readonly #gap: FenceGap;
  /** Where the host writes the fence on stderr: the driver's frame then has none. */
  #marked: (() => Reader) | undefined;
  #mark: Buffer = newline;
  #report: Report | undefined;
  #hasStderr = false;
  #isMarking = false;
  #streamEnded = false;

  /** @param task what runs */
  constructor(task: () => Task | undefined, events: FenceEvents) {
    this.#events = events;
    this.#gap = new FenceGap(task, () => events.lost(`the end of ${this.#report ? 'stderr' : 'stdout'} did not come`));
  }

  /** @param stderr in which the host writes the fence, behind all that the command wrote */
  open(stderr: () => Reader): void {
    this.#marked = stderr;
  }

  /** `$!`, as the last report has it. */
  get job(): number {
    return this.#report?.job ?? 0;
  }

  /** A command begins whose fences have this marker. */
  expect(marker: Buffer): void {
    this.#hasStderr = false;
    this.#report = undefined;
    this.#gap.reset();
    this.#mark = Buffer.concat([marker, newline]);
    if (this.#streamEnded) this.#gap.begin();
  }

  /** There is more before the next fence. */
  noteOutput(): void {
    this.#gap.noteOutput();
  }

  /** That on stdout was read. */
  reported(report: Report): void {
    this.#report = report;
    if (this.#marked && !this.#readMarked(this.#marked())) this.#events.lost('another process reads its stderr');
    else this.#check();
  }

  /** That on stderr was read. */
  onStderr(): void {
    this.#hasStderr = true;
    // Ended only when all is read: the end of a task may begin the next, for which nothing is done yet.
    if (!this.#isMarking) this.#check();
  }

  /** A stream without a writer brings no fence: the process is about to exit, or its command closed our descriptors. */
  streamEnded(isRunning: boolean): void {
    this.#streamEnded = true;
    if (isRunning) this.#gap.begin();
  }

  end(): void {
    this.#gap.end();
  }

  #readMarked(stderr: Reader): boolean {
    this.#isMarking = true;
    const isWhole = stderr.readTo(this.#mark, () => this.#hasStderr);
    this.#isMarking = false;
    return isWhole;
  }

  #check(): void {
    if (this.#report && this.#hasStderr) this.#events.complete(this.#report);
    else this.#gap.begin();
  }
}
