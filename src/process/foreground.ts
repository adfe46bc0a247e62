import { descendantsOf } from './descendants.ts';
import { signalProcess } from './group.ts';
import { Newborns } from './newborns.ts';
import { outside } from './outside.ts';
import { isSame, processEntry, readProc, ticksPerSecond, type ProcessEntry } from './table.ts';

/** A command in a shell, and what tells its processes from the jobs that earlier commands left behind. */
export interface Place {
  /** The shell's process id, and so its group's. */
  shell: number;
  /** `$!` when the command began: the last of these jobs; 0 where there is none. */
  job: number;
  /** How long the shell had been running then. ms */
  begunAfter: number;
}

/** What a shell runs for one command, wherever it has gone, and not the shell itself. On Linux only: elsewhere it is nothing. */
export class Foreground {
  readonly #place: Place;
  /** All that was ever seen, by id. */
  readonly #seen = new Map<number, ProcessEntry>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Remembers what there is now, before a signal scatters it. */
  note(): void {
    this.#look();
  }

  /**
   * Signals all of it, parents first. False when there is nothing to signal, or when that would not help: in a shell that ignores SIGINT
   * itself the rest of the command would run after it.
   * @param strangers only what has left the shell's group: the rest has been reached already
   */
  signal(signal: NodeJS.Signals, strangers = false): boolean {
    const { shell } = this.#place;
    const leader = processEntry(shell);
    if (!leader || ignoresInterrupt(shell)) return false;
    const processes = this.#look().filter(({ group }) => !strangers || group !== shell);
    signalAll(processes, signal);
    if (leader.stopped) signalProcess(shell, 'SIGCONT');
    return processes.length > 0;
  }

  /**
   * What an interrupt that is about to be sent may miss.
   * @param mayTrap whether the shell may start something because of it
   * @param isOver whether the command has ended
   * @param again interrupts the shell alone
   */
  newborns(mayTrap: boolean, isOver: () => boolean, again: () => void): Newborns | undefined {
    const { shell } = this.#place;
    if (ignoresInterrupt(shell)) return undefined;
    return new Newborns({ shell, look: () => this.#look(), mayTrap, isOver, again });
  }

  /** Ends what the command has left in the shell's session, jobs too: SIGTERM, and SIGKILL `grace` ms later. Before another command begins. */
  endLeft(grace: number): void {
    this.note();
    const left = [...this.#seen.values()].filter((entry) => isSame(entry) && entry.session === this.#place.shell);
    if (left.length === 0) return;
    signalAll(left, 'SIGTERM');
    outside(() => setTimeout(() => signalAll(left.filter(isSame), 'SIGKILL'), grace).unref());
  }

  #look(): ProcessEntry[] {
    const found = descendantsOf(this.#place.shell, isOf(this.#place));
    for (const entry of found) this.#seen.set(entry.pid, entry);
    return found;
  }
}

/** Children of a shell come one after the other, the jobs of earlier commands before those of this one. */
function isOf({ shell, job, begunAfter }: Place): (child: ProcessEntry) => boolean {
  if (job === 0) return () => true;
  const found = processEntry(job);
  const last = found?.parent === shell ? found : undefined;
  // Where the last job is gone, its place in time is about when the command began.
  const place = last?.start ?? (processEntry(shell)?.start ?? 0) + (begunAfter / 1000) * ticksPerSecond;
  const doubt = last ? 0 : ticksPerSecond / 2;
  return ({ pid, start }) => (Math.abs(start - place) <= doubt ? isAfter(pid, job) : start > place);
}

/** Numbers are given out in turn, and begin again at the end: what is far below one of the same moment came after it. */
function isAfter(pid: number, other: number): boolean {
  return Math.abs(pid - other) < farAway ? pid > other : pid < other;
}

/** Fewer than a system has (32,768 at least), and more than are started within `doubt`. */
const farAway = 16_384;

export function signalAll(processes: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) signalProcess(pid, signal);
  // One that is stopped acts on a signal only when it goes on.
  for (const { pid, stopped } of processes) if (stopped) signalProcess(pid, 'SIGCONT');
}

/** SIGINT is the second bit of the mask. */
function ignoresInterrupt(pid: number): boolean {
  const [, mask = ''] = /^SigIgn:\t([0-9a-f]+)$/m.exec(readProc(`${pid}/status`) ?? '') ?? [];
  return mask === '' || (Number.parseInt(mask.slice(-1), 16) & 2) !== 0;
}
