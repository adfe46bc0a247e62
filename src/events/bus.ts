import { EventEmitter } from 'eventemitter3';
import { Subject, type Observable } from 'rxjs';
import type { ExecResult } from '../execution/result.ts';
import type { EventBase, EventName, Events, ShellwrightEvent, SupervisorBase } from './catalogue.ts';
import { EventLog } from './event-log.ts';
import { logs, type Logger } from './log.ts';

/** A handler of one kind of event. */
export type Handler<Name extends EventName> = (event: Extract<ShellwrightEvent, { type: Name }>) => void;

const commandEvents = ['command.queued', 'command.started', 'command.finished', 'command.rejected'] as const;

/** Whose events a bus carries: fields of each of them. */
export type Origin = Pick<EventBase, 'pool' | 'path'> | Pick<SupervisorBase, 'supervisor' | 'path'>;

/** The one place where events of a pool or supervisor go out: to the log, the Observables and the emitter, each once, and to the supervisor above. */
export class Bus {
  readonly #events = new Subject<ShellwrightEvent>();
  readonly #results = new Subject<ExecResult<string | Buffer>>();
  readonly #emitter = new EventEmitter<Record<string, (event: never) => void>>();
  readonly #guards = new WeakMap<object, object>();
  readonly #log: EventLog;
  readonly #origin: Origin;
  readonly #above: Bus | undefined;
  readonly #warned = new Set<string>();
  /** Asked once: asking a logger for its level at each command costs as much as a line that is not written. */
  readonly #logsCommands: boolean;
  /** Whether `warn` would reach anybody. */
  readonly warns: boolean;
  readonly events$: Observable<ShellwrightEvent> = this.#events.asObservable();
  readonly results$: Observable<ExecResult<string | Buffer>> = this.#results.asObservable();

  constructor(origin: Origin, logger: Logger | undefined, above?: Bus) {
    this.#origin = origin;
    this.#above = above;
    this.#log = new EventLog(logger);
    this.#logsCommands = logs(logger, 'info');
    this.warns = logs(logger, 'warn');
  }

  /** Whether an event of this name would reach anybody: asked before one is made on the hot path. */
  wants(name: EventName): boolean {
    return this.#logsCommands || this.hears(name);
  }

  get wantsResults(): boolean {
    return this.#results.observed;
  }

  /** Whether the events of a command may reach anybody. */
  get wantsCommands(): boolean {
    return this.#results.observed || this.#logsCommands || commandEvents.some((name) => this.hears(name));
  }

  publish<Name extends EventName>(type: Name, fields: Omit<Events[Name], keyof EventBase | 'supervisor'>): void {
    const logged = this.#log.wants(type);
    if (!logged && !this.hears(type)) return;
    const event = { type, at: Date.now(), ...this.#origin, ...fields } as unknown as ShellwrightEvent;
    if (logged) this.#log.write(event);
    this.deliver(event);
  }

  /** A log line that is no event, at `warn`: once for each subject. */
  warnOnce(subject: string, reason: string): void {
    if (this.#warned.has(subject)) return;
    this.#warned.add(subject);
    this.#log.warn({ ...this.#origin }, `${subject}: ${reason}`);
  }

  publishResult(result: ExecResult<string | Buffer>): void {
    this.#results.next(result);
  }

  /** Writes a log line that is no event. */
  warn(fields: Record<string, unknown>, message: string): void {
    this.#log.warn({ ...this.#origin, ...fields }, message);
  }

  on<Name extends EventName>(name: Name, handler: Handler<Name>): void {
    this.#emitter.on(name, this.#guarded(handler));
  }

  once<Name extends EventName>(name: Name, handler: Handler<Name>): void {
    this.#emitter.once(name, this.#guarded(handler));
  }

  off<Name extends EventName>(name: Name, handler?: Handler<Name>): void {
    this.#emitter.off(name, handler && this.#guarded(handler));
  }

  /** Completes the Observables and drops the handlers. */
  end(): void {
    this.#events.complete();
    this.#results.complete();
    this.#emitter.removeAllListeners();
  }

  /** For a bus below: everything but the log. */
  deliver(event: ShellwrightEvent): void {
    this.#events.next(event);
    if (this.#emitter.listenerCount(event.type) > 0) this.#emitter.emit(event.type, event);
    this.#above?.deliver(event);
  }

  /** Whether anybody listens to events of this name, here or above. */
  hears(name: EventName): boolean {
    return this.#events.observed || this.#emitter.listenerCount(name) > 0 || (this.#above?.hears(name) ?? false);
  }

  /** As RxJS does with a subscriber's error: it is thrown to whoever owns the process, and neither the pool nor other handlers see it. */
  #guarded<Name extends EventName>(handler: Handler<Name>): Handler<Name> {
    const known = this.#guards.get(handler) as Handler<Name> | undefined;
    if (known) return known;
    const guarded: Handler<Name> = (event) => {
      try {
        handler(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    };
    this.#guards.set(handler, guarded);
    return guarded;
  }
}
