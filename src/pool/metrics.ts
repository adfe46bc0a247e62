import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Outcome } from '../execution/outcome.ts';

/** A distribution of times, in ms. */
export interface TimeMetrics {
  count: number;
  sum: number;
  max: number;
  p50: number;
  p90: number;
  p99: number;
}

/** Counters since the pool was made. */
export interface PoolMetrics {
  commands: {
    /** Given to the pool. */
    submitted: number;
    /** Ran to an end, however it ended. */
    finished: number;
    /** Of those: a status other than 0, or a signal. */
    failed: number;
    /** Could not run, or were stopped. */
    rejected: number;
    timedOut: number;
    aborted: number;
  };
  shells: {
    spawned: number;
    ready: number;
    destroyed: number;
    /** Lost unplanned, or invalidated. */
    invalid: number;
  };
  /** Whole health checks. */
  health: {
    passed: number;
    /** Of those that took their shell with them. */
    failed: number;
  };
  /** Time in the queue of commands that ran. */
  wait: TimeMetrics;
  /** Run time of commands that ran. */
  run: TimeMetrics;
}

/** Counts what happens in one pool. Histograms are Node's own (HDR), in µs. */
export class Metrics {
  readonly commands: PoolMetrics['commands'] = {
    submitted: 0,
    finished: 0,
    failed: 0,
    rejected: 0,
    timedOut: 0,
    aborted: 0,
  };
  readonly shells: PoolMetrics['shells'] = { spawned: 0, ready: 0, destroyed: 0, invalid: 0 };
  readonly health: PoolMetrics['health'] = { passed: 0, failed: 0 };
  readonly #wait = new Times();
  readonly #run = new Times();

  ended({ result, error }: Outcome): void {
    const { commands } = this;
    if (error) {
      commands.rejected++;
      if (error.code === 'ERR_TIMEOUT') commands.timedOut++;
      if (error.code === 'ERR_ABORTED') commands.aborted++;
    } else {
      commands.finished++;
      if (result.failed) commands.failed++;
    }
    if (error && !error.started) return;
    this.#wait.record(result.waitMs);
    this.#run.record(result.durationMs);
  }

  read(): PoolMetrics {
    return {
      commands: { ...this.commands },
      shells: { ...this.shells },
      health: { ...this.health },
      wait: this.#wait.read(),
      run: this.#run.read(),
    };
  }
}

class Times {
  readonly #histogram: RecordableHistogram = createHistogram();
  #sum = 0;

  record(ms: number): void {
    this.#sum += ms;
    this.#histogram.record(Math.max(1, Math.round(ms * 1_000)));
  }

  read(): TimeMetrics {
    const { count, max } = this.#histogram;
    if (count === 0) return { count: 0, sum: 0, max: 0, p50: 0, p90: 0, p99: 0 };
    const at = (percentile: number): number => this.#histogram.percentile(percentile) / 1_000;
    return { count, sum: this.#sum, max: max / 1_000, p50: at(50), p90: at(90), p99: at(99) };
  }
}
