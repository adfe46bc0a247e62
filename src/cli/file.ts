import { createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import { UsageError } from './usage-error.ts';

/**
 * A file, or a pipe such as bash's `<(…)`, to be read as it grows.
 * @throws {UsageError}
 */
export function openFile(path: string): Readable {
  try {
    const fd = openSync(path, 'r');
    const kind = fstatSync(fd);
    if (kind.isDirectory()) throw new UsageError(`Expected a file of commands, got the folder '${path}'`);
    // A pipe read as a file holds a thread of Node, and with it the end of the process, until something comes.
    return kind.isFIFO() ? new Socket({ fd, readable: true, writable: false }) : createReadStream(path, { fd });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { errno = 0, message } = error as NodeJS.ErrnoException;
    const [, reason = message] = getSystemErrorMap().get(errno) ?? [];
    throw new UsageError(`Could not read the file '${path}': ${reason}`, { cause: error });
  }
}
