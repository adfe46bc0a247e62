import type { Encoding, Overflow } from '../options/exec-options.ts';

/** Keeps the output of one stream up to a number of bytes, and counts the rest. */
export class Capture {
  readonly #limit: number;
  readonly #overflow: Overflow;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  /** The last bytes, for 'tail' and 'middle': from `#tailStart` on; what is before it was dropped. */
  #tail: Buffer[] = [];
  #tailBytes = 0;
  /** All bytes that came. */
  total = 0;

  constructor(limit: number, overflow: Overflow) {
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /** Copies the view. False: the limit was passed and 'kill' is asked for. */
  push(view: Buffer): boolean {
    this.total += view.length;
    const room = this.#headRoom();
    if (room > 0) {
      const part = view.length <= room ? view : view.subarray(0, room);
      this.#head.push(Buffer.from(part));
      this.#headBytes += part.length;
    }
    if (view.length > room) this.#pushTail(room > 0 ? view.subarray(room) : view);
    return this.#overflow !== 'kill' || this.total <= this.#limit;
  }

  /** The kept output as it is now, and how many bytes of it are missing. Cuts fall between characters. */
  read(encoding: 'utf8'): { output: string; omitted: number };
  read(encoding: Encoding): { output: string | Buffer; omitted: number };
  read(encoding: Encoding): { output: string | Buffer; omitted: number } {
    if (this.total === 0) return { output: encoding === 'utf8' ? '' : Buffer.alloc(0), omitted: 0 };
    const head = join(this.#head);
    const tail = last(join(this.#tail), this.#tailLimit());
    const whole = head.length + tail.length === this.total;
    if (whole) return { output: decode(tail.length === 0 ? head : Buffer.concat([head, tail]), encoding), omitted: 0 };
    const start = encoding === 'utf8' ? withoutPartialEnd(head) : head;
    const end = encoding === 'utf8' ? withoutPartialStart(tail) : tail;
    const omitted = this.total - start.length - end.length;
    const note = this.#overflow === 'middle' ? Buffer.from(`\n[${omitted} bytes omitted]\n`) : Buffer.alloc(0);
    return { output: decode(Buffer.concat([start, note, end]), encoding), omitted };
  }

  #headRoom(): number {
    const limit =
      this.#overflow === 'tail' ? 0 : this.#overflow === 'middle' ? Math.ceil(this.#limit / 2) : this.#limit;
    return limit - this.#headBytes;
  }

  #tailLimit(): number {
    return this.#overflow === 'tail' ? this.#limit : this.#overflow === 'middle' ? Math.floor(this.#limit / 2) : 0;
  }

  #pushTail(view: Buffer): void {
    const limit = this.#tailLimit();
    if (limit === 0) return;
    const part = last(view, limit);
    this.#tail.push(Buffer.from(part));
    this.#tailBytes += part.length;
    // Twice the limit before a cut: the cost per byte stays constant, also for many small chunks.
    if (this.#tailBytes <= 2 * limit + 64 * 1024) return;
    this.#tail = [Buffer.from(last(join(this.#tail), limit))];
    this.#tailBytes = this.#tail[0]?.length ?? 0;
  }
}

function join(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function last(bytes: Buffer, amount: number): Buffer {
  return bytes.length <= amount ? bytes : bytes.subarray(bytes.length - amount);
}

function decode(bytes: Buffer, encoding: Encoding): string | Buffer {
  return encoding === 'utf8' ? bytes.toString('utf8') : bytes;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Without a character that `bytes` only begins. Bytes that are no UTF-8 stay as they are. */
function withoutPartialEnd(bytes: Buffer): Buffer {
  let lead = bytes.length - 1;
  while (lead > 0 && bytes.length - lead < 4 && isContinuation(bytes[lead])) lead--;
  const byte = bytes[lead] ?? 0;
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
  return lead + length > bytes.length ? bytes.subarray(0, Math.max(lead, 0)) : bytes;
}

/** Without a character that began before `bytes`. */
function withoutPartialStart(bytes: Buffer): Buffer {
  let start = 0;
  while (start < Math.min(3, bytes.length) && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}
