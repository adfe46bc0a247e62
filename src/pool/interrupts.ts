import type { Driver } from '../dialects/dialect.ts';
import type { Task } from '../execution/task.ts';
import type { Channel } from '../process/channel.ts';
import { Foreground } from '../process/foreground.ts';
import { signalProcess } from '../process/group.ts';
import { isComputing } from '../process/table.ts';

/** The command that runs. */
export interface Running {
  readonly task: Task;
  readonly tag: string;
  /** `$!` when it began. */
  readonly job: number;
}

/** Asks what runs in one shell to stop, in the way that the shell has for it. */
export class Interrupts {
  /** A signal was sent since the last command began, and may come to the next. */
  pending = false;
  /** A command may have set a trap, which may run something. */
  #mayTrap = false;
  readonly #channel: Channel;
  readonly #driver: Driver;
  readonly #hasSignals: boolean;

  constructor(channel: Channel, driver: Driver, hasSignals: boolean) {
    this.#channel = channel;
    this.#driver = driver;
    this.#hasSignals = hasSignals;
  }

  /** A command is about to run. */
  begin({ script }: Task): void {
    this.pending = false;
    this.#mayTrap ||= /trap/i.test(script);
  }

  /** False: there is no way to. */
  send(running: Running): boolean {
    const driver = this.#driver;
    if (driver.cancel) return this.#channel.write(driver.cancel(running.tag));
    if (!this.#hasSignals) return false;
    this.pending = true;
    const { pid } = this.#channel;
    const { relay } = driver;
    const relayOf = (): NodeJS.Signals | undefined => (relay && isComputing(pid, relay) ? relay : undefined);
    const foreground = this.foreground(running);
    const newborns = foreground?.newborns(
      this.#mayTrap,
      () => running.task.state === 'ended',
      () => signalProcess(pid, relayOf() ?? 'SIGINT'),
    );
    const relayed = relayOf();
    if (!(relayed ? signalProcess(pid, relayed) : this.#channel.signal('SIGINT'))) return false;
    if (relayed) foreground?.signal('SIGINT');
    newborns?.signal('SIGINT');
    return true;
  }

  /** A message of the driver's host in the shell: what was cancelled by it may wait for a program. */
  onMessage(message: string, running: Running): void {
    if (this.#driver.stuck?.(message) !== running.tag || !this.#hasSignals) return;
    // Where the command's programs are not known, the older jobs get it too, and the shell, which heeds it not.
    if (process.platform === 'linux') this.foreground(running)?.signal('SIGINT');
    else this.#channel.signal('SIGINT');
  }

  /** What runs for the command; undefined where that is not of this host. */
  foreground({ task, job }: Running): Foreground | undefined {
    if (!this.#hasSignals) return undefined;
    const { pid: shell, startedAt } = this.#channel;
    return new Foreground({ shell, job, begunAfter: task.begunAt - startedAt });
  }
}
