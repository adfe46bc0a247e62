import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { PassThrough, pipeline, Readable } from 'node:stream';

const { O_NONBLOCK, O_WRONLY } = constants;

/** What a command reads from stdin: a text, bytes, a stream; `'open'`: what is written to `run.stdin`. */
export type Input = string | Uint8Array | Readable;

/** More than this goes through a pipe, so that it need not be written to a disk first. Bytes */
const longestFile = 1024 * 1024;

/** What a file can hold: all that is there already, and not too much of it. */
export function asFile(input: Input): string | Uint8Array | undefined {
  return input instanceof Readable || input.length > longestFile ? undefined : input;
}

/** What `run.stdin` is, for `input: 'open'`. */
export function openInput(): PassThrough {
  const stream = new PassThrough();
  // What is written after the end of the command is for nobody.
  stream.on('error', () => {});
  return stream;
}

/**
 * Feeds a FIFO that a command is about to open, until its end or until `stop()`.
 * @param failed told when the source fails; that the command reads no more is no failure
 */
export function feed(path: string, input: Input, failed: (error: Error) => void): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let sink: Socket | undefined;
  let stopped = false;
  const source =
    input instanceof Readable ? input : Readable.from([Buffer.from(input as Uint8Array)], { objectMode: false });
  source.on('error', (error) => stopped || failed(error));
  const open = (pause: number): void => {
    const fd = openForWriting(path);
    // It opens only when it has a reader; the shell, on its way to the command, waits for its writer.
    if (fd === undefined) timer = setTimeout(() => open(Math.min(pause * 2, longestPause)), pause);
    else {
      sink = new Socket({ fd, readable: false, writable: true });
      pipeline(source, sink, () => {});
    }
  };
  open(1);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      sink?.destroy();
      source.destroy();
    },
  };
}

/** Between two attempts. ms */
const longestPause = 16;

function openForWriting(path: string): number | undefined {
  try {
    return openSync(path, O_WRONLY | O_NONBLOCK);
  } catch {
    return undefined; // ENXIO: no reader yet
  }
}
