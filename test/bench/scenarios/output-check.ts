/** Compares all bytes of an output with what they must be, one piece again and again, and looks at our memory meanwhile. */
export class OutputCheck {
  /** The highest resident size of this process in the first half of the output and in the second, MiB. */
  readonly rss: [first: number, second: number] = [0, 0];
  readonly #piece: Buffer;
  readonly #size: number;
  #taken = 0;
  #looks = 0;
  #wrong = false;

  constructor(piece: Buffer, pieces: number) {
    this.#piece = piece;
    this.#size = piece.length * pieces;
  }

  take(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      const at = (this.#taken + from) % this.#piece.length;
      const to = Math.min(chunk.length, from + this.#piece.length - at);
      if (chunk.compare(this.#piece, at, at + to - from, from, to) !== 0) this.#wrong = true;
      from = to;
    }
    this.#taken += chunk.length;
    if (this.#taken / this.#size >= this.#looks / 64) this.#look();
  }

  /** @throws {Error} when a byte was wrong, or too many or too few came */
  finish(): void {
    if (this.#taken !== this.#size) throw new Error(`${this.#taken} bytes of ${this.#size} came`);
    if (this.#wrong) throw new Error('some bytes came out wrong');
  }

  #look(): void {
    const half = this.#looks++ < 32 ? 0 : 1;
    this.rss[half] = Math.max(this.rss[half], process.memoryUsage.rss() / 2 ** 20);
  }
}
