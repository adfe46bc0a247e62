import { outside } from '../process/outside.ts';
import { startTimer } from './timer.ts';

/** The part of `maxLifetime` by which it is shortened at most. */
const jitter = 0.025;

/** How long a shell may live from when it was first idle. */
export class Lifetime {
  /** Epoch ms; 0 before. */
  begunAt = 0;
  isOver = false;
  #timer: NodeJS.Timeout | undefined;

  /** Once. @param maxLifetime ms, or Infinity */
  begin(at: number, maxLifetime: number, onEnd: () => void): void {
    if (this.begunAt > 0) return;
    this.begunAt = at;
    // Shells that were started together are not to go together (the idea is HikariCP's, and the figure).
    this.#timer = outside(() =>
      startTimer(maxLifetime * (1 - jitter * Math.random()), () => {
        this.isOver = true;
        onEnd();
      }),
    );
    this.#timer?.unref();
  }

  /** The shell has ended before. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
