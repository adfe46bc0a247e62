import type { Pool } from '../index.ts';
import { hasFailed, wasStopped, type AnyExecution, type AnyResult, type Tally } from './outcome.ts';
import type { Report } from './report.ts';
import type { Job, Source } from './source.ts';

/** Runs the commands of a source in a pool: at most one for each shell, so that none waits where it could not be taken back. */
export class Runner {
  readonly tally: Tally = { ok: 0, failed: 0, running: 0, stopped: 0 };
  readonly #pool: Pool;
  readonly #source: Source;
  readonly #report: Report;
  readonly #keepGoing: boolean;
  readonly #runs = new Set<AnyExecution>();
  #isDraining = false;
  #broken: { error: unknown } | undefined;

  constructor(pool: Pool, source: Source, report: Report, keepGoing: boolean) {
    this.#pool = pool;
    this.#source = source;
    this.#report = report;
    this.#keepGoing = keepGoing;
  }

  /**
   * Resolves when all commands have ended, or what runs has ended after `drain` or `kill`.
   * @throws what the source throws
   */
  async run(max: number): Promise<void> {
    await Promise.all(Array.from({ length: max }, () => this.#work()));
    if (this.#broken) throw this.#broken.error;
  }

  /** Whether it was told to start nothing more. */
  get draining(): boolean {
    return this.#isDraining;
  }

  /** Starts nothing more; what runs may finish. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#source.close();
    for (const run of this.#runs) if (run.state === 'queued') run.abort();
  }

  /** Ends what runs, too. */
  kill(): void {
    this.drain();
    for (const run of this.#runs) run.kill();
  }

  async #work(): Promise<void> {
    try {
      for (let job = await this.#source.next(); job && !this.#isDraining; job = await this.#source.next()) {
        await this.#exec(job);
      }
    } catch (error) {
      this.#broken ??= { error };
      this.drain();
    }
  }

  async #exec(job: Job): Promise<void> {
    const run: AnyExecution = this.#pool.exec(job.text, { ...this.#report.options, reject: false });
    this.#runs.add(run);
    this.tally.running++;
    this.#report.started(job, run);
    const result: AnyResult = await run;
    this.#runs.delete(run);
    this.tally.running--;
    this.#count(result);
    await this.#report.ended(job, result);
  }

  #count(result: AnyResult): void {
    if (wasStopped(result)) this.tally.stopped++;
    else if (!hasFailed(result)) this.tally.ok++;
    else {
      this.tally.failed++;
      // Without a shell every further command would fail of the same.
      if (!this.#keepGoing || result.error?.code === 'ERR_POOL_FAILED') this.drain();
    }
  }
}
