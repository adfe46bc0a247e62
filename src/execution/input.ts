import { AsyncLocalStorage } from 'node:async_hooks';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { Secret } from '../commands/secret.ts';
import { optionsError, show } from '../options/check.ts';

const { O_NONBLOCK, O_WRONLY } = constants;

/** What a command reads from stdin: a text, bytes, a stream, a secret; `'open'`: what is written to `run.stdin`. */
export type Input = string | Uint8Array | Readable | Secret;

/** Where the input of one command comes from. */
export interface InputSource {
  /** All of it: put in a file. */
  readonly content?: string | Uint8Array;
  /** What flows while the command runs. */
  readonly feed?: Feed;
  /** For `'open'`. */
  readonly stdin?: Writable;
}

/** More than this goes through a pipe, so that it need not be written to a disk first. Bytes */
const longestFile = 1024 * 1024;

/** @throws {ShellwrightError} ERR_OPTIONS for a stream that another command has */
export function inputSource(input: Input): InputSource {
  if (input === 'open') {
    const stdin = new PassThrough();
    return { feed: new Feed(stdin), stdin };
  }
  if (input instanceof Readable) return { feed: new Feed(input) };
  const content = input instanceof Secret ? Secret.reveal(input) : input;
  if (content.length <= longestFile) return { content };
  return { feed: new Feed(Readable.from([Buffer.from(content as Uint8Array)], { objectMode: false })) };
}

/** Streams that are a command's own: a second command would get the rest, or parts. */
const taken = new WeakSet<Readable>();

/** Feeds a stream to the command whose own it is. */
export class Feed {
  /** Told, once, when the stream fails. That the command reads no more is no failure. */
  onFailure: ((error: Error) => void) | undefined;
  readonly #source: Readable;
  readonly #inContext = AsyncLocalStorage.snapshot();
  #failure: Error | undefined;
  #sink: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @throws {ShellwrightError} ERR_OPTIONS */
  constructor(source: Readable) {
    if (taken.has(source))
      throw optionsError('Expected the `input` option to be a stream of this command alone: another command has it');
    taken.add(source);
    this.#source = source;
    // From now on: a stream may fail, and nobody else may listen, while its command waits.
    source.on('error', this.#fail);
    source.on('close', this.#closed);
  }

  /** Why the stream cannot be read, if it failed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Begins to feed a FIFO that the shell is about to open for the command. */
  begin(path: string): void {
    this.#inContext(() => this.#open(path, 1));
  }

  /** The command reads no more: the stream is destroyed. The stdin of this process is given back. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#sink?.destroy();
    const source = this.#source;
    source.off('data', this.#write).off('end', this.#end);
    if (!isStdin(source)) return void source.destroy();
    source.pause();
    source.off('error', this.#fail).off('close', this.#closed);
    taken.delete(source);
  }

  /** It opens only when it has a reader; the shell, on its way to the command, waits for its writer. */
  #open(path: string, pause: number): void {
    if (this.#stopped) return;
    const fd = openForWriting(path);
    if (fd === undefined) {
      this.#timer = setTimeout(() => this.#open(path, Math.min(pause * 2, longestPause)), pause);
      return;
    }
    const sink = new Socket({ fd, readable: false, writable: true });
    this.#sink = sink;
    // EPIPE: whoever read it has closed it.
    sink.on('error', () => this.stop());
    sink.on('drain', () => this.#source.resume());
    sink.on('close', () => this.#reopen(path, 1));
    // One that was given back is paused, and would stay so.
    this.#source.on('end', this.#end).on('data', this.#write).resume();
  }

  /** Once all is written, whoever opens it anew (`/dev/stdin`) would wait for a writer: one comes now and then, and writes nothing. */
  #reopen(path: string, pause: number): void {
    if (this.#stopped) return;
    const fd = openForWriting(path);
    if (fd !== undefined) closeSync(fd);
    this.#timer = setTimeout(() => this.#reopen(path, Math.min(pause * 2, longestWait)), pause);
  }

  // By hand, since `pipe` throws in nobody's hands when it is given an object.
  readonly #write = (chunk: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
      this.#source.destroy(new TypeError(`Expected the input to be strings or bytes, got ${show(chunk)}`));
    else if (this.#sink?.write(chunk) === false) this.#source.pause();
  };

  readonly #end = (): void => void this.#sink?.end();

  readonly #fail = (error: Error): void => {
    if (this.#stopped || this.#failure) return;
    this.#failure = error;
    this.onFailure?.(error);
  };

  readonly #closed = (): void => {
    if (!this.#source.readableEnded) this.#fail(new Error('The stream was closed before its end'));
  };
}

/** By its number: `process.stdin` is opened by looking at it. */
function isStdin(source: Readable): boolean {
  return (source as { fd?: unknown }).fd === 0;
}

/** Between two attempts to open it for the shell, which is at it. ms */
const longestPause = 16;
/** Between two writers for somebody who may open it anew. ms */
const longestWait = 256;

function openForWriting(path: string): number | undefined {
  try {
    return openSync(path, O_WRONLY | O_NONBLOCK);
  } catch {
    return undefined; // ENXIO: no reader yet
  }
}
