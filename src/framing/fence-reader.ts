const newline = 10;
const equals = 61;
/** A payload is a status, a process id and flags; more than this between marker and newline is no fence. */
const maxPayload = 64;
/** As much as a pipe takes at once. */
const maxPart = 4096;

/** Where the bytes of one stream go. Views are valid only during the call. */
export interface FenceSink {
  /** Output of the command that is expected. */
  data(view: Buffer): void;
  /** A part of that command's value: base64. */
  value(part: string): void;
  /** The fence of that command was read. */
  fence(payload: string): void;
  /** Bytes after a fence and before the next command: of a job that outlived its command. */
  late(view: Buffer): void;
}

/**
 * Finds the fence at the end of one command in one stream, at any split of the bytes, in one pass. What has the marker of the fence and
 * then a `=` is a part of the command's value: it stands before the fence, with output around it.
 *
 * The first byte of a marker does not come again in it. So a part of a marker at the end of a chunk can only start at the last such byte, and
 * after a mismatch nothing before the next one has to be looked at again.
 */
export class FenceReader {
  #marker: Buffer | undefined;
  /** The start of what may become a fence, carried from earlier chunks. */
  #held: Buffer | undefined;
  readonly #sink: FenceSink;

  constructor(sink: FenceSink) {
    this.#sink = sink;
  }

  /** The next fence begins with `marker`. */
  expect(marker: Buffer): void {
    this.#marker = marker;
  }

  /** No fence will come: what follows is late. */
  forget(): void {
    this.flush();
    this.#marker = undefined;
  }

  /** Hands out what was held back: the stream has ended and no fence will come. */
  flush(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#sink.data(held);
  }

  push(view: Buffer): void {
    let chunk = view;
    if (this.#held) {
      chunk = Buffer.concat([this.#held, view]);
      this.#held = undefined;
    }
    const marker = this.#marker;
    if (!marker) return this.#sink.late(chunk);
    let from = 0;
    // Each part is cut out; what is behind it is read as if it had come alone.
    for (;;) {
      const start: number = chunk.indexOf(marker, from, 'latin1');
      if (start === -1) return this.#holdBack(chunk, partialMarker(chunk, marker, from));
      const payloadStart = start + marker.length;
      const end = chunk.indexOf(newline, payloadStart);
      const isPart = chunk[payloadStart] === equals;
      const limit = isPart ? maxPart : maxPayload;
      if (end === -1 && chunk.length - payloadStart <= limit) return this.#holdBack(chunk, start);
      if (end === -1 || end - payloadStart > limit) from = payloadStart;
      else if (!isPart) return this.#found(chunk, start, payloadStart, end);
      else {
        if (start > 0) this.#sink.data(chunk.subarray(0, start));
        this.#sink.value(chunk.toString('latin1', payloadStart + 1, end));
        chunk = chunk.subarray(end + 1);
        from = 0;
      }
    }
  }

  #found(chunk: Buffer, start: number, payloadStart: number, end: number): void {
    this.#marker = undefined;
    if (start > 0) this.#sink.data(chunk.subarray(0, start));
    // Late bytes first: whoever hears of the fence may write the next command.
    if (end + 1 < chunk.length) this.#sink.late(chunk.subarray(end + 1));
    this.#sink.fence(chunk.toString('latin1', payloadStart, end));
  }

  #holdBack(chunk: Buffer, start: number): void {
    if (start > 0) this.#sink.data(chunk.subarray(0, start));
    if (start < chunk.length) this.#held = Buffer.from(chunk.subarray(start));
  }
}

/** The index at or after `from` where the end of `chunk` is the start of `marker`; its length when nowhere. */
function partialMarker(chunk: Buffer, marker: Buffer, from: number): number {
  const start = chunk.lastIndexOf(marker[0] as number);
  const length = chunk.length - start;
  if (start < from || length >= marker.length) return chunk.length;
  return chunk.compare(marker, 0, length, start) === 0 ? start : chunk.length;
}
