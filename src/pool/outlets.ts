import type { StreamName } from '../execution/task-roles.ts';
import { FenceReader } from '../framing/fence-reader.ts';
import type { Mask } from '../masking/mask.ts';
import type { OutputEvents } from '../process/outputs.ts';
import { LateOutput } from './late-output.ts';

/** What is found in the two streams of a shell. */
export interface OutletEvents {
  /** Output of the command that runs. */
  data(stream: StreamName, view: Buffer): void;
  /** A part of its value. */
  value(part: string): void;
  /** The fence at its end. */
  fence(stream: StreamName, payload: string): void;
  /** What comes when none runs, and all that comes once the shell writes elsewhere; masked. */
  late(stream: StreamName, data: Buffer): void;
  /** Whether somebody hears of that. */
  wantsLate(): boolean;
  ended(): void;
}

/** A pair of streams in which a shell answers: a new one after a command that left something running, which keeps the old. */
export class Outlets {
  readonly stdout: FenceReader;
  readonly stderr: FenceReader;
  /** The command whose everything in it is, since the shell writes elsewhere. */
  commandId: string | undefined;
  readonly #late: LateOutput;
  readonly #events: OutletEvents;
  readonly #mask: () => Mask | undefined;

  constructor(events: OutletEvents, mask: () => Mask | undefined) {
    this.#events = events;
    this.#mask = mask;
    this.#late = new LateOutput((stream, data) => events.late(stream, data));
    this.stdout = this.#reader('stdout');
    this.stderr = this.#reader('stderr');
  }

  /** For the pipes. */
  get sinks(): OutputEvents {
    return {
      stdout: (view) => this.stdout.push(view),
      stderr: (view) => this.stderr.push(view),
      ended: () => this.#events.ended(),
    };
  }

  expect(marker: Buffer): void {
    this.stdout.expect(marker);
    this.stderr.expect(marker);
  }

  /** No fence will be found in it. */
  forget(): void {
    this.stdout.forget();
    this.stderr.forget();
  }

  /** The end of both: hands out what may have become a fence. */
  flush(): void {
    this.stdout.flush();
    this.stderr.flush();
  }

  /** Hands out the late output that was held back for its mask. */
  flushLate(): void {
    this.#late.flush(this.#mask());
  }

  #reader(stream: StreamName): FenceReader {
    const late = (view: Buffer): void => {
      if (this.#events.wantsLate()) this.#late.push(stream, view, this.#mask());
    };
    return new FenceReader({
      data: (view) => (this.commandId === undefined ? this.#events.data(stream, view) : late(view)),
      value: (part) => this.#events.value(part),
      fence: (payload) => this.#events.fence(stream, payload),
      late,
    });
  }
}
