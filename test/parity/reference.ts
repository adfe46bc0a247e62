import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { openPipes } from '../../src/process/fifos.ts';
import { endGroup, signalGroup } from '../../src/process/group.ts';
import type { Ground } from './ground.ts';
import type { ShellKind } from './shells.ts';

/** How a program ended, and what it wrote. */
export interface Run {
  /** The exit code, or the name of the signal. */
  readonly status: number | string;
  /** One character a byte. */
  readonly stdout: string;
  /** Is not compared, since it names the shell and lines: it tells classes apart. */
  readonly stderr: string;
  /** It was ended after its time. */
  readonly late: boolean;
}

/** Bytes that are kept and compared of each stream. */
export const mostOutput = 16 * 1024 * 1024;

/** Runs a program as `<shell> -c code`, with real pipes, as in the pool: Node's own are sockets, on which `echo >/dev/stdout` fails. */
export async function runReference({ command }: ShellKind, code: string, ground: Ground, limit: number): Promise<Run> {
  const { pipes: [stdout, stderr] = [], noPipes } = await openPipes(['read', 'read']);
  if (!stdout || !stderr) throw new Error(`No pipes can be made here: ${noPipes}`);
  const [path, ...args] = command;
  const child = spawn(path, [...args, '-c', code], {
    cwd: ground.folder,
    env: ground.env,
    stdio: ['ignore', stdout.write, stderr.write],
    detached: true,
  });
  const outputs = [stdout, stderr].map(({ read, write }) => {
    closeSync(write);
    return new Output(read);
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    signalGroup(child.pid ?? 0, 'SIGKILL');
  }, limit);
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject).on('exit', (exitCode, signal) => resolve(signal ?? exitCode ?? 0));
  });
  clearTimeout(timer);
  // Background jobs that hold the pipe end here: what they would still write belongs to no one.
  if (child.pid !== undefined) await endGroup(child.pid);
  const [out = '', err = ''] = await Promise.all(outputs.map((output) => output.end()));
  return { status, stdout: out, stderr: err, late };
}

/** How long a pipe may stay open when its group is gone: somebody outside holds it. ms */
const heldLimit = 1_000;

class Output {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;

  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on('data', (chunk) => this.#keep(chunk)).on('error', () => {});
    this.#closed = new Promise((resolve) => this.#socket.on('close', () => resolve()));
  }

  #keep(chunk: Buffer): void {
    if (this.#size < mostOutput) this.#chunks.push(chunk.subarray(0, mostOutput - this.#size));
    this.#size += chunk.length;
  }

  async end(): Promise<string> {
    const timer = setTimeout(() => this.#socket.destroy(), heldLimit);
    await this.#closed;
    clearTimeout(timer);
    return Buffer.concat(this.#chunks).toString('latin1');
  }
}
