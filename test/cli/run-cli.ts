import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable, type Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { cli } from '../../src/cli/cli.ts';

/** Keeps what is written to it, and tells when a pattern has come. */
export class Sink extends Writable {
  readonly isTTY: boolean;
  readonly columns = 80;
  #chunks: Buffer[] = [];
  #waiting: { pattern: RegExp; resolve: () => void }[] = [];

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ pattern, resolve });
      this.#check();
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    this.#check();
    done();
  }

  #check(): void {
    if (this.#waiting.length === 0) return;
    const came = this.#waiting.filter(({ pattern }) => pattern.test(this.text));
    this.#waiting = this.#waiting.filter((waiting) => !came.includes(waiting));
    for (const { resolve } of came) resolve();
  }
}

interface Started {
  stdin: PassThrough;
  stdout: Sink;
  stderr: Sink;
  signals: EventEmitter;
  status: Promise<number>;
}

/** The command line in this process, with real shells. */
export function startCli(argv: string[], given: { stdin?: Readable; stdout?: Writable; tty?: boolean } = {}): Started {
  const stdin = new PassThrough();
  const stdout = new Sink();
  const stderr = new Sink(given.tty);
  const signals = new EventEmitter();
  const status = cli({ argv, stdin: () => given.stdin ?? stdin, stdout: given.stdout ?? stdout, stderr, signals });
  // A test that fails half-way must not leave its shells behind; after a regular end nobody listens.
  onTestFinished(async () => {
    signals.emit('SIGTERM', 'SIGTERM');
    await status;
  });
  return { stdin, stdout, stderr, signals, status };
}

/** Runs it to its end; `input` is its standard input. */
export async function runCli(
  argv: string[],
  input?: string | Buffer,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const { stdin, stdout, stderr, status } = startCli(argv);
  if (input !== undefined) stdin.end(input);
  return { status: await status, stdout: stdout.text, stderr: stderr.text };
}

/** The objects of NDJSON. */
export function records(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A folder that is gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shellwright-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A FIFO: a command that reads it waits until somebody, this process or another command, writes a line to it. */
export function testGate(): { path: string; open(): void } {
  const path = join(testFolder(), 'gate');
  execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', path]);
  return { path, open: () => writeFileSync(path, 'go\n') };
}

/** Whether a process with this id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
