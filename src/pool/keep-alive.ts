/** setTimeout takes no more than this. */
const longest = 2 ** 31 - 1;

/**
 * Keeps Node alive while there is work, and only then: processes, sockets and timers of idle shells do not.
 */
export class KeepAlive {
  #holds = 0;
  #timer: NodeJS.Timeout | undefined;

  hold(): void {
    if (this.#holds++ > 0) return;
    if (this.#timer) this.#timer.ref();
    else this.#timer = setInterval(() => {}, longest);
  }

  release(): void {
    if (--this.#holds === 0) this.#timer?.unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
