import { randomBytes } from 'node:crypto';
import type { RemovalReason } from '../../machines/reasons.ts';
import type { Driver, Report } from '../dialects/dialect.ts';
import type { ShellwrightError } from '../errors.ts';
import type { End, Runner, StreamName } from '../execution/task-roles.ts';
import type { Task } from '../execution/task.ts';
import { Mask } from '../masking/mask.ts';
import type { Channel } from '../process/channel.ts';
import type { Foreground } from '../process/foreground.ts';
import { Scratch } from '../process/scratch.ts';
import type { PoolContext } from './context.ts';
import { Fences } from './fences.ts';
import { FirstWords } from './first-words.ts';
import { Frames } from './frames.ts';
import { Interrupts, type Running } from './interrupts.ts';
import { OursWatch } from './ours.ts';
import { isSpecial, prepare, type Own } from './own.ts';
import { endOf, said } from './reported.ts';
import { Streams } from './streams.ts';

/** The shell that takes part in one. */
export interface Speaker extends Runner {
  /** Commands of users that ended here. */
  readonly uses: number;
  /** Whether another command may be run in it. */
  readonly usable: boolean;
  /** What must not be seen of what it says. */
  mask: Mask | undefined;
  /** It runs no other command. */
  invalidate(reason: RemovalReason, cause?: string): void;
  /** It no longer answers as it should. */
  strayed(cause: string): void;
}

/** What is said to a shell and what it answers, one task at a time: frames out, output and fences in. */
export class Conversation {
  /** What its commands are to read. */
  readonly scratch: Scratch;
  readonly #speaker: Speaker;
  readonly #pool: PoolContext;
  readonly #streams: Streams;
  readonly #fences = new Fences(() => this.#task, {
    complete: (report) => this.#complete(report),
    lost: (why) => this.#lostStep(why),
  });
  readonly #ours = new OursWatch(() => this.moved());
  #channel!: Channel;
  #driver!: Driver;
  #frames!: Frames;
  #interrupts!: Interrupts;
  /** Told to write to others than those it began with, it does. */
  #canSwitch = false;
  /** Only where the shell sees the files of this host. */
  #longText = Infinity;
  #task: Task | undefined;
  /** What the task has of its own. */
  #own: Own | undefined;
  /** The user's command that ran last. */
  #lastId = '';
  /** `$!` when the task began. */
  #job = 0;
  readonly #firstWords = new FirstWords();

  constructor(speaker: Speaker, pool: PoolContext) {
    this.#speaker = speaker;
    this.#pool = pool;
    this.scratch = new Scratch(pool.options);
    this.#streams = new Streams(
      {
        data: (stream, view) => {
          this.#fences.noteOutput();
          if (this.#task) this.#task.chunk(stream, view);
          else this.#firstWords.push(stream, view);
        },
        value: (part) => {
          this.#fences.noteOutput();
          this.#task?.valuePart(Buffer.from(part, 'base64'));
        },
        fence: (stream, payload) => (stream === 'stdout' ? this.#reported(payload) : this.#fences.onStderr()),
        lateOf: () => (this.#task && this.#isUsers(this.#task) ? this.#task.id : this.#lastId),
        wantsLate: (commandId) => (commandId === '' ? this.#firstWords.wanted : pool.bus.wants('shell.late_output')),
        late: (stream, data, commandId) => {
          if (commandId === '') this.#firstWords.push(stream, data);
          else this.#publishLate(stream, data, commandId);
        },
        ended: () => this.#fences.streamEnded(this.#task !== undefined),
      },
      () => speaker.mask,
    );
  }

  get task(): Task | undefined {
    return this.#task;
  }

  /** For the pipes of the channel. */
  get sinks(): Streams['sinks'] {
    return this.#streams.sinks;
  }

  /** The process is there. */
  open(channel: Channel): void {
    const { dialect } = this.#pool;
    const { localFiles } = dialect.capabilities;
    this.#channel = channel;
    // A launcher between the shell and us would take what we write to the pipe for what has not come through it yet.
    const isMarked = channel.stderr.canMark && localFiles;
    if (isMarked) this.#fences.open(() => channel.stderr);
    // A letter first: see posix/fence.ts.
    this.#driver = dialect.driver(`s${randomBytes(12).toString('hex')}`, isMarked ? 'stdout' : 'both');
    this.#canSwitch = isMarked && this.#driver.takesOutputs === true;
    this.#frames = new Frames(this.#driver);
    this.#interrupts = new Interrupts(channel, this.#driver, dialect.capabilities.signals);
    if (localFiles) this.#longText = this.#driver.longText ?? Infinity;
  }

  /** Writes the driver. A task may then be run to see whether it answers. */
  boot(): void {
    this.#channel.write(this.#driver.boot);
  }

  /** Writes the task to the shell. False: the shell is gone, and the task was not written. */
  run(task: Task): boolean {
    const leftJob = this.#streams.leftJob && this.#canSwitch;
    const special = leftJob || isSpecial(task, this.#longText);
    const marker = this.#frames.next(task.script, this.#interrupts.pending, special);
    this.#ours.note(task);
    if (this.#speaker.mask || task.secrets) this.#cover(task);
    if (special && !this.#prepare(task, leftJob)) return true;
    this.#interrupts.begin(task);
    this.#job = this.#fences.job;
    this.#task = task;
    this.#streams.expect(marker);
    task.start(this.#speaker);
    this.#fences.expect(marker);
    if (this.#channel.write(this.#frames.text(task.script, this.#own?.extras))) {
      this.#own?.begin();
      return true;
    }
    task.unstart();
    this.#streams.stay();
    this.#letGoOfOwn();
    this.#task = undefined;
    return false;
  }

  /** Asks the command that runs to stop. False: there is no way to. */
  interrupt(): boolean {
    const running = this.#running;
    return running !== undefined && this.#interrupts.send(running);
  }

  /** Of the driver's host in the shell. */
  onMessage(message: string): void {
    const running = this.#running;
    if (running) this.#interrupts.onMessage(message, running);
  }

  /** What runs for the command. */
  foreground(): Foreground | undefined {
    const running = this.#running;
    return running && this.#interrupts.foreground(running);
  }

  /** The first of the driver's descriptors that leads elsewhere; undefined also where nobody can tell. */
  moved(): number | undefined {
    const { descriptors } = this.#driver;
    if (!descriptors || !this.#pool.dialect.capabilities.localFiles) return undefined;
    return this.#channel.moved(descriptors);
  }

  /** What the shell wrote to stderr in place of its first answer, for messages. */
  said(): string {
    return said(this.#task, this.#firstWords.read(this.#speaker.mask));
  }

  /** The task that runs ends so, and the shell is free. */
  endTask(end: End): void {
    const task = this.#task;
    if (!task) return;
    this.#task = undefined;
    if (this.#own) this.#letGoOfOwn();
    if (this.#isUsers(task)) this.#lastId = task.id;
    task.end(end);
  }

  /** The shell has ended, and all it wrote was read: no fence will come. */
  flush(): void {
    this.#fences.end();
    if (this.#task) this.#streams.flush();
    this.#streams.flushLate();
  }

  get #running(): Running | undefined {
    return this.#task && { task: this.#task, tag: this.#frames.tag, job: this.#job };
  }

  /** False: what the task needs could not be had; it ends without having been written. */
  #prepare(task: Task, leftJob: boolean): boolean {
    try {
      this.#own = prepare(task, {
        longText: this.#longText,
        textForm: this.#driver.textFile,
        scratch: this.scratch,
        leftJob,
      });
      const { outputs } = this.#own.extras;
      if (outputs) this.#streams.leave(this.#channel, outputs, this.#lastId);
      return true;
    } catch (error) {
      this.#letGoOfOwn();
      const { code, message, cause } = error as ShellwrightError;
      this.#task = task;
      task.start(this.#speaker);
      // In a moment: whoever gave it still takes it for running.
      queueMicrotask(() => this.endTask({ shellExited: false, unstarted: true, error: { code, message, cause } }));
      return false;
    }
  }

  #letGoOfOwn(): void {
    this.#own?.letGo();
    this.#own = undefined;
  }

  /** Before a command is written: what it brings is known from then on, and what is still held of late output is of the one before. */
  #cover(task: Task): void {
    this.#streams.flushLate();
    const mask = Mask.with(this.#speaker.mask, task.secrets ?? [], this.#pool.dialect) as Mask;
    this.#speaker.mask = mask;
    task.mask = mask;
    task.text = mask.text(task.text);
  }

  #reported(payload: string): void {
    const report = this.#driver.report(payload, this.#task?.valueText);
    this.#firstWords.answered();
    if (!report) return this.#lostStep(`its report was \`${payload}\``);
    if (this.#streams.answered(report.exitCode === 130)) this.#fences.reported(report);
    else this.#lostStep('it could not open its new pipes');
  }

  #complete(report: Report): void {
    if (report.left) this.#frames.hasLeftLoop = true;
    if (report.job !== undefined && report.job !== this.#job) this.#streams.leftJob = true;
    const task = this.#task;
    if (!task) return;
    const invalid = this.#checkOurs(task) ?? (this.#own && this.#checkFolder(report));
    this.endTask(
      endOf(report, task, {
        hasOwn: this.#own !== undefined,
        failsByStderr: this.#driver.failsByStderr,
        stateLost: !this.#speaker.usable,
        invalid,
      }),
    );
  }

  #checkOurs(task: Task): string | undefined {
    const invalid = this.#ours.takenBy(task);
    if (invalid !== undefined) this.#speaker.strayed(invalid);
    return invalid;
  }

  /** Later commands would run elsewhere. */
  #checkFolder({ displaced }: Report): string | undefined {
    if (!displaced) return undefined;
    const invalid = 'the shell could not go back to the folder in which it was before the command';
    this.#speaker.invalidate('state-lost', invalid);
    return invalid;
  }

  #lostStep(why: string): void {
    const message = `The shell no longer answers as ${this.#pool.dialect.name} should: ${why}. The command: ${this.#task?.text}`;
    this.#speaker.strayed(why);
    this.#channel.kill();
    this.endTask({ shellExited: false, stateLost: true, error: { code: 'ERR_PROTOCOL', message } });
  }

  /** What comes late, after commands of ours, is still of the user's command before them. */
  #isUsers(task: Task): boolean {
    return task.owner !== undefined || this.#speaker.uses === 0;
  }

  #publishLate(stream: StreamName, data: Buffer, commandId: string): void {
    const { slot: shellId, pid } = this.#speaker;
    this.#pool.bus.publish('shell.late_output', { shellId, pid, commandId, stream, data });
  }
}
