import type { RemovalReason } from '../../machines/reasons.ts';
import type { ShellState } from '../../machines/shell/types.ts';
import type { ShellSlot } from '../../machines/slots.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import type { End } from '../execution/task-roles.ts';
import type { Outcome } from '../execution/outcome.ts';
import type { Task } from '../execution/task.ts';
import type { Mask } from '../masking/mask.ts';
import { maskedValue } from '../masking/values.ts';
import type { Channel } from '../process/channel.ts';
import type { Foreground } from '../process/foreground.ts';
import { forgetGroup } from '../process/group.ts';
import { LaunchError } from '../process/launch-error.ts';
import { outside } from '../process/outside.ts';
import type { Scratch } from '../process/scratch.ts';
import type { PoolContext } from './context.ts';
import { Conversation, type Speaker } from './conversation.ts';
import { History } from './history.ts';
import { launch } from './launch.ts';
import { Lifetime } from './lifetime.ts';
import type { Borrower, Tell, UpkeepState } from './shell-roles.ts';

/** A shell that dies this soon after it was first idle, without finishing a command, never really started. ms */
const earlyDeath = 1_000;
/** How long a killed process may take to be gone before its command is given up. ms */
const deathLimit = 5_000;

/** How long an ended process may take to tell so. ms */
const exitLimit = 100;

/** One shell process: what the actor of its slot owns. It runs one task at a time. */
export class Shell implements Speaker {
  readonly slot: ShellSlot;
  readonly history: History;
  /** The machine's state, as it last announced it. */
  state: ShellState = 'spawning';
  /** When that was, epoch ms. */
  since = Date.now();
  /** Commands of users that ended here. */
  uses = 0;
  /** Whether another command may be run in it. */
  usable = false;
  /** Whether it answers: `destroy` may still be said to it when it is lent no more. */
  inStep = false;
  /** What its machine believes: the edge is taken later than the fact. */
  markedBusy = false;
  borrower: Borrower | undefined;
  upkeep: UpkeepState | undefined;
  pid = 0;
  /** Processes that left its session and outlived it: known when it is destroyed. */
  strays: readonly number[] = [];
  /** Why it could not be started or set up. */
  startError: unknown;
  /** What must not be seen of what it says: the pool's own, and the secrets that it was given. */
  mask: Mask | undefined;
  readonly tell: Tell;
  readonly #pool: PoolContext;
  readonly #conversation: Conversation;
  readonly #lifetime = new Lifetime();
  #channel: Channel | undefined;
  #disposed = false;
  #hasExited = false;
  #resolveExit!: () => void;
  readonly #exit = new Promise<void>((resolve) => {
    this.#resolveExit = resolve;
  });
  #killed = false;
  /** How a task ends that ends with its shell. */
  #death: End = { shellExited: true, rung: 'kill', stateLost: true };

  constructor(slot: ShellSlot, pool: PoolContext, tell: Tell) {
    this.slot = slot;
    this.#pool = pool;
    this.tell = tell;
    this.mask = pool.mask;
    this.history = new History(pool.options.history);
    this.#conversation = new Conversation(this, pool);
  }

  /** Resolves when the process has ended. */
  get exited(): Promise<void> {
    return this.#exit;
  }

  /** Why it is to be replaced when its borrower lets go, if it is. */
  get due(): RemovalReason | undefined {
    if (this.uses >= this.#pool.options.maxUses) return 'max-uses';
    return this.#lifetime.isOver ? 'max-lifetime' : undefined;
  }

  /** What its commands are to read. */
  get scratch(): Scratch {
    return this.#conversation.scratch;
  }

  /** What holds these FIFOs is of its family, and told of as a stray when it outlives it. */
  noteFamily(pipes: readonly string[]): void {
    this.#channel?.addFamily(pipes);
  }

  get task(): Task | undefined {
    return this.#conversation.task;
  }

  /** Starts the process; what comes of it goes to the actor. */
  async spawn(): Promise<void> {
    try {
      const channel = await launch(this.#pool, {
        ...this.#conversation.sinks,
        message: (text) => this.#conversation.onMessage(text),
        exit: (exitCode, signal) => this.#onExit(exitCode, signal),
      });
      this.#channel = channel;
      this.pid = channel.pid;
      this.#conversation.open(channel);
      if (this.#disposed) channel.kill();
      else this.tell({ type: 'process.spawned', pid: channel.pid });
    } catch (error) {
      const shown = this.mask ? maskedValue(error, this.mask) : error;
      this.startError = new ShellwrightError('ERR_SPAWN', messageOf(shown), { cause: shown });
      this.#hasExited = true;
      this.#resolveExit();
      this.tell({
        type: 'process.failed',
        cause: messageOf(shown),
        fatal: error instanceof LaunchError && error.fatal,
      });
    }
  }

  /** Writes the driver. A task may then be run to see whether it answers. */
  boot(): void {
    this.#conversation.boot();
    this.usable = this.inStep = true;
  }

  /** Told by the machine. */
  enter(state: ShellState): void {
    this.state = state;
    this.since = Date.now();
    if (state === 'idle') this.#lifetime.begin(this.since, this.#pool.options.maxLifetime, () => this.#outlive());
    if (state === 'invalid' || state === 'destroying') this.lose();
  }

  /** Whether the process that we started is the shell itself, as far as can be told. */
  get isDirect(): boolean {
    return this.#conversation.moved() === undefined;
  }

  /** Writes the task to the shell. False: the shell is gone, and the task was not written. */
  run(task: Task): boolean {
    if (!this.inStep || !this.#channel || this.task) return false;
    if (this.#conversation.run(task)) return true;
    this.inStep = false;
    this.lose();
    return false;
  }

  interrupt(): boolean {
    return this.#conversation.interrupt();
  }

  foreground(): Foreground | undefined {
    return this.#conversation.foreground();
  }

  kill(): void {
    this.inStep = false;
    this.#killed = true;
    this.invalidate('state-lost');
    this.#channel?.kill();
    setTimeout(() => this.#conversation.endTask(this.#death), deathLimit).unref();
  }

  pauseOutput(): void {
    this.#channel?.stdout.pause();
  }

  resumeOutput(): void {
    this.#channel?.stdout.resume();
  }

  /** It runs no other command. */
  invalidate(reason: RemovalReason, cause?: string): void {
    if (this.#hasExited) return;
    // Told first: a borrower that lets go at once would else be heard before the reason, or bring one of its own.
    const why = cause !== undefined && this.mask ? this.mask.text(cause) : cause;
    this.tell({ type: 'invalidate', reason, ...(why !== undefined && { cause: why }) });
    this.lose();
  }

  strayed(cause: string): void {
    this.inStep = false;
    this.invalidate('protocol-error', cause);
  }

  /** Takes it out of use, and tells its borrower, once. */
  lose(): void {
    if (!this.usable) return;
    this.usable = false;
    this.borrower?.shellLost();
  }

  /**
   * Ends the process and waits until its session is gone. In step, it first ends by itself: it gets the end of its input.
   * @param grace ms for that
   */
  async end(grace: number): Promise<void> {
    this.usable = this.inStep = false;
    if (grace > 0 && this.#channel && !this.#hasExited) {
      this.#channel.end();
      await Promise.race([this.#exit, outside(() => new Promise((resolve) => setTimeout(resolve, grace).unref()))]);
    }
    this.#disposed = true;
    if (!this.#channel) return this.#hasExited ? undefined : this.#exit;
    this.strays = await this.#channel.finish();
    if (!this.#hasExited)
      await Promise.race([this.#exit, new Promise((resolve) => setTimeout(resolve, exitLimit).unref())]);
    this.#conversation.endTask(this.#death);
    this.#letGo(this.#channel);
  }

  /** At once and without waiting: the actor was stopped. */
  dispose(): void {
    this.inStep = false;
    this.#disposed = true;
    this.lose();
    if (!this.#channel || this.#channel.gone) return;
    const channel = this.#channel;
    void channel.finish().then(() => this.#letGo(channel));
  }

  #outlive(): void {
    if (!this.borrower && !this.upkeep) this.invalidate('max-lifetime');
  }

  #letGo(channel: Channel): void {
    channel.close();
    this.scratch.remove();
    forgetGroup(this.pid);
  }

  #onExit(exitCode: number | undefined, signal: NodeJS.Signals | undefined): void {
    this.#hasExited = true;
    // A command that ended in time gives its shell back: nobody is to get that one.
    const wasUsable = this.usable;
    this.usable = this.inStep = false;
    this.#lifetime.end();
    // What it wrote before its end may hold the fences of a command that ended in time.
    this.#channel?.drain();
    this.#conversation.flush();
    const { task } = this.#conversation;
    const { begunAt } = this.#lifetime;
    const how = signal ? `the process died of ${signal}` : `the process ended with exit code ${exitCode}`;
    if (begunAt === 0)
      this.startError ??= new ShellwrightError(
        'ERR_INIT',
        `The shell ended before it was ready: ${how}${this.#conversation.said()}`,
      );
    const early = begunAt === 0 || (this.uses === 0 && Date.now() - begunAt < earlyDeath && !task);
    this.scratch.remove();
    if (wasUsable) this.borrower?.shellLost();
    this.tell({ type: 'process.exited', early, cause: how });
    this.#death = { exitCode, signal, shellExited: true, stateLost: true };
    // What was killed has ended when all of it is gone.
    if (this.#killed) void this.#channel?.finish().then(() => this.#conversation.endTask(this.#death));
    else this.#conversation.endTask(this.#death);
    this.#resolveExit();
  }
}

/** What a command leaves behind in the books of its shell. */
export function recordUse(shell: Shell, outcome: Outcome, mask: Mask | undefined): void {
  shell.uses++;
  shell.history.add(outcome, mask);
}
