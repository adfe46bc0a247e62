import type { StreamName } from '../execution/task-roles.ts';
import type { Mask } from '../masking/mask.ts';
import type { Channel, Switch } from '../process/channel.ts';
import type { OutputEvents, OutputPaths } from '../process/outputs.ts';
import { Outlets } from './outlets.ts';

/** What a shell's streams tell. */
export interface StreamEvents {
  data(stream: StreamName, view: Buffer): void;
  value(part: string): void;
  fence(stream: StreamName, payload: string): void;
  /** The command whose output it is that comes when none runs; empty: of none. */
  lateOf(): string;
  /** @param commandId empty: of none */
  wantsLate(commandId: string): boolean;
  late(stream: StreamName, data: Buffer, commandId: string): void;
  /** One of the two has no writer any more. */
  ended(): void;
}

interface Leaving {
  readonly outlets: Outlets;
  readonly pipes: Switch;
}

/**
 * The streams in which a shell answers. After a command that left something running the shell is told to write to others, and what was left keeps
 * those that it has.
 */
export class Streams {
  /** The last command left something running that writes to them. */
  leftJob = false;
  readonly #events: StreamEvents;
  readonly #mask: () => Mask | undefined;
  #outlets: Outlets;
  /** While the shell is told to write elsewhere: what it writes to until it does. */
  #leaving: Leaving | undefined;
  /** It did not do so. */
  #stayed = false;

  constructor(events: StreamEvents, mask: () => Mask | undefined) {
    this.#events = events;
    this.#mask = mask;
    this.#outlets = this.#listen();
  }

  /** For the pipes. */
  get sinks(): OutputEvents {
    return this.#outlets.sinks;
  }

  expect(marker: Buffer): void {
    this.#stayed = false;
    this.#outlets.expect(marker);
    this.#leaving?.outlets.expect(marker);
  }

  /** What `commandId` left keeps these pipes, and the shell gets others. @throws {Error} for a lack of descriptors */
  leave(channel: Channel, outputs: OutputPaths, commandId: string): void {
    const next = this.#listen();
    const pipes = channel.switchTo(outputs, next.sinks);
    this.#leaving = { outlets: this.#outlets, pipes };
    this.#outlets.commandId = commandId;
    this.#outlets = next;
  }

  /** The shell has answered in the present ones. False: it could not open those that it was told to. */
  answered(wasInterrupted: boolean): boolean {
    if (!this.#leaving) return !this.#stayed || wasInterrupted;
    const { outlets, pipes } = this.#leaving;
    this.#leaving = undefined;
    this.leftJob = false;
    pipes.done();
    outlets.forget();
    return true;
  }

  /** The shell writes where it wrote before: an interrupt came first, or it could not open the others. The command was not run. */
  stay(): void {
    if (!this.#leaving) return;
    const { outlets, pipes } = this.#leaving;
    this.#leaving = undefined;
    this.#stayed = true;
    outlets.commandId = undefined;
    this.#outlets = outlets;
    pipes.undo();
  }

  /** The shell has ended, and no fence will come: hands out what may have become one. */
  flush(): void {
    this.#leaving?.outlets.forget();
    this.#outlets.flush();
  }

  /** Hands out the late output that was held back for its mask. */
  flushLate(): void {
    this.#outlets.flushLate();
  }

  #listen(): Outlets {
    const events = this.#events;
    const outlets: Outlets = new Outlets(
      {
        data: (stream, view) => events.data(stream, view),
        value: (part) => events.value(part),
        fence: (stream, payload) => this.#onFence(outlets, stream, payload),
        wantsLate: () => events.wantsLate(outlets.commandId ?? events.lateOf()),
        late: (stream, view) => events.late(stream, view, outlets.commandId ?? events.lateOf()),
        ended: () => (outlets === this.#outlets ? events.ended() : outlets.flushLate()),
      },
      this.#mask,
    );
    return outlets;
  }

  #onFence(outlets: Outlets, stream: StreamName, payload: string): void {
    if (outlets !== this.#outlets) {
      // The host writes the fence on stderr, and so needs no other to know whether the shell has changed over.
      if (outlets !== this.#leaving?.outlets || stream === 'stderr') return;
      this.stay();
    }
    this.#events.fence(stream, payload);
  }
}
