import { closeSync, constants, openSync } from 'node:fs';
import { Reader, type OnData } from './reader.ts';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Where FIFOs are. */
export interface OutputPaths {
  readonly stdout: string;
  readonly stderr: string;
}

/** What is told of a pair. */
export interface OutputEvents {
  stdout: OnData;
  stderr: OnData;
  /** One of the two has come to its end: all that could write to it have closed it. */
  ended: () => void;
}

/** The pair of pipes into which a shell and all that it starts write. */
export class Outputs {
  readonly stdout: Reader;
  readonly stderr: Reader;
  /** Writing ends of this process: without them a pipe ends before the shell has opened it. */
  #writers: number[];

  constructor(stdout: Reader, stderr: Reader, writers: number[] = []) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.#writers = writers;
  }

  /** Those that a shell is about to open. @throws {Error} for a lack of descriptors */
  static open(paths: OutputPaths, events: OutputEvents): Outputs {
    const opened: number[] = [];
    const open = (path: string, flags: number): number => {
      const fd = openSync(path, flags | O_NONBLOCK);
      opened.push(fd);
      return fd;
    };
    try {
      const [stdout, stderr] = [open(paths.stdout, O_RDONLY), open(paths.stderr, O_RDONLY)];
      const [writer, mark] = [open(paths.stdout, O_WRONLY), open(paths.stderr, O_WRONLY)];
      return new Outputs(
        Reader.ofPipe(stdout, events.stdout, events.ended),
        Reader.ofPipe(stderr, events.stderr, events.ended).withMark(mark),
        [writer],
      );
    } catch (error) {
      opened.forEach((fd) => closeSync(fd));
      throw error;
    }
  }

  /** The shell has opened them, or never will. */
  letGo(): void {
    this.#writers.forEach((fd) => closeSync(fd));
    this.#writers = [];
  }

  /** The shell writes to others now: this ends when all that it had started have ended. */
  retire(): void {
    this.letGo();
    this.stderr.unmark();
  }

  drain(): void {
    this.stdout.drain();
    this.stderr.drain();
  }

  isOver(): boolean {
    return this.stdout.isOver();
  }

  close(): void {
    this.letGo();
    this.stdout.close();
    this.stderr.close();
  }
}
