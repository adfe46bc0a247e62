import { EventEmitter } from 'eventemitter3';
import { Subject, type Observable } from 'rxjs';
import type { ExecResult } from '../execution/result.ts';
import type { EventName, Events, ShellwrightEvent } from './catalogue.ts';
import { EventLog } from './event-log.ts';
import { logs, type Logger } from './log.ts';

/** A handler of one kind of event. */
export type Handler<Name extends EventName> = (event: Extract<ShellwrightEvent, { type: Name }>) => void;

/** The one place where events of a pool go out: to the log, the Observables and the emitter, each once. */
export class Bus {
  readonly #events = new Subject<ShellwrightEvent>();
  readonly #results = new Subject<ExecResult<string | Buffer>>();
  readonly #emitter = new EventEmitter<Record<string, (event: never) => void>>();
  readonly #guards = new WeakMap<object, object>();
  readonly #log: EventLog;
  readonly #pool: string;
  /** Asked once: asking a logger for its level at each command costs as much as a line that is not written. */
  readonly #logsCommands: boolean;
  readonly events$: Observable<ShellwrightEvent> = this.#events.asObservable();
  readonly results$: Observable<ExecResult<string | Buffer>> = this.#results.asObservable();

  constructor(pool: string, logger: Logger | undefined) {
    this.#pool = pool;
    this.#log = new EventLog(logger);
    this.#logsCommands = logs(logger, 'info');
  }

  /** Whether an event of this name would reach anybody: asked before one is made on the hot path. */
  wants(name: EventName): boolean {
    return this.#events.observed || this.#logsCommands || this.#emitter.listenerCount(name) > 0;
  }

  get wantsResults(): boolean {
    return this.#results.observed;
  }

  /** Whether the events of a command may reach anybody. */
  get wantsCommands(): boolean {
    return (
      this.#events.observed || this.#results.observed || this.#logsCommands || this.#emitter.eventNames().length > 0
    );
  }

  publish<Name extends EventName>(type: Name, fields: Omit<Events[Name], 'at' | 'pool'>): void {
    const logged = this.#log.wants(type);
    const listened = this.#emitter.listenerCount(type) > 0;
    if (!logged && !listened && !this.#events.observed) return;
    const event = { type, at: Date.now(), pool: this.#pool, ...fields } as unknown as ShellwrightEvent;
    if (logged) this.#log.write(event);
    this.#events.next(event);
    if (listened) this.#emitter.emit(type, event);
  }

  /** A line for the log that is no event. */
  warn(message: string, fields: object): void {
    this.#log.warn(message, { pool: this.#pool, ...fields });
  }

  publishResult(result: ExecResult<string | Buffer>): void {
    this.#results.next(result);
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
