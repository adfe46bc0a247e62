import { randomBytes } from 'node:crypto';
import type { RemovalReason } from '../../machines/reasons.ts';
import type { ProcessEvent, ShellState } from '../../machines/shell/types.ts';
import type { ShellSlot } from '../../machines/slots.ts';
import type { Driver, Report } from '../dialects/dialect.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import type { End, Outcome, Runner, StopReason, StreamName, Task } from '../execution/task.ts';
import { Mask } from '../masking/mask.ts';
import { maskedValue } from '../masking/values.ts';
import { Channel, type Switch } from '../process/channel.ts';
import { shellEnvironment } from '../process/environment.ts';
import { Foreground } from '../process/foreground.ts';
import { forgetGroup, rememberGroup, signalProcess } from '../process/group.ts';
import { LaunchError } from '../process/launch-error.ts';
import { outside } from '../process/outside.ts';
import type { OutputPaths } from '../process/outputs.ts';
import { Scratch } from '../process/scratch.ts';
import { isComputing } from '../process/table.ts';
import type { PoolContext } from './context.ts';
import { History } from './history.ts';
import { mayTakeOurs, takenBy } from './ours.ts';
import { Outlets } from './outlets.ts';
import { isSpecial, lackOf, prepare, unfit, type Own } from './own.ts';
import { startTimer } from './timer.ts';

/** Who holds a shell. */
export interface Borrower {
  /** Of its keyed session. */
  readonly key?: string | undefined;
  /** The shell must not be used again; what runs in it has ended or is about to. */
  shellLost(): void;
}

/** What is done with a shell that nobody holds, and that cannot be lent meanwhile. */
export type UpkeepState = 'validating' | 'checking' | 'resetting';

/** What the shell's actor is told. */
export type Tell = (
  event:
    | ProcessEvent
    | { type: 'borrow' }
    | { type: 'return' }
    | { type: 'validate' | 'check' | 'reset' }
    | { type: 'invalidate'; reason: RemovalReason; cause?: string }
    | { type: 'retire' | 'kill'; reason: RemovalReason },
) => void;

/** A shell that dies this soon after it was first idle, without finishing a command, never really started. ms */
const earlyDeath = 1_000;
const newline = Buffer.from('\n');
/** How long one fence may follow the other. ms */
const fenceGap = 2_000;
/** The part of `maxLifetime` by which it is shortened at most. */
const lifetimeJitter = 0.025;
/** How long a killed process may take to be gone before its command is given up. ms */
const deathLimit = 5_000;

interface Leaving {
  readonly outlets: Outlets;
  readonly pipes: Switch;
}

/** One shell process: what the actor of its slot owns. It runs one task at a time. */
export class Shell implements Runner {
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
  readonly #pool: PoolContext;
  readonly tell: Tell;
  #driver!: Driver;
  #outlets = this.#listen();
  /** While the shell is told to write elsewhere: what it writes to until it does. */
  #leaving: Leaving | undefined;
  /** It did not do so. */
  #stayed = false;
  /** The last command left something running that writes to the pipes. */
  #leftJob = false;
  #channel: Channel | undefined;
  #disposed = false;
  #hasExited = false;
  #resolveExit!: () => void;
  readonly #exit = new Promise<void>((resolve) => {
    this.#resolveExit = resolve;
  });
  #firstIdle = 0;
  #task: Task | undefined;
  #lastId = '';
  #sequence = 0;
  /** Of the command that runs, or ran last. */
  #tag = '';
  #interrupted = false;
  #leftLoop = false;
  #own: Own | undefined;
  readonly #scratch: Scratch;
  /** Only where the shell sees the files of this host. */
  #longText = Infinity;
  /** A command may have led the driver's descriptors elsewhere: they are looked at after each from then on. */
  #wary = false;
  #streamEnded = false;
  #killed = false;
  /** `$!` when the task began. */
  #job = 0;
  /** How a task ends that ends with its shell. */
  #death: End = { shellExited: true, rung: 'kill', stateLost: true };
  #report: Report | undefined;
  #stderrDone = false;
  #marking = false;
  /** The fence on stderr, where the host writes it. */
  #stderrMark: Buffer = newline;
  #halfSince = 0;
  #watch: NodeJS.Timeout | undefined;
  #lifetime: NodeJS.Timeout | undefined;
  #expired = false;

  constructor(slot: ShellSlot, pool: PoolContext, tell: Tell) {
    this.slot = slot;
    this.#pool = pool;
    this.tell = tell;
    this.mask = pool.mask;
    this.history = new History(pool.options.history);
    this.#scratch = new Scratch(pool.options);
  }

  /** Resolves when the process has ended. */
  get exited(): Promise<void> {
    return this.#exit;
  }

  /** Why it is to be replaced when its borrower lets go, if it is. */
  get due(): RemovalReason | undefined {
    if (this.uses >= this.#pool.options.maxUses) return 'max-uses';
    return this.#expired ? 'max-lifetime' : undefined;
  }

  /** What its commands are to read. */
  get scratch(): Scratch {
    return this.#scratch;
  }

  /** What holds these FIFOs is of its family, and told of as a stray when it outlives it. */
  noteFamily(pipes: readonly string[]): void {
    this.#channel?.addFamily(pipes);
  }

  get task(): Task | undefined {
    return this.#task;
  }

  /** Starts the process; what comes of it goes to the actor. */
  async spawn(): Promise<void> {
    const { options, dialect, bus } = this.#pool;
    const { cwd, uid, gid, extendEnv, env } = options;
    try {
      const channel = await Channel.open(
        {
          path: dialect.path,
          args: dialect.args,
          stdin: dialect.stdin,
          control: dialect.control,
          cwd,
          uid,
          gid,
          env: shellEnvironment(extendEnv, env, dialect.env),
        },
        {
          ...this.#outlets.sinks,
          message: (text) => this.#onMessage(text),
          exit: (exitCode, signal) => this.#onExit(exitCode, signal),
        },
      );
      this.#channel = channel;
      if (channel.noPipes !== undefined)
        bus.warnOnce('Commands cannot open /dev/stdout and /dev/stderr', channel.noPipes);
      // A letter first: see posix/fence.ts.
      this.#driver = dialect.driver(
        `s${randomBytes(12).toString('hex')}`,
        this.#marksStderr(channel) ? 'stdout' : 'both',
      );
      if (dialect.capabilities.localFiles) this.#longText = this.#driver.longText ?? Infinity;
      this.pid = channel.pid;
      rememberGroup(channel.pid, (why) => this.#unguarded(why));
      if (this.#disposed) this.#kill();
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
    this.#channel?.write(this.#driver.boot);
    this.usable = this.inStep = true;
  }

  /** Told by the machine. */
  enter(state: ShellState): void {
    this.state = state;
    this.since = Date.now();
    if (state === 'idle' && this.#firstIdle === 0) this.#begin();
    if (state === 'invalid' || state === 'destroying') this.lose();
  }

  /** A launcher between the shell and us would take what we write to the pipe for what has not come through it yet. */
  #marksStderr({ stderr }: Channel): boolean {
    return stderr.canMark && this.#pool.dialect.capabilities.localFiles;
  }

  /** Whether the process that we started is the shell itself, as far as can be told. */
  get isDirect(): boolean {
    return !this.#pool.dialect.capabilities.localFiles || this.#moved() === undefined;
  }

  /** Writes the task to the shell. False: the shell is gone, and the task was not written. */
  run(task: Task): boolean {
    const channel = this.#channel;
    if (!this.inStep || !channel || this.#task) return false;
    const driver = this.#driver;
    let tag = this.#nextTag();
    if (this.#interrupted) tag = driver.afterInterrupt(tag);
    const leftJob = this.#leftJob && this.#canSwitch(channel);
    const special = leftJob || isSpecial(task, this.#longText);
    if (driver.label) tag = driver.label(tag, task.script, special);
    this.#tag = tag;
    this.#wary ||= !task.apart && mayTakeOurs.test(task.script);
    const resume = this.#leftLoop ? (driver.resume ?? '') : '';
    const marker = driver.marker(tag);
    if (this.mask || task.secrets) this.#cover(task);
    if (special && !this.#prepare(task, leftJob)) return true;
    this.#interrupted = this.#leftLoop = this.#stderrDone = this.#stayed = false;
    this.#job = this.#report?.job ?? 0;
    this.#report = undefined;
    this.#halfSince = 0;
    this.#task = task;
    this.#outlets.expect(marker);
    this.#leaving?.outlets.expect(marker);
    this.#stderrMark = Buffer.concat([marker, newline]);
    task.start(this);
    if (this.#streamEnded) this.#awaitOtherFence();
    if (channel.write(resume + driver.frame(tag, task.script, this.#own?.extras))) {
      this.#own?.begin();
      return true;
    }
    task.unstart();
    this.#stay();
    this.#letGoOfOwn();
    this.#task = undefined;
    this.inStep = false;
    this.lose();
    return false;
  }

  /** False: what the task needs could not be had; it ends without having been written. */
  #prepare(task: Task, leftJob: boolean): boolean {
    try {
      this.#own = prepare(task, {
        longText: this.#longText,
        textForm: this.#driver.textFile,
        scratch: this.#scratch,
        leftJob,
      });
      const { outputs } = this.#own.extras;
      if (outputs) this.#leave(outputs);
      return true;
    } catch (error) {
      this.#letGoOfOwn();
      const { code, message, cause } = error as ShellwrightError;
      this.#task = task;
      task.start(this);
      // In a moment: whoever gave it still takes it for running.
      queueMicrotask(() => this.#endTask({ shellExited: false, unstarted: true, error: { code, message, cause } }));
      return false;
    }
  }

  #letGoOfOwn(): void {
    this.#own?.letGo();
    this.#own = undefined;
  }

  interrupt(): boolean {
    if (!this.#channel || !this.#task) return false;
    if (this.#driver.cancel) return this.#channel.write(this.#driver.cancel(this.#tag));
    if (!this.#pool.dialect.capabilities.signals) return false;
    this.#interrupted = true;
    const { relay } = this.#driver;
    if (relay && isComputing(this.pid, relay)) {
      signalProcess(this.pid, relay);
      this.foreground()?.signal('SIGINT');
      return true;
    }
    return this.#channel.signal('SIGINT');
  }

  /** Of the driver's host in the shell. */
  #onMessage(message: string): void {
    if (this.#driver.stuck?.(message) !== this.#tag || !this.#pool.dialect.capabilities.signals) return;
    // Where the command's programs are not known, the older jobs get it too, and the shell, which heeds it not.
    if (process.platform === 'linux') this.foreground()?.signal('SIGINT');
    else this.#channel?.signal('SIGINT');
  }

  foreground(): Foreground | undefined {
    if (!this.#pool.dialect.capabilities.signals || !this.#channel || !this.#task) return undefined;
    const begunAfter = this.#task.begunAt - this.#channel.startedAt;
    return new Foreground({ shell: this.pid, job: this.#job, begunAfter });
  }

  kill(): void {
    this.inStep = false;
    this.#killed = true;
    this.invalidate('state-lost');
    this.#kill();
    setTimeout(() => this.#endTask(this.#death), deathLimit).unref();
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
    if (!this.#hasExited) await Promise.race([this.#exit, new Promise((resolve) => setTimeout(resolve, 100).unref())]);
    this.#endTask(this.#death);
    this.#channel.close();
    this.#scratch.remove();
    forgetGroup(this.pid);
  }

  /** At once and without waiting: the actor was stopped. */
  dispose(): void {
    this.inStep = false;
    this.#disposed = true;
    this.lose();
    if (!this.#channel || this.#channel.gone) return;
    const channel = this.#channel;
    void channel.finish().then(() => {
      channel.close();
      this.#scratch.remove();
      forgetGroup(this.pid);
    });
  }

  #begin(): void {
    this.#firstIdle = this.since;
    const { maxLifetime } = this.#pool.options;
    // Shells that were started together are not to go together (the idea is HikariCP's, and the figure).
    this.#lifetime = outside(() =>
      startTimer(maxLifetime * (1 - lifetimeJitter * Math.random()), () => this.#expire()),
    );
    this.#lifetime?.unref();
  }

  #expire(): void {
    this.#expired = true;
    if (!this.borrower && !this.upkeep) this.invalidate('max-lifetime');
  }

  #nextTag(): string {
    return (this.#sequence++).toString(36);
  }

  #kill(): void {
    this.#channel?.kill();
  }

  #listen(): Outlets {
    const outlets: Outlets = new Outlets(
      {
        data: (stream, view) => {
          // A launcher can be slow: the other fence may be behind all that still comes.
          this.#halfSince &&= performance.now();
          this.#task?.chunk(stream, view);
        },
        value: (part) => {
          this.#halfSince &&= performance.now();
          this.#task?.valuePart(Buffer.from(part, 'base64'));
        },
        fence: (stream, payload) => {
          if (outlets !== this.#outlets) {
            if (outlets !== this.#leaving?.outlets || stream === 'stderr') return;
            this.#stay();
          }
          if (stream === 'stdout') this.#reported(payload);
          else this.#stderrFenced();
        },
        wantsLate: () => this.#lateOf(outlets) !== '' && this.#pool.bus.wants('shell.late_output'),
        late: (stream, data) => this.#publishLate(stream, data, this.#lateOf(outlets)),
        ended: () => {
          if (outlets === this.#outlets) this.#onEnded();
          else outlets.flushLate();
        },
      },
      () => this.mask,
    );
    return outlets;
  }

  /** The host writes the fence on stderr then, and so needs no other to know that the shell has changed over. */
  #canSwitch(channel: Channel): boolean {
    return this.#driver.takesOutputs === true && this.#marksStderr(channel);
  }

  /** What the last command left keeps these pipes, and the shell gets others. @throws {Error} for a lack of descriptors */
  #leave(outputs: OutputPaths): void {
    const next = this.#listen();
    const pipes = (this.#channel as Channel).switchTo(outputs, next.sinks);
    this.#leaving = { outlets: this.#outlets, pipes };
    this.#outlets.commandId = this.#lastId;
    this.#outlets = next;
  }

  /** The shell has left them. */
  #left({ outlets, pipes }: Leaving): void {
    this.#leaving = undefined;
    this.#leftJob = false;
    pipes.done();
    outlets.forget();
  }

  /** It did not: an interrupt came first, or it could not. The command was not run. */
  #stay(): void {
    if (!this.#leaving) return;
    const { outlets, pipes } = this.#leaving;
    this.#leaving = undefined;
    this.#stayed = true;
    outlets.commandId = undefined;
    this.#outlets = outlets;
    pipes.undo();
  }

  #reported(payload: string): void {
    const report = this.#driver.report(payload, this.#task?.valueText);
    if (!report) return this.#lostStep(`its report was \`${payload}\``);
    this.#report = report;
    if (this.#leaving) this.#left(this.#leaving);
    else if (this.#stayed && report.exitCode !== 130) return this.#lostStep('it could not open its new pipes');
    const { stderr } = this.#channel as Channel;
    if (this.#marksStderr(this.#channel as Channel)) {
      // Ended only when all is read: the end of a task may begin the next, for which nothing is done yet.
      this.#marking = true;
      const whole = stderr.readTo(this.#stderrMark, () => this.#stderrDone);
      this.#marking = false;
      if (!whole) return this.#lostStep('another process reads its stderr');
    }
    this.#fenced();
  }

  #stderrFenced(): void {
    this.#stderrDone = true;
    if (!this.#marking) this.#fenced();
  }

  #fenced(): void {
    const report = this.#report;
    if (!report || !this.#stderrDone) return this.#awaitOtherFence();
    if (report.left) this.#leftLoop = true;
    if (report.job !== undefined && report.job !== this.#job) this.#leftJob = true;
    const invalid = (this.#wary ? this.#checkOurs() : undefined) ?? (this.#own && this.#checkFolder(report));
    if (this.#own && report.lacked)
      this.#endTask({ shellExited: false, unstarted: true, invalid, error: lackOf(report.lacked, this.#task as Task) });
    else {
      const { value } = report;
      const hasFailed = this.#driver.failsByStderr && (this.#task?.stderr.total ?? 0) > 0;
      const exitCode = hasFailed ? report.exitCode || 1 : report.exitCode;
      const error = report.unfit === undefined ? undefined : unfit(report.unfit, this.#task as Task);
      this.#endTask({ exitCode, value, shellExited: false, stateLost: !this.usable, invalid, ...(error && { error }) });
    }
  }

  /** Later commands would run elsewhere. */
  #checkFolder({ displaced }: Report): string | undefined {
    if (!displaced) return undefined;
    const invalid = 'the shell could not go back to the folder in which it was before the command';
    this.invalidate('state-lost', invalid);
    return invalid;
  }

  /** What is led elsewhere would take the output of later commands there, and nothing else would tell. */
  #checkOurs(): string | undefined {
    const moved = this.#moved();
    const invalid =
      moved === undefined
        ? takenBy(this.#task?.apart === false ? this.#task.script : '')
        : `descriptor ${moved}, by which the shell answers, was taken`;
    if (invalid === undefined) return undefined;
    this.inStep = false;
    this.invalidate('protocol-error', invalid);
    return invalid;
  }

  #moved(): number | undefined {
    const { descriptors } = this.#driver;
    if (!descriptors || !this.#pool.dialect.capabilities.localFiles) return undefined;
    return this.#channel?.moved(descriptors);
  }

  #endTask(end: End): void {
    const task = this.#task;
    if (!task) return;
    this.#task = undefined;
    if (this.#own) this.#letGoOfOwn();
    if (this.#isUsers(task)) this.#lastId = task.id;
    task.end(end);
  }

  /** A stream without a writer brings no fence: the process is about to exit, or its command closed our descriptors. */
  #onEnded(): void {
    this.#streamEnded = true;
    if (this.#task) this.#awaitOtherFence();
  }

  /** Both fences are written at once: when one comes and the other does not, the command took our descriptors away. */
  #awaitOtherFence(): void {
    if (this.#halfSince === 0) this.#halfSince = performance.now();
    this.#watch ??= outside(() => setInterval(() => this.#checkFences(), fenceGap / 2).unref());
  }

  #checkFences(): void {
    if (!this.#task) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    } else if (this.#halfSince > 0 && performance.now() - this.#halfSince > fenceGap && !this.#task.held) {
      this.#lostStep(`the end of ${this.#report ? 'stderr' : 'stdout'} did not come`);
    }
  }

  #lostStep(why: string): void {
    const reason: StopReason = {
      code: 'ERR_PROTOCOL',
      message: `The shell no longer answers as ${this.#pool.dialect.name} should: ${why}. The command: ${this.#task?.text}`,
    };
    this.inStep = false;
    this.invalidate('protocol-error', why);
    this.#kill();
    this.#endTask({ shellExited: false, stateLost: true, error: reason });
  }

  /** Whose it is. What comes in one piece with a fence is handed out before the task has ended. */
  #lateOf(outlets: Outlets): string {
    return outlets.commandId ?? (this.#task && this.#isUsers(this.#task) ? this.#task.id : this.#lastId);
  }

  /** What comes late, after commands of ours, is still of the user's command before them. */
  #isUsers(task: Task): boolean {
    return task.owner !== undefined || this.uses === 0;
  }

  #publishLate(stream: StreamName, data: Buffer, commandId: string): void {
    const { slot: shellId, pid } = this;
    this.#pool.bus.publish('shell.late_output', { shellId, pid, commandId, stream, data });
  }

  /** Before a command is written: what it brings is known from then on, and what is still held of late output is of the one before. */
  #cover(task: Task): void {
    this.#outlets.flushLate();
    this.mask = Mask.with(this.mask, task.secrets ?? [], this.#pool.dialect) as Mask;
    task.mask = this.mask;
    task.text = this.mask.text(task.text);
  }

  #onExit(exitCode: number | undefined, signal: NodeJS.Signals | undefined): void {
    this.#hasExited = true;
    this.inStep = false;
    clearInterval(this.#watch);
    clearTimeout(this.#lifetime);
    // What it wrote before its end may hold the fences of a command that ended in time.
    this.#channel?.drain();
    const task = this.#task;
    if (task) {
      this.#leaving?.outlets.forget();
      this.#outlets.flush();
    }
    this.#outlets.flushLate();
    const how = signal ? `the process died of ${signal}` : `the process ended with exit code ${exitCode}`;
    if (this.#firstIdle === 0)
      this.startError ??= new ShellwrightError('ERR_INIT', `The shell ended before it was ready: ${how}${said(task)}`);
    const early = this.#firstIdle === 0 || (this.uses === 0 && Date.now() - this.#firstIdle < earlyDeath && !task);
    this.#scratch.remove();
    this.lose();
    this.tell({ type: 'process.exited', early, cause: how });
    this.#death = { exitCode, signal, shellExited: true, stateLost: true };
    // What was killed has ended when all of it is gone.
    if (this.#killed) void this.#channel?.finish().then(() => this.#endTask(this.#death));
    else this.#endTask(this.#death);
    this.#resolveExit();
  }

  #unguarded(cause: string): void {
    this.#pool.bus.warn(
      { cause },
      'The guard is lost: until another shell starts, what shells run outlives this process',
    );
  }
}

/** What a task that failed to start a shell wrote to stderr, for messages. */
export function said(task: Task | undefined): string {
  const { output, omitted } = task?.stderr.read('utf8') ?? { output: '', omitted: 0 };
  const text = (task?.mask?.output(output, omitted > 0) ?? output).trim();
  return text === '' ? '' : `, and said: ${text.slice(-500)}`;
}

/** What a command leaves behind in the books of its shell. */
export function recordUse(shell: Shell, outcome: Outcome, mask: Mask | undefined): void {
  shell.uses++;
  shell.history.add(outcome, mask);
}
