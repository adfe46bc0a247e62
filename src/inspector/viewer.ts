import type { ServerResponse } from 'node:http';

/** Bytes that may wait for a viewer; what comes while there are more is dropped. */
const longestQueue = 256 * 1024;
/** A viewer that takes nothing for this long is gone, as far as can be told. A page that is there after all comes back by itself. ms */
const patience = 120_000;

/** One page that looks: a stream of Server-Sent Events. A viewer that does not take them is not waited for, and gets the present state later. */
export class Viewer {
  readonly #response: ServerResponse;
  #missed = 0;
  #stuckSince = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  }

  /** Frames that it was not sent. */
  get missed(): number {
    return this.#missed;
  }

  /** @param present makes what it gets in place of the frame, where it was not sent one before */
  send(frame: string, present: (missed: number) => string): void {
    if (this.#response.writableLength > longestQueue) return this.#drop();
    this.#stuckSince = 0;
    if (this.#missed === 0) return this.#write('frame', frame);
    this.welcome(present(this.#missed));
    this.#missed = 0;
  }

  /** Sends it the whole present state. */
  welcome(present: string): void {
    this.#write('present', present);
  }

  end(): void {
    this.#response.destroy();
  }

  #drop(): void {
    this.#missed++;
    const now = performance.now();
    if (this.#stuckSince === 0) this.#stuckSince = now;
    else if (now - this.#stuckSince > patience) this.end();
  }

  #write(event: string, data: string): void {
    this.#response.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}
