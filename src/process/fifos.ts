import { closeSync, constants, openSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { LaunchError, mayPass } from './launch-error.ts';
import { makeFifos, removeFifos, type Fifos } from './mkfifo.ts';
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

/** The pipes; or, where this system has none, why, as far as that is news. */
export interface Opened {
  pipes?: Pipe[];
  noPipes?: string;
}

interface Order {
  ends: readonly LocalEnd[];
  resolve: (opened: Opened) => void;
  reject: (error: LaunchError) => void;
}

let orders: Order[] | undefined;

/**
 * Opens real pipes, one per given local end, or none where the system cannot: without a `mkfifo`, or a folder that can be written.
 *
 * Node's own "pipes" to a child are socket pairs, and `echo x >/dev/stderr` fails with ENXIO on a socket. Node cannot make a pipe, but can
 * open a FIFO: one run of `mkfifo` makes those of every shell that starts in the same turn, and the names are gone before any shell runs.
 * @throws {LaunchError} not fatal, for a lack of descriptors, processes or memory: a pool's shells are not to differ by chance
 */
export function openPipes(ends: readonly LocalEnd[]): Promise<Opened> {
  return new Promise((resolve, reject) => {
    if (!orders) {
      orders = [];
      queueMicrotask(() => outside(deliver));
    }
    orders.push({ ends, resolve, reject });
  });
}

function deliver(): void {
  const batch = orders ?? [];
  orders = undefined;
  const amount = batch.reduce((sum, order) => sum + order.ends.length, 0);
  const give = (made: Fifos | string | undefined): void => {
    if (typeof made !== 'object')
      return batch.forEach(({ resolve }) => resolve(made === undefined ? {} : { noPipes: made }));
    const paths = made.paths.values();
    for (const order of batch) openAll(order, paths);
    removeFifos(made);
  };
  makeFifos(amount).then(give, (error: unknown) => batch.forEach(({ reject }) => reject(lacking(error))));
}

function openAll({ ends, resolve, reject }: Order, paths: Iterator<string>): void {
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
    resolve({ pipes });
  } catch (error) {
    opened.forEach((fd) => closeSync(fd));
    if (mayPass(error)) reject(lacking(error));
    else resolve({ noPipes: messageOf(error) });
  }
}

function lacking(error: unknown): LaunchError {
  return new LaunchError(`Could not open the pipes to a shell: ${messageOf(error)}`, false, error);
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
