import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** What a shell takes of this process, and of the machine: generous guesses. */
const perShell = { descriptors: 8, bytes: 4 * 2 ** 20 };

/** Why this machine cannot hold so many shells; undefined when it can, or does not tell. */
export function whyTooMany(shells: number): string | undefined {
  const limits = textOf('/proc/self/limits');
  const files = limitIn(limits, 'Max open files');
  if (shells * perShell.descriptors > files) return `only ${files} files may be open`;
  const processes = limitIn(limits, 'Max processes');
  if (shells + 200 > processes) return `only ${processes} processes are allowed`;
  if (shells * perShell.bytes > freemem()) return `only ${Math.round(freemem() / 2 ** 20)} MiB of memory are free`;
  return undefined;
}

function limitIn(limits: string, name: string): number {
  const [, soft = 'unlimited'] = new RegExp(`^${name} +(\\w+)`, 'm').exec(limits) ?? [];
  return soft === 'unlimited' ? Infinity : Number(soft);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
