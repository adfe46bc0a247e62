import { closeSync, readSync, writeSync } from 'node:fs';
import { Socket, type OnReadOpts } from 'node:net';

/** Gets each chunk as a view that is valid only during the call. */
export type OnData = (view: Buffer) => void;

/** One for the whole process: libuv fills it and the callback empties it before the next read. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** What the shell itself wrote before it ended is in the pipe: at most its capacity, 1 MiB at most on Linux. */
const drainReads = 32;

/** Reads one output stream of a shell. */
export class Reader {
  readonly #socket: Socket;
  readonly #onData: OnData;
  #mark: number | undefined;

  private constructor(socket: Socket, onData: OnData, onEnd: () => void) {
    this.#socket = socket;
    this.#onData = onData;
    // A read error is the shell's end, of which the process tells.
    socket.on('error', () => {});
    socket.on('end', onEnd);
    socket.unref();
  }

  /** Takes ownership of the reading end of a pipe. */
  static ofPipe(fd: number, onData: OnData, onEnd: () => void): Reader {
    const callback = (length: number): boolean => {
      onData(shared.subarray(0, length));
      return true;
    };
    // `onread` is documented for connections; the constructor takes it too, and then no stream buffers lie between.
    const options: ConstructorParameters<typeof Socket>[0] & { onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: { buffer: shared, callback },
    };
    return new Reader(new Socket(options), onData, onEnd);
  }

  /** For systems without FIFOs: the stream that Node made for the child. */
  static ofSocket(socket: Socket, onData: OnData, onEnd: () => void): Reader {
    socket.on('data', onData);
    return new Reader(socket, onData, onEnd);
  }

  /** Gives it a writing end of the same pipe, which it closes. */
  withMark(fd: number): this {
    this.#mark = fd;
    return this;
  }

  /** Closes that writing end. */
  unmark(): void {
    if (this.#mark !== undefined) closeSync(this.#mark);
    this.#mark = undefined;
  }

  /** Whether `readTo` can be called. */
  get canMark(): boolean {
    return this.#mark !== undefined;
  }

  /**
   * Writes `bytes` to the pipe behind all that is in it, and reads on until they were read: until `seen()`.
   *
   * False: the pipe was read empty without them, so another process reads it too (`cat </dev/stderr &`).
   */
  readTo(bytes: Buffer, seen: () => boolean): boolean {
    let written = false;
    while (!seen() && this.#mark !== undefined) {
      written ||= writeAvailable(this.#mark, bytes);
      const length = readAvailable(this.#fd);
      if (length === 0) break;
      this.#onData(shared.subarray(0, length));
    }
    return seen();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Reads at once all that is in the pipe now. */
  drain(): void {
    for (let reads = 0; reads < drainReads; reads++) {
      const length = readAvailable(this.#fd);
      if (length === 0) return;
      this.#onData(shared.subarray(0, length));
    }
  }

  /** Reads at once what is in the pipe. Whether nobody can write to it any more: all that held its other end are gone. */
  isOver(): boolean {
    const fd = this.#fd;
    if (fd < 0) return true;
    try {
      // One that outlives the shell may well write without end.
      for (let reads = 0; reads < drainReads; reads++) {
        const length = readSync(fd, shared);
        if (length === 0) return true;
        this.#onData(shared.subarray(0, length));
      }
    } catch {
      // EAGAIN: it is empty, and somebody holds it.
    }
    return false;
  }

  close(): void {
    this.#socket.destroy();
    this.unmark();
  }

  /** -1 once it is closed. */
  get #fd(): number {
    return (this.#socket as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
  }
}

/** Fewer bytes than a pipe takes at once (PIPE_BUF): all or, where it is full, none. */
function writeAvailable(fd: number, bytes: Buffer): boolean {
  try {
    writeSync(fd, bytes);
    return true;
  } catch {
    return false;
  }
}

function readAvailable(fd: number): number {
  if (fd < 0) return 0;
  try {
    return readSync(fd, shared);
  } catch {
    return 0; // EAGAIN: empty now
  }
}
