import { Capture } from '../execution/capture.ts';
import type { StreamName } from '../execution/task-roles.ts';
import type { Mask } from '../masking/mask.ts';
import { textOf } from './reported.ts';

/** How much of the end is kept. bytes */
const limit = 2_000;

/** What a shell writes to stderr before it has answered for the first time, and that no task was there to take: why it did not start. */
export class FirstWords {
  #kept: Capture | undefined = new Capture(limit, 'tail');

  /** Not any more, once it has answered. */
  get wanted(): boolean {
    return this.#kept !== undefined;
  }

  push(stream: StreamName, data: Buffer): void {
    if (stream === 'stderr') this.#kept?.push(data);
  }

  answered(): void {
    this.#kept = undefined;
  }

  read(mask: Mask | undefined): string {
    return textOf(this.#kept, mask);
  }
}
