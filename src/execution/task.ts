import { AsyncResource } from 'node:async_hooks';
import type { Secret } from '../commands/secret.ts';
import { type ErrorCode, type Rung, ShellwrightError } from '../errors.ts';
import { maskedFields } from '../masking/copies.ts';
import type { Mask } from '../masking/mask.ts';
import { Capture } from './capture.ts';
import type { ResultFields } from './fields.ts';
import { onAbort } from './on-abort.ts';
import { Ladder, type Stoppable } from './ladder.ts';
import type { ExecResult } from './result.ts';
import type { Settings } from './settings.ts';

type Output = string | Buffer;
export type StreamName = 'stdout' | 'stderr';
/** Where a command is: waiting for a shell, written to one, being stopped, or over. */
export type ExecutionState = 'queued' | 'running' | 'stopping' | 'ended';

/** Why we stop a command. */
export interface StopReason {
  code: ErrorCode;
  message: string;
  cause?: unknown;
  kind?: 'run' | 'noOutput';
}

/** What runs tasks: a shell. */
export interface Runner extends Stoppable {
  readonly slot: string;
  readonly pid: number;
  pauseOutput(): void;
  resumeOutput(): void;
}

/** What happens to a task, told to whoever gave it. */
export interface TaskOwner {
  /** It waits and is to be stopped: forget it. */
  dequeue(task: Task): void;
  /** It left its shell, before its promise is settled. */
  ended(task: Task, outcome: Outcome): void;
}

/** How a task ended: with a result, or with an error that may have begun. */
export type Outcome =
  | { result: ExecResult<Output>; error?: undefined }
  | { result: ExecResult<Output>; error: ShellwrightError };

/** How the shell's side of a command ended. */
export interface End {
  exitCode?: number | undefined;
  /** What its last expression gave, where the shell tells. */
  value?: unknown;
  signal?: NodeJS.Signals | undefined;
  shellExited: boolean;
  /** The rung that was used, and whether the state is lost: for errors. */
  rung?: Rung | undefined;
  stateLost?: boolean;
  /** Why the shell is out of use, though the command ended as it should. */
  invalid?: string | undefined;
  /** The shell could not begin it. */
  unstarted?: boolean;
  /** The end is not one the command made, and this is why. */
  error?: StopReason;
}

export interface TaskInit {
  id: string;
  /** As everybody may see it. */
  text: string;
  /** As the shell gets it, where that is not the same. */
  script?: string | undefined;
  secrets?: readonly Secret[] | undefined;
  mask?: Mask | undefined;
  settings: Settings;
  pool: string;
  sessionId?: string | undefined;
  /** All it does is done in a subshell. */
  apart?: boolean;
  /** Somebody observes it: keep the caller's async context. */
  observed: boolean;
}

/** setTimeout takes no more than this. */
const maxDelay = 2 ** 31 - 1;

/** One command from being given to its end: its output, its limits, its promise. */
export class Task {
  readonly id: string;
  /** As everybody may see it. */
  text: string;
  /** As the shell gets it: for its frame, and nothing else. */
  readonly script: string;
  readonly secrets: readonly Secret[] | undefined;
  /** What must not be seen of it; its shell may know more than whoever made it. */
  mask: Mask | undefined;
  /** All it does is done in a subshell: nothing of the shell itself can be touched by it. */
  readonly apart: boolean;
  readonly settings: Settings;
  readonly pool: string;
  readonly sessionId: string | undefined;
  readonly promise: Promise<ExecResult<Output>>;
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** Only of a command that gives one. */
  #value: Capture | undefined;
  readonly queuedAt = performance.now();
  state: ExecutionState = 'queued';
  /** Its reader holds the pipe. */
  held = false;
  /** Epoch ms, 0 until it runs. */
  startedAt = 0;
  /** Sees each chunk as it comes; the view is valid only during the call. */
  onChunk: ((stream: StreamName, view: Buffer) => void) | undefined;
  /** Told when the last chunk was seen. */
  onEnd: (() => void) | undefined;
  owner: TaskOwner | undefined;
  #context: AsyncResource | undefined;
  #runner: Runner | undefined;
  #startMark = 0;
  #waitMs = 0;
  #stop: StopReason | undefined;
  #ladder: Ladder | undefined;
  #timer: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #lastOutput = 0;
  #forgetSignal: (() => void) | undefined;
  #resolve!: (result: ExecResult<Output>) => void;
  #reject!: (error: ShellwrightError) => void;

  constructor({
    id,
    text,
    script = text,
    secrets,
    mask,
    apart = false,
    settings,
    pool,
    sessionId,
    observed,
  }: TaskInit) {
    this.id = id;
    this.text = text;
    this.script = script;
    this.secrets = secrets;
    this.mask = mask;
    this.apart = apart;
    this.settings = settings;
    this.pool = pool;
    this.sessionId = sessionId;
    this.stdout = new Capture(settings.maxBuffer, settings.overflow);
    this.stderr = new Capture(settings.maxBuffer, settings.overflow);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (observed) this.captureContext();
    if (settings.signal) this.#forgetSignal = onAbort(settings.signal, () => this.#aborted());
  }

  get runner(): Runner | undefined {
    return this.#runner;
  }

  /** When it was written to its shell, on the clock of `performance.now()`. */
  get begunAt(): number {
    return this.#startMark;
  }

  get waitMs(): number {
    return this.#waitMs;
  }

  /** Somebody stopped it. */
  get stopping(): boolean {
    return this.#stop !== undefined;
  }

  /** From now on observers are called in the async context of this call. */
  captureContext(): void {
    // Not `AsyncLocalStorage.snapshot()`, which costs 30 µs in Node 20, as much as the command.
    this.#context ??= new AsyncResource('shellwright.command', { requireManualDestroy: true });
  }

  inContext<T>(run: () => T): T {
    return this.#context ? this.#context.runInAsyncScope(run) : run();
  }

  /** The command is about to be written to `runner`. */
  start(runner: Runner): void {
    this.state = 'running';
    this.#runner = runner;
    this.#startMark = performance.now();
    this.#waitMs = this.#startMark - this.queuedAt;
    this.startedAt = Date.now();
    const { timeout, noOutputTimeout } = this.settings;
    if (noOutputTimeout <= maxDelay) this.#watchOutput(noOutputTimeout);
    if (timeout <= maxDelay) {
      this.#timer = setTimeout(
        () =>
          this.stop({
            code: 'ERR_TIMEOUT',
            kind: 'run',
            message: `The command ran longer than its timeout of ${timeout} ms: ${this.text}`,
          }),
        timeout,
      );
    }
  }

  /** One timer, set anew when it fires and not with each output; a reader that holds the pipe stops the clock. */
  #watchOutput(limit: number, delay = limit): void {
    if (delay === limit) this.#lastOutput = performance.now();
    this.#quiet = setTimeout(() => {
      if (this.state !== 'running') return;
      const left = this.held ? limit : limit - (performance.now() - this.#lastOutput);
      if (left > 0) return this.#watchOutput(limit, left);
      this.stop({
        code: 'ERR_TIMEOUT',
        kind: 'noOutput',
        message: `The command wrote nothing for noOutputTimeout (${limit} ms): ${this.text}`,
      });
    }, delay);
  }

  /** It was not written after all. */
  unstart(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#runner = undefined;
    this.startedAt = 0;
    this.state = 'queued';
  }

  chunk(stream: StreamName, view: Buffer): void {
    if (this.#quiet) this.#lastOutput = performance.now();
    const within = this[stream].push(view);
    if (this.onChunk) this.inContext(() => this.onChunk?.(stream, view));
    if (!within)
      this.stop({
        code: 'ERR_MAX_BUFFER',
        message: `The command wrote more than maxBuffer (${this.settings.maxBuffer} bytes) to ${stream}: ${this.text}`,
      });
  }

  /** The next bytes of its value, which is bounded as a stream is. */
  valuePart(bytes: Buffer): void {
    if (this.#quiet) this.#lastOutput = performance.now();
    const { maxBuffer, overflow } = this.settings;
    this.#value ??= new Capture(maxBuffer, overflow);
    if (!this.#value.push(bytes))
      this.stop({
        code: 'ERR_MAX_BUFFER',
        message: `The value of the command is larger than maxBuffer (${maxBuffer} bytes): ${this.text}`,
      });
  }

  /** Its value as it was sent; undefined where there is none. */
  get valueText(): string | undefined {
    return this.#value?.read('utf8').output;
  }

  /** Lets the pipe fill up, so that the command waits for its reader. */
  hold(): void {
    if (this.state !== 'running') return;
    this.held = true;
    this.#runner?.pauseOutput();
  }

  letGo(): void {
    if (!this.held) return;
    this.held = false;
    this.#lastOutput = performance.now();
    this.#runner?.resumeOutput();
  }

  interrupt(): boolean {
    return this.#runner !== undefined && this.state !== 'ended' && this.#runner.interrupt();
  }

  /** Begins the ladder, or goes to its end. The first reason stays; a later call can only go up a rung. */
  stop(reason: StopReason, from: Rung = 'interrupt'): void {
    if (this.state === 'ended') return;
    this.#stop ??= reason;
    const runner = this.#runner;
    if (!runner) {
      this.owner?.dequeue(this);
      return this.end({ shellExited: false, error: this.#stop });
    }
    const first = this.state === 'running';
    this.state = 'stopping';
    clearTimeout(this.#timer);
    // Output that nobody reads any more must not keep the command from ending.
    this.letGo();
    this.#ladder ??= new Ladder(runner);
    if (from === 'kill') this.#ladder.kill();
    else if (first) this.#ladder.climb(this.settings.killGrace);
  }

  /** The one way to end: takes it from its shell, tells the owner, and settles the promise. */
  end(end: End): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#ladder?.end();
    this.letGo();
    // Whoever still writes there would wait for ever.
    this.settings.own?.source?.feed?.stop();
    this.#forgetSignal?.();
    const outcome = this.#outcome(end);
    this.owner?.ended(this, outcome);
    if (this.onEnd) this.inContext(() => this.onEnd?.());
    this.#settle(outcome);
  }

  /** What is known so far, also after the end. */
  fields({ exitCode, value, signal, shellExited, invalid }: End): ResultFields<Output> {
    const { encoding, meta } = this.settings;
    const stdout = this.stdout.read(encoding);
    const stderr = this.stderr.read(encoding);
    const omittedOfValue = this.#value?.read('utf8').omitted ?? 0;
    const runner = this.#runner;
    return {
      id: this.id,
      command: this.text,
      ...(exitCode !== undefined && { exitCode }),
      ...(signal !== undefined && { signal }),
      ...(value !== undefined && { value }),
      stdout: stdout.output,
      stderr: stderr.output,
      failed: exitCode !== 0,
      shellExited,
      truncated: stdout.omitted + stderr.omitted + omittedOfValue > 0 && {
        stdout: stdout.omitted,
        stderr: stderr.omitted,
        ...(omittedOfValue > 0 && { value: omittedOfValue }),
      },
      durationMs: runner ? performance.now() - this.#startMark : 0,
      waitMs: runner ? this.#waitMs : performance.now() - this.queuedAt,
      startedAt: this.startedAt,
      ...(invalid !== undefined && { invalid }),
      ...(meta !== undefined && { meta }),
      pool: this.pool,
      ...(runner && { shellId: runner.slot, pid: runner.pid }),
      ...(this.sessionId !== undefined && { sessionId: this.sessionId }),
    };
  }

  #outcome(end: End): Outcome {
    const result: ExecResult<Output> = this.fields(end);
    const reason = this.#stop ?? end.error;
    if (!reason) return { result };
    const { code, message, ...details } = reason;
    const started = this.#runner !== undefined && end.unstarted !== true;
    const stopped =
      started && code !== 'ERR_PROTOCOL'
        ? { rung: end.rung ?? this.#ladder?.rung, stateLost: end.stateLost ?? end.shellExited }
        : {};
    const { mask } = this;
    result.error = new ShellwrightError(
      code,
      mask ? mask.text(message) : message,
      { ...details, started, ...stopped },
      started ? (mask ? maskedFields(result, mask) : result) : undefined,
    );
    return { result, error: result.error };
  }

  #settle({ result, error }: Outcome): void {
    const { reject } = this.settings;
    if (error) return reject === false ? this.#resolve(result) : this.#reject(error);
    if (reject !== true || !result.failed) return this.#resolve(result);
    this.#reject(commandFailed(result, this.mask));
  }

  #aborted(): void {
    this.stop({
      code: 'ERR_ABORTED',
      message: `The command was aborted: ${this.text}`,
      cause: this.settings.signal?.reason,
    });
  }
}

/** The error for `reject: true`, and of `text()`, `lines()` and `json()`. */
export function commandFailed(result: ExecResult<Output>, mask: Mask | undefined): ShellwrightError {
  const how = result.signal ? `its shell died of ${result.signal}` : `exit code ${result.exitCode}`;
  const fields = mask ? maskedFields(result, mask) : result;
  const text = fields.stderr.toString().trim();
  const said = text === '' ? '' : `\n${text.length > 500 ? text.slice(-500) : text}`;
  return new ShellwrightError(
    'ERR_COMMAND_FAILED',
    `The command failed with ${how}: ${result.command}${said}`,
    { started: true },
    fields,
  );
}
