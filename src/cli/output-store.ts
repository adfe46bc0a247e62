import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A piece of output: the bytes, or where the file has them. */
export type Stored = Buffer | { readonly start: number; readonly length: number };

/** Bytes kept in memory by default: an ordinary run never needs the file. */
const defaultBudget = 64 * 1024 * 1024;

/** Keeps the output of commands whose turn to be printed has not come: in memory, and above a budget in a nameless file. */
export class OutputStore {
  readonly #budget: number;
  #inMemory = 0;
  #inFile = 0;
  #end = 0;
  #fd: number | undefined;

  constructor(budget = defaultBudget) {
    this.#budget = budget;
  }

  put(data: Buffer): Stored {
    if (this.#inMemory + data.length > this.#budget) {
      try {
        return this.#append(data);
      } catch {
        // A full disk is no reason to lose output: memory then has to do.
      }
    }
    this.#inMemory += data.length;
    return data;
  }

  /** The bytes, which are then no longer kept. */
  take(stored: Stored): Buffer {
    if (Buffer.isBuffer(stored)) {
      this.#inMemory -= stored.length;
      return stored;
    }
    const data = Buffer.alloc(stored.length);
    for (let read = 0; read < data.length;) {
      read += readSync(this.#fd as number, data, read, data.length - read, stored.start + read);
    }
    this.#inFile -= data.length;
    if (this.#inFile === 0) this.#truncate();
    return data;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #append(data: Buffer): Stored {
    this.#fd ??= openNameless();
    const start = this.#end;
    for (let written = 0; written < data.length;) {
      written += writeSync(this.#fd, data, written, data.length - written, start + written);
    }
    this.#end += data.length;
    this.#inFile += data.length;
    return { start, length: data.length };
  }

  #truncate(): void {
    ftruncateSync(this.#fd as number, 0);
    this.#end = 0;
  }
}

/** A file without a name is gone with this process, however it ends. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'shellwright-'));
  try {
    return openSync(join(folder, 'output'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
