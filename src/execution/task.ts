import { AsyncResource } from 'node:async_hooks';
import type { Secret } from '../commands/secret.ts';
import type { Rung, ShellwrightError } from '../errors.ts';
import type { Mask } from '../masking/mask.ts';
import { Capture } from './capture.ts';
import { Ladder } from './ladder.ts';
import { Limits } from './limits.ts';
import { onAbort } from './on-abort.ts';
import { commandFailed, outcomeOf, type Outcome } from './outcome.ts';
import type { ExecResult } from './result.ts';
import type { Settings } from './settings.ts';
import type { End, ExecutionState, Runner, StopReason, StreamName, TaskInit } from './task-roles.ts';

type Output = string | Buffer;

/** What happens to a task, told to whoever gave it. */
export interface TaskOwner {
  /** It waits and is to be stopped: forget it. */
  dequeue(task: Task): void;
  /** It left its shell, before its promise is settled. */
  ended(task: Task, outcome: Outcome): void;
}

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
  /** What its last expression gave, as it was sent: only of a command that gives one. */
  value: Capture | undefined;
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
  #limits: Limits | undefined;
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
    this.#limits = Limits.of(this, timeout, noOutputTimeout);
  }

  /** It was not written after all. */
  unstart(): void {
    this.#limits?.stopped();
    this.#runner = undefined;
    this.startedAt = 0;
    this.state = 'queued';
  }

  chunk(stream: StreamName, view: Buffer): void {
    this.#limits?.noteOutput();
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
    this.#limits?.noteOutput();
    const { maxBuffer, overflow } = this.settings;
    this.value ??= new Capture(maxBuffer, overflow);
    if (!this.value.push(bytes))
      this.stop({
        code: 'ERR_MAX_BUFFER',
        message: `The value of the command is larger than maxBuffer (${maxBuffer} bytes): ${this.text}`,
      });
  }

  /** Its value as it was sent; undefined where there is none. */
  get valueText(): string | undefined {
    return this.value?.read('utf8').output;
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
    this.#limits?.noteOutput();
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
    this.#limits?.stopped();
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
    this.#limits?.stopped();
    this.#ladder?.end();
    this.letGo();
    // Whoever still writes there would wait for ever.
    this.settings.own?.source?.feed?.stop();
    this.#forgetSignal?.();
    const outcome = outcomeOf(this, end, this.#stop ?? end.error, this.#ladder?.rung);
    this.owner?.ended(this, outcome);
    if (this.onEnd) this.inContext(() => this.onEnd?.());
    this.#settle(outcome);
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
