import type { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { Subject, type Observable } from 'rxjs';
import { notJson } from './json.ts';
import { linesOf, truncated } from './lines.ts';
import type { ExecResult } from './result.ts';
import { commandFailed } from './outcome.ts';
import type { ExecutionState, StreamName } from './task-roles.ts';
import type { Task } from './task.ts';

/** A piece of output as it arrived. */
export interface OutputChunk<Output extends string | Buffer = string> {
  stream: StreamName;
  data: Output;
  /** Epoch ms. */
  at: number;
}

/**
 * One command, running or that ran: a promise of its result, an async iterable of its stdout lines, and a handle to stop it.
 *
 * The shape is execa's subprocess, with a shell that outlives it.
 */
export class Execution<Output extends string | Buffer = string>
  implements PromiseLike<ExecResult<Output>>, AsyncIterable<string>
{
  readonly [Symbol.toStringTag] = 'Execution';
  readonly #task: Task;
  // Typed inside only: a private field of the type parameter would keep Execution<string> from being an Execution<string | Buffer>.
  #output: Subject<OutputChunk<never>> | undefined;

  /** @internal */
  constructor(task: Task) {
    this.#task = task;
  }

  /** Unique within this process, and the same in its result and events. */
  get id(): string {
    return this.#task.id;
  }

  get state(): ExecutionState {
    return this.#task.state;
  }

  get #promise(): Promise<ExecResult<Output>> {
    return this.#task.promise as Promise<ExecResult<Output>>;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise on purpose
  then<A = ExecResult<Output>, B = never>(
    onFulfilled?: ((result: ExecResult<Output>) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<ExecResult<Output> | B> {
    return this.#promise.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<ExecResult<Output>> {
    return this.#promise.finally(onFinally);
  }

  /**
   * stdout as text, without one final newline.
   * @throws {ShellwrightError} ERR_COMMAND_FAILED, ERR_OUTPUT when truncated, and what the promise rejects with
   */
  async text(): Promise<string> {
    const result = await this.#promise;
    if (result.error) throw result.error;
    if (result.failed) throw commandFailed(result, this.#task.mask);
    if (result.truncated) throw truncated(result, this.#task.mask);
    return result.stdout.toString().replace(/\n$/, '');
  }

  /** The lines of stdout. @throws as `text()` */
  async lines(): Promise<string[]> {
    const text = await this.text();
    if (text !== '') return text.split('\n');
    return (await this.#promise).stdout.length === 0 ? [] : [''];
  }

  /** stdout parsed as JSON. @throws as `text()`, and ERR_OUTPUT when it is not JSON */
  async json<T = unknown>(): Promise<T> {
    const text = await this.text();
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw notJson(await this.#promise, cause, this.#task.mask);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<string, void, undefined> {
    return linesOf(this.#task);
  }

  /** Chunks as they arrive. Hot, buffers nothing, never errors, completes at the end. */
  get output$(): Observable<OutputChunk<Output>> {
    this.#output ??= this.#observe();
    return this.#output.asObservable();
  }

  /** The output so far. */
  partial(): { stdout: Output; stderr: Output } {
    const { stdout, stderr, settings } = this.#task;
    return {
      stdout: stdout.read(settings.encoding).output as Output,
      stderr: stderr.read(settings.encoding).output as Output,
    };
  }

  /** Where to write for the command, with `input: 'open'`; its end is the command's end of input. Undefined otherwise. */
  get stdin(): Writable | undefined {
    return this.#task.settings.own?.source?.stdin;
  }

  /** SIGINT to what runs, once; the promise resolves with whatever the shell then reports. False when nothing runs or the dialect has no signals. */
  interrupt(): boolean {
    return this.#task.interrupt();
  }

  /** Stops it as its AbortSignal would: SIGINT, then the kill of what it runs, and after `killGrace` of its shell; the promise rejects with ERR_ABORTED. */
  abort(reason?: unknown): void {
    this.#task.stop({ code: 'ERR_ABORTED', message: `The command was aborted: ${this.#task.text}`, cause: reason });
  }

  /** Starts at the last rung: its shell is killed, and the promise rejects with ERR_ABORTED. */
  kill(): void {
    this.#task.stop({ code: 'ERR_ABORTED', message: `The command was killed: ${this.#task.text}` }, 'kill');
  }

  #observe(): Subject<OutputChunk<never>> {
    const subject = new Subject<OutputChunk<never>>();
    const task = this.#task;
    if (task.state === 'ended') {
      subject.complete();
      return subject;
    }
    task.captureContext();
    const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
    const asText = task.settings.encoding === 'utf8';
    const send = (stream: StreamName, data: string | Buffer): void => {
      if (data.length > 0) subject.next({ stream, data: data as never, at: Date.now() });
    };
    const { onChunk, onEnd } = task;
    task.onChunk = (stream, view) => {
      onChunk?.(stream, view);
      send(stream, asText ? decoders[stream].write(view) : Buffer.from(view));
    };
    task.onEnd = () => {
      onEnd?.();
      if (asText) for (const stream of ['stdout', 'stderr'] as const) send(stream, decoders[stream].end());
      subject.complete();
    };
    return subject;
  }
}
