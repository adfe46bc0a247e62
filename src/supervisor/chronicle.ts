import { recentRestarts, type Exit, type SupervisorContext } from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import type { Bus } from '../events/bus.ts';
import { gaveUpError, type Restart } from './story.ts';

/** What is told of one supervisor: its events, and at the end the whole story. */
export class Chronicle {
  readonly #bus: Bus;
  readonly #path: string;
  /** As many as the machine counts. */
  readonly #restarts: Restart[] = [];

  constructor(bus: Bus, path: string) {
    this.#bus = bus;
    this.#path = path;
  }

  begin(): void {
    this.#restarts.length = 0;
  }

  started(): void {
    this.#bus.publish('supervisor.started', {});
  }

  restarting(id: string, exit: Exit, { restarts: { length: restarts } }: SupervisorContext): void {
    this.#restarts.push({ id, exit });
    this.#restarts.splice(0, this.#restarts.length - restarts);
    const { kind: reason, cause } = exit;
    this.#bus.publish('supervisor.restarting', {
      childId: id,
      reason,
      ...(cause !== undefined && { cause }),
      restarts,
    });
  }

  /** @param failure the child's own error */
  escalated(
    id: string,
    cause: string | undefined,
    { restarts, now, period }: SupervisorContext,
    failure: ShellwrightError | undefined,
  ): ShellwrightError {
    const { length: recent } = recentRestarts(restarts, now, period);
    const before = this.#restarts.slice(this.#restarts.length - recent);
    const error = gaveUpError(this.#path, cause, before, failure);
    this.#bus.publish('supervisor.escalated', { childId: id, error });
    return error;
  }

  /** Without an exit: it was killed, and did not say so itself. */
  ended({ kind: reason, cause }: Exit = { kind: 'killed' }): void {
    this.#bus.publish('supervisor.closed', { reason, ...(cause !== undefined && { cause }) });
  }
}
