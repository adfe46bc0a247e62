import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './fifos.ts';

/** Who reads it: the user of the shell, where that is another. */
export interface Owner {
  uid?: number | undefined;
  gid?: number | undefined;
}

/** A file or FIFO in a folder that nobody else can list, until `remove()`. */
export interface Scratch {
  readonly path: string;
  remove(): void;
}

/** @throws {Error} where no folder can be written */
export function scratchFile(content: string | Uint8Array, owner: Owner): Scratch {
  return make(owner, (path) => writeFileSync(path, content, { mode: 0o600, flag: 'wx' }));
}

/** A FIFO without a reader or a writer yet. @throws {Error} where none can be made */
export function scratchFifo(owner: Owner): Scratch {
  return make(owner, (path) => {
    const { error, status } = spawnSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
    if (error) throw error;
    if (status !== 0) throw new Error(`mkfifo ended with exit code ${status}`);
  });
}

function make({ uid, gid }: Owner, create: (path: string) => void): Scratch {
  const folder = makeFolder();
  if (folder === undefined) throw new Error('There is no folder for temporary files that can be written');
  const path = join(folder, 'scratch');
  const remove = (): void => {
    rmSync(path, { force: true });
    rmdirSync(folder);
  };
  try {
    create(path);
    if (uid !== undefined || gid !== undefined) {
      chownSync(path, uid ?? process.getuid?.() ?? -1, gid ?? process.getgid?.() ?? -1);
      chmodSync(folder, 0o711);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}
