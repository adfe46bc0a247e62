import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
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
  const amount = batch.reduce((sum, order) => sum + order.ends.length, 0);
  void makeFifos(amount).then((made) => {
    const paths = made?.paths.values();
    for (const { ends, resolve } of batch) resolve(paths && openAll(ends, paths));
    if (made) remove(made);
  });
}

function openAll(ends: readonly LocalEnd[], paths: Iterator<string>): Pipe[] | undefined {
  const opened: number[] = [];
  const passing: number[] = [];
  const open: Open = (path, flags) => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    const pipes = ends.map((end) => openFifo(paths.next().value as string, end, open, passing));
    passing.forEach((fd) => closeSync(fd));
    return pipes;
  } catch {
    opened.forEach((fd) => closeSync(fd));
    return undefined;
  }
}

type Open = (path: string, flags: number) => number;

function openFifo(path: string, local: LocalEnd, open: Open, passing: number[]): Pipe {
  // A FIFO opens for writing only when it has a reader, so that one comes first and does not wait.
  const reader = open(path, O_RDONLY | O_NONBLOCK);
  if (local === 'read') return { read: reader, write: open(path, O_WRONLY) };
  if (local === 'marked') return { read: reader, write: open(path, O_WRONLY), mark: open(path, O_WRONLY | O_NONBLOCK) };
  // The shell's end has to wait for its commands, so it is opened anew, now that there is a writer.
  passing.push(reader);
  return { write: open(path, O_WRONLY | O_NONBLOCK), read: open(path, O_RDONLY) };
}

interface Fifos {
  folder: string;
  paths: string[];
}

/** Absolute paths too: a minimal PATH is no reason to do without. */
export const mkfifoPrograms = ['mkfifo', '/usr/bin/mkfifo', '/bin/mkfifo'];

async function makeFifos(amount: number): Promise<Fifos | undefined> {
  const folder = process.platform === 'win32' ? undefined : makeFolder();
  if (folder === undefined) return undefined;
  const paths = Array.from({ length: amount }, (_, index) => join(folder, String(index)));
  // For others to write: a shell with another uid opens /dev/stderr by the FIFO's own mode. Only this user can reach the folder.
  for (const program of mkfifoPrograms) if (await succeeds(program, ['-m', '622', ...paths])) return { folder, paths };
  remove({ folder, paths });
  return undefined;
}

/** Where the system says; where that cannot be written, wherever else it can. */
export function makeFolder(): string | undefined {
  for (const parent of new Set([tmpdir(), '/tmp', '/dev/shm', '/var/tmp'])) {
    try {
      return mkdtempSync(join(parent, 'shellwright-'));
    } catch {
      // the next one
    }
  }
  return undefined;
}

/** By name: to remove a folder with what is in it takes a descriptor, of which there may be none left. */
function remove({ folder, paths }: Fifos): void {
  for (const path of paths) attempt(() => unlinkSync(path));
  attempt(() => rmdirSync(folder));
}

/** What stays is a name that nobody uses. */
export function attempt(run: () => void): void {
  try {
    run();
  } catch {
    // see above
  }
}

function succeeds(program: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}
