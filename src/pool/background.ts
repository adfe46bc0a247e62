import { randomBytes } from 'node:crypto';
import { messageOf, ShellwrightError } from '../errors.ts';
import { defaultSettings } from '../execution/settings.ts';
import { Task } from '../execution/task.ts';
import type { Runner, StopReason } from '../execution/task-roles.ts';
import type { Processes } from '../execution/ladder.ts';
import { Kin } from '../process/kin.ts';
import { outside } from '../process/outside.ts';
import { Outputs } from '../process/outputs.ts';
import type { PoolContext } from './context.ts';
import { Outlets } from './outlets.ts';
import { prepare, type Own } from './own.ts';
import { lackOf } from './reported.ts';
import type { Shell } from './shell.ts';

/** How long a killed command may take to be gone before it is given up. ms */
const deathLimit = 5_000;
/** How long the end of its pipes may come before the word that its shell has ended. ms */
const hearsay = 250;
/** Between two attempts to interrupt a command that has started nothing yet, and how many there are. ms */
const pause = 10;
const attempts = 100;

/** One command that runs beside those of a session: the pipes and the processes of its own. */
export class Background implements Runner {
  readonly slot: string;
  readonly pid: number;
  readonly task: Task;
  /** What is run in the shell to start it. */
  readonly starter: Task;
  readonly #pool: PoolContext;
  readonly #shell: Shell;
  readonly #own: Own;
  readonly #outlets: Outlets;
  readonly #outputs: Outputs;
  readonly #mark: Buffer;
  #kin: Kin | undefined;
  #wish: 'none' | 'interrupt' | 'kill' = 'none';
  #status: string | undefined;
  #fenced = false;
  #open = 2;
  #isClosed = false;
  #resolveClosed!: () => void;
  /** Nothing of it is left, as far as its pipes tell. */
  readonly closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve;
  });

  /** @throws {ShellwrightError} ERR_ABORTED where it cannot be given what it needs */
  constructor(task: Task, shell: Shell, pool: PoolContext) {
    this.task = task;
    this.slot = shell.slot;
    this.pid = shell.pid;
    this.#shell = shell;
    this.#pool = pool;
    this.#own = prepare(task, {
      longText: Infinity,
      textForm: undefined,
      scratch: shell.scratch,
      leftJob: true,
      beside: true,
    });
    const { outputs, input, cwd, env, merge } = this.#own.extras;
    if (!outputs || !pool.dialect.background) throw new ShellwrightError('ERR_OPTIONS', 'No background commands here');
    // A letter first: see posix/fence.ts.
    const secret = `b${randomBytes(12).toString('hex')}`;
    const marker = Buffer.from(`\0${secret} `, 'latin1');
    this.#mark = Buffer.concat([marker, Buffer.from('\n')]);
    this.#outlets = this.#listen();
    this.#outlets.expect(marker);
    try {
      this.#outputs = outside(() => Outputs.open(outputs, this.#outlets.sinks));
    } catch (cause) {
      this.#own.letGo();
      throw new ShellwrightError('ERR_ABORTED', `The pipes of the command could not be given: ${messageOf(cause)}`, {
        cause,
      });
    }
    const script = pool.dialect.background({ text: task.script, secret, outputs, input, cwd, env, merge });
    this.starter = this.#starterOf(script);
  }

  /** Writes the starter to the shell. False: the shell is gone, and nothing was written. */
  begin(): boolean {
    if (!this.#shell.run(this.starter)) {
      this.#close();
      return false;
    }
    const { task, starter } = this;
    // Its shell may know more of what must not be seen.
    if (starter.mask) {
      task.mask = starter.mask;
      task.text = starter.mask.text(task.text);
    }
    task.start(this);
    this.#own.begin();
    this.#shell.noteFamily(Object.values(this.#own.extras.outputs ?? {}));
    return true;
  }

  /** Resolves when the shell has done its part. */
  async begun(): Promise<void> {
    const { exitCode, stdout, error } = await this.starter.promise;
    const { outputs } = this.#own.extras;
    const keeper = exitCode === undefined ? 0 : Number(stdout.toString());
    this.#outputs.letGo();
    if (keeper > 0) {
      this.#kin = new Kin(this.pid, keeper, [outputs?.stdout ?? '', outputs?.stderr ?? '']);
      // The names have done their part; what it reads is opened by the command itself.
      if (this.#wish !== 'none') this[this.#wish]();
      return;
    }
    const lost: StopReason = { code: 'ERR_SESSION_LOST', message: 'The shell ended before it had begun the command' };
    const failed = lackOf('file', this.task);
    const isUnstarted = !error && this.#shell.usable;
    this.#end(error ? { code: error.code, message: error.message } : isUnstarted ? failed : lost, isUnstarted);
    this.#close();
  }

  /** SIGTERM to all it runs: a shell makes what it starts in the background ignore SIGINT. */
  interrupt(): boolean {
    if (this.task.state === 'ended') return false;
    if (this.#kin) this.#interrupt(this.#kin, attempts);
    else if (this.#wish === 'none') this.#wish = 'interrupt';
    return true;
  }

  foreground(): Processes | undefined {
    return {
      note: () => this.#kin?.note(),
      signal: (signal, strangers) => this.#kin?.signal(signal, strangers) ?? false,
      endLeft: (grace) => this.#kin?.endLeft(grace),
    };
  }

  kill(): void {
    this.#wish = 'kill';
    this.#kin?.kill();
    outside(() => setTimeout(() => this.#giveUp(), deathLimit).unref());
  }

  pauseOutput(): void {
    this.#outputs.stdout.pause();
  }

  resumeOutput(): void {
    this.#outputs.stdout.resume();
  }

  /** Ends it with all it has left, and resolves when that is gone. */
  end(reason: StopReason, rung: 'interrupt' | 'kill'): Promise<void> {
    // Whoever ends its session has asked for it.
    this.task.promise.catch(() => {});
    if (this.task.state !== 'ended') this.task.stop(reason, rung);
    else if (rung === 'kill') this.kill();
    else {
      this.#kin?.endLeft(this.task.settings.killGrace / 2);
      outside(() => setTimeout(() => this.kill(), this.task.settings.killGrace / 2).unref());
    }
    return this.closed;
  }

  #interrupt(kin: Kin, left: number): void {
    if (kin.signal('SIGTERM') || left === 0 || this.task.state === 'ended') return;
    outside(() => setTimeout(() => this.#interrupt(kin, left - 1), pause).unref());
  }

  /** The shell did not answer, or what was killed does not go. */
  #giveUp(): void {
    if (this.#isClosed) return;
    if (!this.#kin && this.starter.state !== 'ended') this.#shell.kill();
    this.#end();
    this.#close();
  }

  #starterOf(script: string): Task {
    const { id, text, secrets, mask, pool } = this.task;
    const settings = { ...defaultSettings(this.#pool.settings), timeout: Infinity, noOutputTimeout: Infinity };
    return new Task({
      id: `${id}.start`,
      text,
      script,
      secrets,
      mask,
      apart: true,
      settings: { ...settings, encoding: 'utf8', reject: false },
      pool,
      observed: false,
    });
  }

  #listen(): Outlets {
    return new Outlets(
      {
        data: (stream, view) => this.task.chunk(stream, view),
        value: () => {},
        fence: (stream, payload) => this.#onFence(stream, payload),
        wantsLate: () => this.#pool.bus.wants('shell.late_output'),
        late: (stream, data) => {
          const { slot: shellId, pid } = this;
          this.#pool.bus.publish('shell.late_output', { shellId, pid, commandId: this.task.id, stream, data });
        },
        ended: () => this.#onEnded(),
      },
      () => this.#shell.mask,
    );
  }

  #onFence(stream: 'stdout' | 'stderr', payload: string): void {
    if (stream === 'stderr') {
      this.#fenced = true;
      return;
    }
    this.#status = payload.trim();
    // The host writes the fence on stderr, as for the shell's commands.
    const isWhole = this.#outputs.stderr.readTo(this.#mark, () => this.#fenced);
    this.#outputs.retire();
    const reason: StopReason | undefined = isWhole
      ? undefined
      : { code: 'ERR_PROTOCOL', message: 'The background command is out of step: another process reads its stderr' };
    this.#end(reason);
  }

  #onEnded(): void {
    this.#open--;
    // Without a fence its keeper is dead: where that is the end of its shell, the session hears of it in a moment.
    if (this.#status !== undefined || this.#isClosed) {
      if (this.#open === 0) this.#close();
    } else outside(() => setTimeout(() => this.#endWithoutFence(), this.task.stopping ? 0 : hearsay).unref());
  }

  #endWithoutFence(): void {
    if (this.#isClosed) return;
    this.#kin?.kill();
    this.#outputs.drain();
    this.#outlets.flush();
    this.#end({
      code: 'ERR_PROTOCOL',
      message: `The background command ended without its status: ${this.task.text}`,
    });
    this.#close();
  }

  #end(error?: StopReason, unstarted = false): void {
    const { task } = this;
    if (task.state === 'ended') return;
    const status = this.#status ?? '';
    const common = { shellExited: false, stateLost: false };
    if (status === 'cwd' || status === 'env') task.end({ ...common, unstarted: true, error: lackOf(status, task) });
    else if (/^\d+$/.test(status))
      task.end({ ...common, exitCode: exitCodeOf(Number(status)), ...(error && { error }) });
    else task.end({ ...common, unstarted, ...(error && { error }) });
    this.#own.letGo();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#outlets.flushLate();
    this.#outputs.close();
    this.#own.letGo();
    this.#resolveClosed();
  }
}

/** ksh says 256 + n for a child that died of signal n. */
function exitCodeOf(status: number): number {
  return status > 256 ? status - 128 : status;
}
