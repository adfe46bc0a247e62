import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/** How long nothing more has to have come, and how long something may. ms */
const quiet = 100;
const longest = 5_000;

/**
 * Calls `then` when the process has ended and its output was read: where that cannot be read at once (Windows), what it wrote last comes after the
 * news of its end. What it left running may hold its output open for ever.
 */
export function afterLastWords(child: ChildProcess, then: () => void): void {
  let told = false;
  const tell = (): void => {
    if (!told) then();
    told = true;
  };
  child.once('close', tell);
  child.once('exit', () => {
    const deadline = performance.now() + longest;
    let before = -1;
    const look = (): void => {
      const read = bytesRead(child);
      if (told || read === before || performance.now() > deadline) return tell();
      before = read;
      // It may have been held back for somebody who reads slowly.
      child.stdout?.resume();
      child.stderr?.resume();
      // After a turn in which it could be read, however late the timer is.
      setTimeout(() => setImmediate(look), quiet).unref();
    };
    look();
  });
}

function bytesRead({ stdout, stderr }: ChildProcess): number {
  return [stdout, stderr].reduce((sum, stream) => sum + ((stream as Socket | null)?.bytesRead ?? 0), 0);
}
