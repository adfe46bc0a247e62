import type { ChildProcess } from 'node:child_process';

/** How long its output may go on after a process: what it left running may hold that open for ever. ms */
const limit = 500;

/**
 * Calls `then` when the process has ended and its output was read: where that cannot be read at once (Windows), what it wrote last comes after the
 * news of its end.
 */
export function afterLastWords(child: ChildProcess, then: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  let told = false;
  const tell = (): void => {
    clearTimeout(timer);
    if (!told) then();
    told = true;
  };
  child.once('close', tell);
  child.once('exit', () => {
    timer = setTimeout(tell, limit).unref();
  });
}
