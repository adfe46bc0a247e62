import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Percentiles, SampleView } from './protocol.ts';

/** ms between two samples of a pool. */
const interval = 1_000;

/** What each pool did in the last second. */
export class Samples {
  readonly #windows = new Map<string, Window>();
  #since = Date.now();

  /** A command ended. Times in ms. */
  ended(path: string, waitMs: number, runMs: number, failed: boolean): void {
    const window = this.#at(path);
    window.ended++;
    if (failed) window.failed++;
    window.wait.record(toMicros(waitMs));
    window.run.record(toMicros(runMs));
  }

  /** So many waited when the pool was looked at. */
  queued(path: string, count: number): void {
    const window = this.#at(path);
    window.queued = Math.max(window.queued, count);
  }

  /** One for each pool that was looked at, once a second; [] in between. */
  take(now: number): SampleView[] {
    if (now - this.#since < interval) return [];
    this.#since = now;
    const samples = Array.from(this.#windows, ([path, { queued, ended, failed, wait, run }]): SampleView => {
      return {
        path,
        at: now,
        queued,
        ended,
        failed,
        ...(ended > 0 && { wait: percentilesOf(wait), run: percentilesOf(run) }),
      };
    });
    this.#windows.clear();
    return samples;
  }

  clear(): void {
    this.#windows.clear();
    this.#since = Date.now();
  }

  #at(path: string): Window {
    const found = this.#windows.get(path);
    if (found) return found;
    const window = { queued: 0, ended: 0, failed: 0, wait: createHistogram(), run: createHistogram() };
    this.#windows.set(path, window);
    return window;
  }
}

interface Window {
  queued: number;
  ended: number;
  failed: number;
  /** µs */
  readonly wait: RecordableHistogram;
  readonly run: RecordableHistogram;
}

function toMicros(ms: number): number {
  return Math.max(1, Math.round(ms * 1_000));
}

function percentilesOf(histogram: RecordableHistogram): Percentiles {
  const at = (percentile: number): number => histogram.percentile(percentile) / 1_000;
  return [at(50), at(90), at(99)];
}
