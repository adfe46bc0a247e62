import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { openPipes, type Pipe } from './fifos.ts';
import { signalGroup } from './group.ts';
import { outside } from './outside.ts';
import { Reader, type OnData } from './reader.ts';
import { writerOfPipe, writerOfSocket, type Writer } from './writer.ts';

/** What to start. */
export interface Launch {
  path: string;
  args: readonly string[];
  cwd?: string | undefined;
  env: Record<string, string>;
  uid?: number | undefined;
  gid?: number | undefined;
  stdin?: 'pipe' | 'socket' | undefined;
}

/** What a channel tells. */
export interface ChannelEvents {
  stdout: OnData;
  stderr: OnData;
  /** The shell and all that it started have closed one of the two. */
  ended: () => void;
  /** The process ended. Its last output may still be unread: `drain()`. */
  exit(exitCode: number | undefined, signal: NodeJS.Signals | undefined): void;
}

/** Why a process could not be started. `fatal`: trying again cannot help. */
export class LaunchError extends Error {
  readonly fatal: boolean;

  constructor(message: string, fatal: boolean, cause?: unknown) {
    super(message, { cause });
    this.fatal = fatal;
  }
}

/** A running shell process, leader of a group of its own, and the three pipes to it. */
export class Channel {
  readonly pid: number;
  readonly stdout: Reader;
  readonly stderr: Reader;
  readonly #stdin: Writer;
  #exited = false;
  #closed = false;

  private constructor(child: ChildProcess, pipes: Pipes | undefined, events: ChannelEvents) {
    this.pid = child.pid as number;
    const [stdin, stdout, stderr] = pipes ?? [];
    this.#stdin = stdin ? writerOfPipe(stdin.write) : writerOfSocket(child.stdin as Socket);
    this.stdout = openReader(stdout, child.stdout, events.stdout, events.ended);
    this.stderr = openReader(stderr, child.stderr, events.stderr, events.ended);
    child.on('exit', (code, signal) => {
      this.#exited = true;
      events.exit(code ?? undefined, signal ?? undefined);
    });
    child.unref();
  }

  /** @throws {LaunchError} */
  static async open(launch: Launch, events: ChannelEvents): Promise<Channel> {
    checkFolder(launch.cwd);
    const pipes = await openStdio(launch.stdin);
    return outside(() => start(launch, pipes, (child) => new Channel(child, pipes, events)));
  }

  /** False: the process is gone and nothing of `text` was taken. */
  write(text: string): boolean {
    return !this.#exited && !this.#closed && this.#stdin.write(text);
  }

  /** To the whole group. */
  signal(signal: NodeJS.Signals): boolean {
    return signalGroup(this.pid, signal);
  }

  /** Reads at once what the pipes hold. */
  drain(): void {
    this.stdout.drain();
    this.stderr.drain();
  }

  /** Ends the shell's input, which ends a shell that waits for a command. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stdin.close();
  }

  /** Closes this side of all pipes; the process is not ended by it. */
  close(): void {
    this.end();
    this.stdout.close();
    this.stderr.close();
  }
}

/** stdin (undefined: Node makes a socket), stdout and stderr. */
type Pipes = readonly [Pipe | undefined, ...Pipe[]];

async function openStdio(stdin: Launch['stdin'] = 'pipe'): Promise<Pipes | undefined> {
  const pipes = await openPipes(stdin === 'pipe' ? ['write', 'read', 'marked'] : ['read', 'marked']);
  return pipes && [stdin === 'pipe' ? pipes.shift() : undefined, ...pipes];
}

function openReader(pipe: Pipe | undefined, stream: Readable | null, onData: OnData, onEnd: () => void): Reader {
  if (!pipe) return Reader.ofSocket(stream as Socket, onData, onEnd);
  const reader = Reader.ofPipe(pipe.read, onData, onEnd);
  return pipe.mark === undefined ? reader : reader.withMark(pipe.mark);
}

function start(launch: Launch, pipes: Pipes | undefined, wrap: (child: ChildProcess) => Channel): Promise<Channel> {
  const { path, args, cwd, env, uid, gid } = launch;
  const [stdin, stdout, stderr] = pipes ?? [];
  const closeTheirs = (): void =>
    [stdin?.read, stdout?.write, stderr?.write].forEach((fd) => fd !== undefined && closeSync(fd));
  const closeOurs = (): void =>
    [stdin?.write, stdout?.read, stderr?.read, stderr?.mark].forEach((fd) => fd !== undefined && closeSync(fd));
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      closeOurs();
      reject(launchError(launch, error));
    };
    try {
      const stdio: StdioOptions = [stdin?.read ?? 'pipe', stdout?.write ?? 'pipe', stderr?.write ?? 'pipe'];
      const child = spawn(path, args, {
        stdio,
        cwd,
        env,
        ...(uid !== undefined && { uid }),
        ...(gid !== undefined && { gid }),
        detached: true,
        windowsHide: true,
      });
      if (child.pid === undefined) child.once('error', fail);
      else {
        child.on('error', () => {}); // a failed kill: the caller sees by `signal()`
        resolve(wrap(child));
      }
    } catch (error) {
      fail(error);
    } finally {
      closeTheirs();
    }
  });
}

/** A missing program, permission, folder or user does not come back by waiting; a lack of memory or descriptors may pass. */
const passing = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY']);

function launchError({ path, uid, gid }: Launch, error: unknown): LaunchError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const who = uid === undefined && gid === undefined ? '' : ` as uid ${uid ?? 'unchanged'}, gid ${gid ?? 'unchanged'}`;
  const reason =
    code === 'ENOENT'
      ? 'no such program'
      : code === 'EACCES'
        ? 'it may not be executed'
        : code === 'EPERM'
          ? 'not permitted'
          : message;
  return new LaunchError(
    `Could not start \`${path}\`${who}: ${reason}${code && reason !== message ? ` (${code})` : ''}`,
    !passing.has(code),
    error,
  );
}

function checkFolder(cwd: string | undefined): void {
  if (cwd === undefined) return;
  const folder = statSync(cwd, { throwIfNoEntry: false });
  if (!folder?.isDirectory())
    throw new LaunchError(
      `Could not start in the folder \`${cwd}\`: ${folder ? 'it is not a folder' : 'no such folder'}`,
      true,
    );
}
