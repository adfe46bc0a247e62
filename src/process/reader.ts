import { readSync } from 'node:fs';
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

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Reads at once all that is in the pipe now. */
  drain(): void {
    const fd = (this.#socket as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
    if (fd < 0) return;
    for (let reads = 0; reads < drainReads; reads++) {
      const length = readAvailable(fd);
      if (length === 0) return;
      this.#onData(shared.subarray(0, length));
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

function readAvailable(fd: number): number {
  try {
    return readSync(fd, shared);
  } catch {
    return 0; // EAGAIN: empty now
  }
}
