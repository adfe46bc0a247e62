import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptors } from '../dialects/dialect.ts';
import { canLook, endsAt, endsOf, movedDescriptor, type Ends } from './descriptors.ts';
import { Escaped } from './escaped.ts';
import { endGroup, endSession, signalGroup } from './group.ts';
import { afterLastWords } from './last-words.ts';
import { outside } from './outside.ts';
import { Outputs, type OutputEvents, type OutputPaths } from './outputs.ts';
import type { Reader } from './reader.ts';
import { checkFolder, startProcess, type Launch } from './start.ts';
import { openReader, openStdio, type Stdio } from './stdio.ts';
import { nextTable } from './table.ts';
import { Tree } from './tree.ts';
import { writerOfPipe, writerOfSocket, type Writer } from './writer.ts';

/** What a channel tells. */
export interface ChannelEvents extends OutputEvents {
  /** Over a control channel. */
  message?: (text: string) => void;
  /** The process ended. Its last output may still be unread: `drain()`. */
  exit(exitCode: number | undefined, signal: NodeJS.Signals | undefined): void;
}

/** To be ended in one of two ways. */
export interface Switch {
  /** The shell has opened them. */
  done(): void;
  /** It did not, and writes where it wrote before. */
  undo(): void;
}

const isWindows = process.platform === 'win32';
/** How long a process may go on after its shell before it counts as one that outlives it; looked at every so often. ms */
const afterlife = 500;
const look = 100;

/** A running shell process, leader of a group of its own, and the three pipes to it. */
export class Channel {
  readonly pid: number;
  /** On the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  /** Why its commands cannot open /dev/stdout and /dev/stderr, where they cannot and could be expected to. */
  readonly noPipes: string | undefined;
  readonly #stdin: Writer;
  #ends: Ends | undefined;
  #outputs: Outputs;
  /** Those that the shell wrote to before, and that something it left still holds. */
  readonly #older = new Set<Outputs>();
  readonly #escaped: Escaped;
  /** In place of its group, where there are none. */
  readonly #tree: Tree | undefined;
  #exited = false;
  #gone = false;
  #finished: Promise<number[]> | undefined;
  #closed = false;

  private constructor(child: ChildProcess, { pipes, noPipes, control }: Stdio, events: ChannelEvents) {
    this.pid = child.pid as number;
    this.noPipes = noPipes;
    const [stdin, stdout, stderr] = pipes ?? [];
    this.#ends = pipes && endsOf(pipes);
    this.#stdin = control ?? (stdin ? writerOfPipe(stdin.write) : writerOfSocket(child.stdin as Socket));
    const ended = this.#closingWhenOver(events.ended, () => first);
    this.#outputs = new Outputs(
      openReader(stdout, child.stdout, events.stdout, ended),
      openReader(stderr, child.stderr, events.stderr, ended),
    );
    const first = this.#outputs;
    this.#escaped = new Escaped(this.pid, stdin && stdout && stderr ? [stdin.write, stdout.read, stderr.read] : []);
    this.#tree = isWindows ? new Tree(child) : undefined;
    const tell = (): void => events.exit(child.exitCode ?? undefined, child.signalCode ?? undefined);
    child.on('exit', () => {
      this.#exited = true;
      control?.close();
      if (!isWindows) tell();
    });
    if (isWindows) afterLastWords(child, tell);
    child.unref();
  }

  /** @throws {LaunchError} */
  static async open(launch: Launch, events: ChannelEvents): Promise<Channel> {
    checkFolder(launch.cwd);
    const opened = await outside(() => openStdio(launch, (text) => events.message?.(text)));
    return outside(() => startProcess(launch, opened, (child) => new Channel(child, opened, events)));
  }

  get stdout(): Reader {
    return this.#outputs.stdout;
  }

  get stderr(): Reader {
    return this.#outputs.stderr;
  }

  /**
   * Reads what the shell writes to these FIFOs, which it is told to open. What it wrote to before is read on until that ends.
   * @throws {Error} for a lack of descriptors
   */
  switchTo(paths: OutputPaths, events: OutputEvents): Switch {
    const before = { outputs: this.#outputs, ends: this.#ends };
    const ends = endsAt(paths);
    const ended = this.#closingWhenOver(events.ended, () => next);
    const next = outside(() => Outputs.open(paths, { ...events, ended }));
    this.#outputs = next;
    this.#ends = before.ends && { ...before.ends, ...ends };
    this.#escaped.addPipes([paths.stdout, paths.stderr]);
    this.#older.add(before.outputs);
    return {
      done: () => {
        next.letGo();
        before.outputs.retire();
      },
      undo: () => {
        this.#older.delete(before.outputs);
        this.#outputs = before.outputs;
        this.#ends = before.ends;
        next.close();
      },
    };
  }

  /** What the shell has started writes to these FIFOs too. */
  addFamily(pipes: readonly string[]): void {
    this.#escaped.addPipes(pipes);
  }

  /** False: the process is gone and nothing of `text` was taken. */
  write(text: string): boolean {
    return !this.#exited && !this.#closed && this.#stdin.write(text);
  }

  /** The first of its descriptors that a command has led elsewhere; undefined also where nobody can tell. */
  moved(descriptors: Descriptors): number | undefined {
    return this.#ends && canLook ? movedDescriptor(this.pid, descriptors, this.#ends) : undefined;
  }

  /** To the whole group. */
  signal(signal: NodeJS.Signals): boolean {
    return !this.#gone && (this.#tree ? this.#tree.signal(signal) : signalGroup(this.pid, signal));
  }

  /** It was finished: nothing of it is left, and its number may be another's. */
  get gone(): boolean {
    return this.#gone;
  }

  /** SIGKILL to the whole group. */
  kill(): void {
    if (this.#gone) return;
    this.#escaped.note();
    this.signal('SIGKILL');
  }

  /** Kills what is left and waits until it is gone. Resolves to the processes that have left the shell's session, and live on. */
  finish(): Promise<number[]> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  /** Reads at once what the pipes hold. */
  drain(): void {
    for (const outputs of this.#all()) outputs.drain();
  }

  /** Ends the shell's input, which ends a shell that waits for a command. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#escaped.note();
    this.#stdin.close();
  }

  /** Closes this side of all pipes; the process is not ended by it. */
  close(): void {
    this.end();
    for (const outputs of this.#all()) outputs.close();
    this.#older.clear();
  }

  /** Older ones are closed when both have ended. */
  #closingWhenOver(ended: () => void, which: () => Outputs): () => void {
    let open = 2;
    return () => {
      open--;
      ended();
      if (open > 0 || !this.#older.delete(which())) return;
      which().close();
    };
  }

  #all(): Outputs[] {
    return [...this.#older, this.#outputs];
  }

  async #finish(): Promise<number[]> {
    this.#escaped.note();
    await (this.#tree ? this.#tree.end() : endGroup(this.pid));
    // Every process of the shell was born with its stdout in hand, under one number or another: mostly that says that none is left.
    this.#outputs.letGo();
    const isAlone = this.#all().every((outputs) => outputs.isOver()) && !this.#escaped.isSuspected;
    let strays = isAlone ? [] : this.#escaped.in(await endSession(this.pid));
    // Some end because the shell has: the shells, and the guard, of a program that ran in it.
    for (let waited = 0; strays.length > 0 && waited < afterlife; waited += look) {
      await delay(look);
      strays = this.#escaped.in(await nextTable());
    }
    this.#gone = true;
    return strays;
  }
}
