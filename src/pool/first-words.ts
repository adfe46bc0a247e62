import type { StreamName } from '../execution/task-roles.ts';
import type { Mask } from '../masking/mask.ts';

/** How much of the end is kept. bytes */
const limit = 2_000;

/** What a shell writes to stderr before it has answered for the first time, and that no task was there to take: why it did not start. */
export class FirstWords {
  #kept: Buffer | undefined = Buffer.alloc(0);

  /** Not any more, once it has answered. */
  get wanted(): boolean {
    return this.#kept !== undefined;
  }

  push(stream: StreamName, data: Buffer): void {
    if (this.#kept && stream === 'stderr') this.#kept = Buffer.concat([this.#kept, data]).subarray(-limit);
  }

  answered(): void {
    this.#kept = undefined;
  }

  read(mask: Mask | undefined): string {
    const text = this.#kept?.toString() ?? '';
    return mask?.output(text, text.length >= limit) ?? text;
  }
}
