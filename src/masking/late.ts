import type { Mask } from './mask.ts';

/** A line longer than this is looked at in parts. Bytes */
const longestLine = 64 * 1024;

/** Masks a stream of chunks: what may be the beginning of something to mask is held back until more has come. */
export class StreamMask {
  /** As latin1: one character for each byte. */
  #held = '';

  /** What can be shown of it and of what was held before; may be empty. */
  push(view: Buffer, mask: Mask): Buffer {
    const text = this.#held + view.toString('latin1');
    const { ranges, open } = mask.scan(text);
    let shown = text.length - Math.max(open, mask.hasPatterns ? unfinishedLine(text) : 0);
    // A match that goes on behind the end of what can be shown stays whole.
    shown = ranges.find(([start, end]) => start < shown && end > shown)?.[0] ?? shown;
    this.#held = text.slice(shown);
    return masked(text.slice(0, shown), mask);
  }

  /** No more will come. */
  flush(mask: Mask): Buffer {
    const text = this.#held;
    this.#held = '';
    return masked(text, mask);
  }
}

function unfinishedLine(text: string): number {
  const length = text.length - (text.lastIndexOf('\n') + 1);
  return length > longestLine ? 0 : length;
}

function masked(text: string, mask: Mask): Buffer {
  return mask.output(Buffer.from(text, 'latin1'), false);
}
