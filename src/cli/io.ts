import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

/** What the command line has of the world: `main.ts` gives the process's own, tests give theirs. */
export interface Io {
  argv: readonly string[];
  /** Asked for only where it is read. */
  stdin: () => Readable;
  stdout: Output;
  stderr: Output;
  /** Emits signals by their name, as `process` does. */
  signals: Pick<EventEmitter, 'on' | 'off'>;
}
