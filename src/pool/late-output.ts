import type { StreamName } from '../execution/task-roles.ts';
import { StreamMask } from '../masking/late.ts';
import type { Mask } from '../masking/mask.ts';

/** What a shell says when no command runs, on its way to those who hear of it: masked, where there is a mask. */
export class LateOutput {
  readonly #masks = new Map<StreamName, StreamMask>();
  readonly #publish: (stream: StreamName, data: Buffer) => void;

  constructor(publish: (stream: StreamName, data: Buffer) => void) {
    this.#publish = publish;
  }

  push(stream: StreamName, view: Buffer, mask: Mask | undefined): void {
    this.#send(stream, mask ? this.#maskOf(stream).push(view, mask) : Buffer.from(view));
  }

  /** What was held back: no more of it will come. */
  flush(mask: Mask | undefined): void {
    if (mask) for (const [stream, held] of this.#masks) this.#send(stream, held.flush(mask));
  }

  #maskOf(stream: StreamName): StreamMask {
    const held = this.#masks.get(stream) ?? new StreamMask();
    this.#masks.set(stream, held);
    return held;
  }

  #send(stream: StreamName, data: Buffer): void {
    if (data.length > 0) this.#publish(stream, data);
  }
}
