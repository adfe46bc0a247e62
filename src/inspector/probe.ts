import type { InspectionEvent, Subscription } from 'xstate';
import type { ShellwrightEvent } from '../events/catalogue.ts';
import type { Pool } from '../pool/pool.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { isCrew, isWithin, pathOf } from './actor-paths.ts';
import { Bounded } from './bounded.ts';
import type { Happened, MessageView, StepView, TurnView } from './protocol.ts';
import { Samples } from './samples.ts';
import { clip, detailOf } from './shown.ts';
import { Spans } from './spans.ts';

/** What is looked at. */
export type Target = Pool | Pool<Buffer> | Pool<string | Buffer> | Supervisor;

/** Of one kind in one frame: beyond, they are counted. */
const limit = 250;

type Turning = Extract<ShellwrightEvent, { type: `shell.${TurnView['state']}` }>;
type Ended = Extract<ShellwrightEvent, { type: 'command.finished' | 'command.rejected' }>;

const turns = [
  'shell.spawning',
  'shell.initializing',
  'shell.idle',
  'shell.busy',
  'shell.invalid',
  'shell.destroying',
  'shell.destroyed',
] as const;

/** Hears what happens in a pool or tree while it is attached, and keeps no more of it than fits into a frame. */
export class Probe {
  readonly samples = new Samples();
  readonly #target: Target;
  /** All that is asked of it are events that both kinds have. */
  readonly #source: Pick<Pool, 'on' | 'off'>;
  readonly #top: string;
  readonly #showCommands: boolean;
  readonly #messages = new Bounded<MessageView>(limit);
  readonly #steps = new Bounded<StepView>(limit);
  readonly #turns = new Bounded<TurnView>(limit);
  readonly #spans = new Spans(limit);
  #inspection: Subscription | undefined;
  #counted = 0;

  /** @param top the path of the target */
  constructor(target: Target, top: string, showCommands: boolean) {
    this.#target = target;
    this.#source = target as Pick<Pool, 'on' | 'off'>;
    this.#top = top;
    this.#showCommands = showCommands;
  }

  attach(): void {
    for (const name of turns) this.#source.on(name, this.#onTurn);
    this.#source.on('command.finished', this.#onEnd);
    this.#source.on('command.rejected', this.#onEnd);
    this.inspect();
  }

  detach(): void {
    for (const name of turns) this.#source.off(name, this.#onTurn);
    this.#source.off('command.finished', this.#onEnd);
    this.#source.off('command.rejected', this.#onEnd);
    this.#inspection?.unsubscribe();
    this.#inspection = undefined;
    this.samples.clear();
    this.take(0);
  }

  /** Inspects the actors, if they are not yet: before the first run of a child there are none. */
  inspect(): void {
    if (this.#inspection) return;
    try {
      this.#inspection = this.#target.actor.system.inspect(this.#onInspected);
    } catch {
      // There is no actor yet: asked again with the next frame.
    }
  }

  /** What happened since the last call. */
  take(now: number): Happened {
    const messages = this.#messages.take();
    const steps = this.#steps.take();
    const turned = this.#turns.take();
    const spans = this.#spans.take();
    return {
      messages: messages.items,
      steps: steps.items,
      turns: turned.items,
      spans: spans.items,
      samples: this.samples.take(now),
      omitted: {
        messages: messages.omitted,
        steps: steps.omitted,
        turns: turned.omitted,
        spans: spans.omitted,
      },
    };
  }

  readonly #onTurn = (event: Turning): void => {
    if (!this.#turns.takes()) return;
    const { at, type, shellId } = event;
    this.#turns.push({
      at,
      path: `${poolOf(event)}/${shellId}`,
      state: type.slice('shell.'.length) as TurnView['state'],
      ...('reason' in event && { reason: event.reason }),
    });
  };

  readonly #onEnd = (event: Ended): void => {
    const { shellId, commandId } = event;
    const { startedAt, durationMs, waitMs } = 'result' in event ? event.result : event.error;
    // What never began has no place in a shell's time.
    if (shellId === undefined || startedAt === undefined || durationMs === undefined) return;
    const pool = poolOf(event);
    const failed = 'error' in event || event.result.failed;
    this.samples.ended(pool, waitMs ?? 0, durationMs, failed);
    this.#spans.add({
      path: `${pool}/${shellId}`,
      from: startedAt,
      to: startedAt + durationMs,
      count: 1,
      failed: failed ? 1 : 0,
      id: commandId,
      ...(this.#showCommands && { command: clip(event.command) }),
    });
  };

  /** Called in the midst of a machine's step: it must neither throw nor take long. */
  readonly #onInspected = (event: InspectionEvent): void => {
    if (event.type === '@xstate.event') this.#onMessage(event);
    else if (event.type === '@xstate.microstep') this.#onStep(event);
  };

  #onMessage({ actorRef, sourceRef, event }: Extract<InspectionEvent, { type: '@xstate.event' }>): void {
    if (isCrew(actorRef)) return;
    const to = pathOf(actorRef);
    const from = sourceRef && pathOf(sourceRef);
    if (!isWithin(to, this.#top) && !(from !== undefined && isWithin(from, this.#top))) return;
    const n = ++this.#counted;
    if (!this.#messages.takes()) return;
    this.#messages.push({
      n,
      at: Date.now(),
      ...(from !== undefined && { from }),
      to,
      type: event.type,
      detail: detailOf(event, this.#showCommands),
    });
  }

  #onStep(inspected: Extract<InspectionEvent, { type: '@xstate.microstep' }>): void {
    const { actorRef, event, _transitions: taken } = inspected;
    for (const { source, target, eventType } of taken) {
      if (!target || !isWithin(pathOf(actorRef), this.#top)) continue;
      for (const state of target) {
        const [from, to] = [source.path.join('.'), state.path.join('.')];
        this.#steps.push({ path: pathOf(actorRef), from, to, event: eventType && event.type });
      }
    }
  }
}

function poolOf({ path, pool }: { path?: string; pool: string }): string {
  return path ?? pool;
}
