import { StringDecoder } from 'node:string_decoder';
import { ShellwrightError } from '../errors.ts';
import { maskedFields } from '../masking/copies.ts';
import type { Mask } from '../masking/mask.ts';
import type { ResultFields } from './fields.ts';
import { fieldsOf } from './outcome.ts';
import type { Task } from './task.ts';

/** Lines that may wait before the pipe is held, and until it is let go again. */
const highWater = 1024;
const lowWater = 256;

/** The lines of stdout as they come; the pipe waits for the reader. Leaving the loop early aborts the command. */
export async function* linesOf(task: Task): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  const lines: string[] = [];
  let rest = '';
  let done = false;
  let wake = (): void => {};

  const take = (view: Buffer): void => {
    if (done) return;
    const parts = (rest + decoder.write(view)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(part);
    if (rest.length > task.settings.maxBuffer) {
      task.stop({
        code: 'ERR_MAX_BUFFER',
        message: `A line of the command is longer than maxBuffer (${task.settings.maxBuffer} bytes): ${task.text}`,
      });
      done = true;
      rest = '';
    }
    if (lines.length >= highWater) task.hold();
    wake();
  };

  // What came before the loop began; its view is copied, since a Capture may share it.
  const early = task.stdout.read('buffer');
  if (early.omitted > 0) {
    task.promise.catch(() => {});
    throw truncated(fieldsOf(task, { shellExited: false }), task.mask);
  }
  if (early.output.length > 0) take(early.output as Buffer);
  const { onChunk, onEnd } = task;
  let ended = task.state === 'ended';
  task.onChunk = (stream, view) => {
    onChunk?.(stream, view);
    if (stream === 'stdout') take(view);
  };
  task.onEnd = () => {
    onEnd?.();
    ended = true;
    wake();
  };
  task.promise.catch(() => {}); // it is awaited below, or the loop was left

  let next = 0;
  try {
    for (;;) {
      while (next < lines.length) {
        yield lines[next++] as string;
        if (lines.length - next <= lowWater) task.letGo();
      }
      lines.length = next = 0;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
    await task.promise;
  } finally {
    done = true;
    if (!ended) task.stop({ code: 'ERR_ABORTED', message: `The loop over the lines was left: ${task.text}` });
  }
}

/** The error for output of which a part was omitted. */
export function truncated(fields: ResultFields<string | Buffer>, mask: Mask | undefined): ShellwrightError {
  return new ShellwrightError(
    'ERR_OUTPUT',
    `The output was truncated by maxBuffer: ${fields.command}`,
    { started: true },
    mask ? maskedFields(fields, mask) : fields,
  );
}
