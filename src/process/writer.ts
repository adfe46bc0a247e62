import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** Writes to the stdin of a shell: at once while the pipe takes it, else through a stream that waits. */
export interface Writer {
  /** False: the shell is gone and nothing of `text` was taken. */
  write(text: string): boolean;
  close(): void;
}

/** Takes ownership of the writing end of a pipe that does not block. A direct write costs half of what a stream's does. */
export function writerOfPipe(fd: number): Writer {
  let overflow: Socket | undefined;
  const enqueue = (bytes: Buffer): void => {
    overflow ??= quiet(new Socket({ fd, readable: false, writable: true }));
    overflow.write(bytes);
  };
  return {
    write(text) {
      if (overflow && overflow.writableLength > 0) {
        enqueue(Buffer.from(text));
        return true;
      }
      let written = 0;
      try {
        written = writeSync(fd, text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
      }
      if (written < Buffer.byteLength(text)) enqueue(Buffer.from(text).subarray(written));
      return true;
    },
    close() {
      if (overflow) overflow.destroy();
      else closeSync(fd);
    },
  };
}

/** For systems without FIFOs: the stream that Node made for the child. */
export function writerOfSocket(socket: Socket): Writer {
  quiet(socket);
  return {
    write(text) {
      if (!socket.writable) return false;
      socket.write(text);
      return true;
    },
    close: () => socket.destroy(),
  };
}

/** EPIPE is the shell's end, of which the process tells. */
function quiet(socket: Socket): Socket {
  socket.on('error', () => {});
  return socket.unref();
}
