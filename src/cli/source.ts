import type { Readable } from 'node:stream';
import { openFile } from './file.ts';
import { linesOf } from './lines.ts';
import type { RunInvocation } from './invocation.ts';

/** One command to run. */
export interface Job {
  /** Its place in the order given, from 0. */
  index: number;
  text: string;
  /** Its line in the file, from 1. */
  line?: number;
}

/** Where commands come from. */
export interface Source {
  /** How many there are, where that is known. */
  total?: number;
  /** The next command; undefined at the end. Several may ask at once: they are answered in order. */
  next(): Promise<Job | undefined>;
  /** No more commands: whoever waits for one, and whoever asks, gets undefined. */
  close(): void;
}

/** @throws {UsageError} for a file that cannot be opened */
export function openSource(commands: RunInvocation['commands'], stdin: () => Readable): Source {
  if ('file' in commands) {
    const { file } = commands;
    const stream = file === '-' ? stdin() : openFile(file);
    return source(jobsOf(stream, file === '-' ? 'standard input' : `'${file}'`), () => stream.destroy());
  }
  return { total: commands.length, ...source(given(commands), () => {}) };
}

function source(jobs: AsyncGenerator<Job, void>, stop: () => void): Source {
  let closed = false;
  return {
    async next() {
      try {
        const { value } = closed ? {} : await jobs.next();
        return closed ? undefined : (value ?? undefined);
      } catch (error) {
        // Ending a stream under its reader is an error for the reader.
        if (closed) return undefined;
        throw error;
      }
    },
    close() {
      closed = true;
      stop();
    },
  };
}

async function* given(commands: readonly string[]): AsyncGenerator<Job, void> {
  for (const [index, text] of commands.entries()) yield { index, text };
}

async function* jobsOf(stream: Readable, name: string): AsyncGenerator<Job, void> {
  let index = 0;
  let line = 0;
  for await (const text of linesOf(stream, name)) {
    line++;
    if (!/^\s*(#|$)/.test(text)) yield { index: index++, text, line };
  }
}
