import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outside } from './outside.ts';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** Both ends of a pipe as file descriptors of this process, both for the caller to close. */
export interface Pipe {
  read: number;
  write: number;
  /** A second writing end, that stays here and does not block; only with `'marked'`. */
  mark?: number;
}

/** Which end of the pipe stays here, and so must not block; `'marked'`: the reading end, with a writing end beside it. */
export type LocalEnd = 'read' | 'marked' | 'write';

interface Order {
  ends: readonly LocalEnd[];
  resolve: (pipes: Pipe[] | undefined) => void;
}

let orders: Order[] | undefined;

/**
 * Opens real pipes, one per given local end; undefined where there is no `mkfifo`.
 *
 * Node's own "pipes" to a child are socket pairs, and `echo x >/dev/stderr` fails with ENXIO on a socket. Node cannot make a pipe, but can
 * open a FIFO: one run of `mkfifo` makes those of every shell that starts in the same turn, and the names are gone before any shell runs.
 */
export function openPipes(ends: readonly LocalEnd[]): Promise<Pipe[] | undefined> {
  return new Promise((resolve) => {
    if (!orders) {
      orders = [];
      queueMicrotask(() => outside(deliver));
    }
    orders.push({ ends, resolve });
  });
}

function deliver(): void {
  const batch = orders ?? [];
  orders = undefined;
  void makeFifos(batch.reduce((sum, order) => sum + order.ends.length, 0)).then((made) => {
    try {
      let next = 0;
      for (const { ends, resolve } of batch) resolve(made && openAll(ends, made.paths, () => next++));
    } finally {
      if (made) rmSync(made.folder, { recursive: true, force: true });
    }
  });
}

function openAll(ends: readonly LocalEnd[], paths: readonly string[], next: () => number): Pipe[] | undefined {
  const opened: Pipe[] = [];
  try {
    for (const end of ends) opened.push(openFifo(paths[next()] as string, end));
    return opened;
  } catch {
    for (const { read, write, mark } of opened) [read, write, mark].forEach((fd) => fd !== undefined && closeSync(fd));
    return undefined;
  }
}

function openFifo(path: string, local: LocalEnd): Pipe {
  // A FIFO opens for writing only when it has a reader, so that one comes first and does not wait.
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const write = openSync(path, local === 'write' ? O_WRONLY | O_NONBLOCK : O_WRONLY);
    if (local === 'read') return { read: reader, write };
    if (local === 'marked') return { read: reader, write, mark: openSync(path, O_WRONLY | O_NONBLOCK) };
    const read = openSync(path, O_RDONLY);
    closeSync(reader);
    return { read, write };
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

/** Absolute paths too: a minimal PATH is no reason to do without. */
const programs = ['mkfifo', '/usr/bin/mkfifo', '/bin/mkfifo'];

async function makeFifos(amount: number): Promise<{ folder: string; paths: string[] } | undefined> {
  if (process.platform === 'win32') return undefined;
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), 'shellwright-'));
  } catch {
    return undefined;
  }
  const paths = Array.from({ length: amount }, (_, index) => join(folder, String(index)));
  // For others to write: a shell with another uid opens /dev/stderr by the FIFO's own mode. Only this user can reach the folder.
  for (const program of programs) if (await succeeds(program, ['-m', '622', ...paths])) return { folder, paths };
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

function succeeds(program: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}
