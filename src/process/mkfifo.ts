import { spawn } from 'node:child_process';
import { mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayPass } from './launch-error.ts';

/** FIFOs by their names, in a folder of their own. */
export interface Fifos {
  folder: string;
  paths: string[];
}

/**
 * The FIFOs; or why there can be none; or undefined on a system that knows no such thing.
 *
 * Rejects when `mkfifo` could not be run to its end for a reason that may pass.
 */
export async function makeFifos(amount: number): Promise<Fifos | string | undefined> {
  if (process.platform === 'win32') return undefined;
  const folder = makeFolder();
  if (folder === undefined) return `no folder can be written (${parents().join(', ')})`;
  const paths = Array.from({ length: amount }, (_, index) => join(folder, String(index)));
  try {
    // For others to write: a shell with another uid opens /dev/stderr by the FIFO's own mode. Only this user can reach the folder.
    for (const program of mkfifoPrograms)
      if (await succeeds(program, ['-m', '622', ...paths])) return { folder, paths };
  } catch (error) {
    removeFifos({ folder, paths });
    throw error;
  }
  removeFifos({ folder, paths });
  return 'mkfifo does not work';
}

/** Absolute paths too: a minimal PATH is no reason to do without. */
export const mkfifoPrograms = ['mkfifo', '/usr/bin/mkfifo', '/bin/mkfifo'];

/** Where the system says; where that cannot be written, wherever else it can. */
const parents = (): string[] => [...new Set([tmpdir(), '/tmp', '/dev/shm', '/var/tmp'])];

export function makeFolder(): string | undefined {
  for (const parent of parents()) {
    try {
      return mkdtempSync(join(parent, 'shellwright-'));
    } catch {
      // the next one
    }
  }
  return undefined;
}

/** By name: to remove a folder with what is in it takes a descriptor, of which there may be none left. */
export function removeFifos({ folder, paths }: Fifos): void {
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

/** How long `mkfifo` may take, in ms: it waits for nothing but a file system that hangs. */
const limit = 10_000;

function succeeds(program: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.unref();
      reject(new Error(`${program} did not end within ${limit} ms`));
    }, limit);
    child.on('error', (error) => {
      clearTimeout(timer);
      if (mayPass(error)) reject(error);
      else resolve(false);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (signal) reject(new Error(`${program} died of ${signal}`));
      else resolve(code === 0);
    });
  });
}
