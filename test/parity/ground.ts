import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Snippet } from './snippets.ts';

/** What a program runs on: an empty folder of its own, which is its HOME too, so that every process that comes of it is known. */
export interface Ground {
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Empties it for another run: under the same name, so that no output has to differ for it. */
  renew(): void;
  remove(): void;
}

const prefix = join(realpathSync(tmpdir()), 'shellwright-parity-');

export function makeGround({ env }: Snippet): Ground {
  const parent = mkdtempSync(prefix);
  const folder = join(parent, 'home');
  mkdirSync(folder);
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
  const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  return {
    folder,
    env: { PATH, LC_ALL: 'C.UTF-8', ...env, HOME: folder },
    renew: () => {
      remove(folder);
      mkdirSync(folder);
    },
    remove: () => remove(parent),
  };
}

/** Ends what came of this ground and still lives, and says how many that were. Linux only; elsewhere none are seen. */
export function endLeft({ folder }: Ground): number {
  if (strangers.size > 1_000) strangers.clear();
  const left = processes().filter((pid) => isOf(pid, folder));
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone by itself
    }
  }
  return left.length;
}

/** Processes that came of no ground: they need not be looked at each time. */
const strangers = new Set<number>();

function isOf(pid: number, folder: string): boolean {
  if (strangers.has(pid)) return false;
  const home = /(?:^|\0)HOME=([^\0]*)/.exec(readOf(pid, readFileSync, 'environ'))?.[1] ?? '';
  const place = readOf(pid, readlinkSync, 'cwd');
  if (!home.startsWith(prefix) && !place.startsWith(prefix)) strangers.add(pid);
  return home === folder || place === folder || place.startsWith(`${folder}/`) || place.startsWith(`${folder} (`);
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function readOf(pid: number, read: (path: string, encoding: 'latin1') => string, name: string): string {
  try {
    return read(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return ''; // gone, or not ours
  }
}
