import type { Io } from './io.ts';

export type StreamName = 'stdout' | 'stderr';

const eraseLine = '\r\u001B[K';
const newline = 10;

/** Our stdout and stderr, and a progress line that never stands inside what commands write. */
export class Terminal {
  /** Whether a progress line can be shown. */
  readonly interactive: boolean;
  /** Told once, when our stdout takes nothing more: from then on nothing is written. */
  onBroken: (() => void) | undefined;
  readonly #io: Io;
  #error: NodeJS.ErrnoException | undefined;
  /** Nothing stands on the present line of the screen, so that a progress line may. */
  #lineIsFree = true;
  #shown = '';

  constructor(io: Io) {
    this.#io = io;
    this.interactive = io.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
    io.stdout.on('error', this.#onError);
    io.stderr.on('error', () => {}); // there is nowhere left to tell it
  }

  /** Why our stdout takes nothing more. A reader that left, as `head` does, is no reason to complain. */
  get error(): Error | undefined {
    return this.#error?.code === 'EPIPE' ? undefined : this.#error;
  }

  write(stream: StreamName, data: string | Uint8Array): void {
    if (this.#error || data.length === 0) return;
    this.progress('');
    this.#io[stream].write(data);
    if (this.#io[stream].isTTY || stream === 'stderr')
      this.#lineIsFree = data.at(-1) === newline || data.at(-1) === '\n';
  }

  /** A message of our own, on a line of its own. */
  note(text: string): void {
    this.write('stderr', `${this.#lineIsFree ? '' : '\n'}shellwright: ${text}\n`);
  }

  /** Shows the line in place of the one before; '' shows none. */
  progress(text: string): void {
    const line = this.#lineIsFree ? text.slice(0, (this.#io.stderr.columns || 80) - 1) : '';
    if (!this.interactive || line === this.#shown) return;
    this.#io.stderr.write(eraseLine + line);
    this.#shown = line;
  }

  readonly #onError = (error: Error): void => {
    if (this.#error) return;
    this.#error = error;
    this.onBroken?.();
  };
}
