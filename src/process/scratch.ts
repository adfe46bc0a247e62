import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { OutputPaths } from './outputs.ts';
import { attempt, makeFolder, mkfifoPrograms } from './mkfifo.ts';

const { O_NONBLOCK, O_WRONLY } = constants;

/** How many FIFOs are made at once. */
const stocked = 16;

/** Who reads it: the user of the shell, where that is another. */
export interface Owner {
  uid?: number | undefined;
  gid?: number | undefined;
}

/** What the commands of one shell are to read: files and a FIFO in a folder that nobody else can list, made when they are first needed. */
export class Scratch {
  readonly #owner: Owner;
  #folder: string | undefined;
  #fifo: string | undefined;
  #sequence = 0;
  /** FIFOs that nobody has yet: to make one takes a process, to make many takes no more. */
  #stock: string[] = [];
  readonly #files = new Set<string>();

  constructor({ uid, gid }: Owner) {
    this.#owner = { uid, gid };
  }

  /**
   * The path of a new file, until `discard()`.
   * @param suffix what its name ends with
   * @throws {Error} where none can be written
   */
  file(content: string | Uint8Array, suffix = ''): string {
    const create = ([path = '']: string[]): void => writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
    const [made] = this.#make(create, 1, suffix);
    return made as string;
  }

  /**
   * The path of a FIFO that nobody has open: the one of the command before, unless a job that it left still reads it.
   * @throws {Error} where none can be made
   */
  fifo(): string {
    if (this.#fifo === undefined || !isUnused(this.#fifo)) {
      if (this.#fifo !== undefined) this.discard(this.#fifo);
      [this.#fifo] = this.#make(makeFifos);
    }
    return this.#fifo as string;
  }

  /** The path of a new FIFO, until `discard()`. @throws {Error} where none can be made */
  ownFifo(): string {
    return this.#takeFifo();
  }

  /** The paths of new FIFOs that everybody who gets to them may write to, until `discard()`. @throws {Error} where none can be made */
  outputs(): OutputPaths {
    const paths = { stdout: this.#takeFifo(), stderr: this.#takeFifo() };
    // /dev/stderr is opened by its mode, by a program of another user too.
    for (const path of Object.values(paths)) chmodSync(path, 0o622);
    return paths;
  }

  discard(path: string): void {
    this.#files.delete(path);
    attempt(() => unlinkSync(path));
  }

  /** Removes the folder and all that is in it. */
  remove(): void {
    for (const path of this.#files) this.discard(path);
    const folder = this.#folder;
    if (folder === undefined) return;
    attempt(() => rmdirSync(folder));
    this.#folder = undefined;
    folders.delete(this);
    if (folders.size === 0) process.off('exit', removeAll);
  }

  #takeFifo(): string {
    // Each may be tidied away, as the folder.
    while (this.#stock.length > 0) {
      const path = this.#stock.pop() as string;
      if (existsSync(path)) return path;
      this.#files.delete(path);
    }
    const [first, ...rest] = this.#make(makeFifos, stocked);
    this.#stock = rest;
    return first as string;
  }

  #make(create: (paths: string[]) => void, amount = 1, suffix = ''): string[] {
    const folder = (this.#folder ??= this.#makeFolder());
    try {
      return this.#makeIn(folder, create, amount, suffix);
    } catch (error) {
      if (existsSync(folder)) throw error;
      // Folders of this kind are tidied away when they are old.
      return this.#makeIn((this.#folder = this.#makeFolder()), create, amount, suffix);
    }
  }

  #makeIn(folder: string, create: (paths: string[]) => void, amount: number, suffix: string): string[] {
    const paths = Array.from({ length: amount }, () => join(folder, `${this.#sequence++}${suffix}`));
    for (const path of paths) this.#files.add(path);
    try {
      create(paths);
      const { uid, gid } = this.#owner;
      if (uid !== undefined || gid !== undefined)
        for (const path of paths) chownSync(path, uid ?? ownUid(), gid ?? ownGid());
      return paths;
    } catch (error) {
      for (const path of paths) this.discard(path);
      throw error;
    }
  }

  #makeFolder(): string {
    const folder = makeFolder();
    if (folder === undefined) throw new Error('There is no folder for temporary files that can be written');
    if (folders.size === 0) process.on('exit', removeAll);
    folders.add(this);
    // Another user may pass, and still not list.
    if (this.#owner.uid !== undefined || this.#owner.gid !== undefined) chmodSync(folder, 0o711);
    return folder;
  }
}

/** Those that have a folder: removed when this process ends by itself. */
const folders = new Set<Scratch>();
const removeAll = (): void => folders.forEach((scratch) => scratch.remove());

const ownUid = (): number => process.getuid?.() ?? -1;
const ownGid = (): number => process.getgid?.() ?? -1;

function makeFifos(paths: readonly string[]): void {
  let why = '';
  for (const program of mkfifoPrograms) {
    const { error, status } = spawnSync(program, ['-m', '600', ...paths], { stdio: 'ignore' });
    if (status === 0) return;
    why ||= error?.message ?? `${program} ended with exit code ${status}`;
  }
  throw new Error(`No FIFO could be made: ${why}`);
}

/** A FIFO opens for writing only when it has a reader. */
function isUnused(fifo: string): boolean {
  try {
    closeSync(openSync(fifo, O_WRONLY | O_NONBLOCK));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO';
  }
}
