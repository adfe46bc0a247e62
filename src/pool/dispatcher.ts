import type { ShellwrightError } from '../errors.ts';
import { outside } from '../process/outside.ts';
import { RequestQueue } from './request-queue.ts';
import type { DispatchEvent, Request, Upkeep } from './requests.ts';
import type { UpkeepState } from './shell-roles.ts';
import type { Shell } from './shell.ts';
import { Tended } from './tended.ts';

const upkeepEvents = { validating: 'validate', checking: 'check', resetting: 'reset' } as const;

/** The queue and the free list: the sole authority on who may use which shell. */
export class Dispatcher {
  /** Free shells; the most recently used is last, and goes first. */
  readonly #free: Shell[] = [];
  readonly #queue = new RequestQueue<Request>();
  /** Free, but still busy for their machines. */
  readonly #unsettled = new Set<Shell>();
  /** Absent where nothing is done between borrowers. */
  upkeep: Upkeep | undefined;
  readonly #tended = new Tended();
  readonly #tell: (event: DispatchEvent) => void;
  readonly #max: number;
  /** Processes, dying ones included, and those of them that start: kept by the pool. */
  size = 0;
  starting = 0;
  saturated = false;
  /** Nothing is lent: what waits is for the shells of the pool's next run. */
  paused = false;
  /** Called at an edge. */
  onEdge: () => void = () => {};
  #told = 0;
  #scheduled = false;

  constructor(max: number, tell: (event: DispatchEvent) => void) {
    this.#max = max;
    this.#tell = tell;
  }

  /** Whether one more request would have to wait for a shell that is in use, beyond `maxQueue` others. */
  isFull(maxQueue: number): boolean {
    const comingShells = this.starting + this.#max - this.size + this.#tended.all;
    return this.#free.length === 0 && this.queued - comingShells >= maxQueue;
  }

  /** Requests that wait. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Since when the request waits that is next; of `performance.now()`. */
  get waitingSince(): number | undefined {
    return this.#queue.first?.since;
  }

  /** Shells that somebody holds. */
  borrowed = 0;

  /** Requests for which no shell is being made ready. */
  get #unserved(): number {
    return this.#queue.length - this.#tended.preparing;
  }

  /** At once where a shell is free and nobody waits; else it waits, and this is false. */
  submit(request: Request): boolean {
    if (this.#queue.length === 0 && !this.upkeep && !this.paused) {
      for (let shell = this.#free.pop(); shell; shell = this.#free.pop()) if (this.#lend(shell, request)) return true;
    }
    this.#queue.push(request);
    this.#serve();
    if (request.granted) return true;
    this.#askForShells();
    this.#saturate();
    this.schedule();
    return false;
  }

  cancel(request: Request): void {
    this.#queue.cancel(request);
    this.schedule();
  }

  /** A new shell is ready. */
  add(shell: Shell): void {
    this.#told = Math.max(0, this.#told - 1);
    this.#offer(shell);
  }

  /** The borrower of the shell has let go. */
  letGo(shell: Shell): void {
    this.borrowed--;
    shell.borrower = undefined;
    const { due } = shell;
    if (due) shell.invalidate(due);
    const isTended = shell.usable && this.upkeep?.after(shell) === true;
    if (shell.usable) return isTended ? this.onEdge() : this.#offer(shell);
    this.#unsettled.delete(shell);
    this.#return(shell);
    this.onEdge();
  }

  /** A shell is lost, or to be ended. False: it was not free. */
  remove(shell: Shell): boolean {
    this.#tended.delete(shell);
    if (!this.take(shell)) return false;
    if (this.#unsettled.delete(shell)) this.#return(shell);
    return true;
  }

  /** Takes a shell from the free list. False: it was not free. */
  take(shell: Shell): boolean {
    const index = this.#free.indexOf(shell);
    if (index === -1) return false;
    this.#free.splice(index, 1);
    return true;
  }

  /** Something is done with a shell that is not in the free list; it may have been tended otherwise before. */
  tend(shell: Shell, state: UpkeepState): void {
    this.#tended.add(shell, state);
    this.#unsettled.delete(shell);
    shell.markedBusy = false;
    outside(() => shell.tell({ type: upkeepEvents[state] }));
  }

  /** That is done. `vetted`: it need not be asked about before it is lent. */
  giveBack(shell: Shell, vetted = false): void {
    const { due } = shell;
    if (due && shell.usable) shell.invalidate(due);
    this.#offer(shell, vetted);
  }

  /** Nobody waits any more: each gets an error of its own. */
  failAll(error: () => ShellwrightError): void {
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) request.fail(error());
    this.schedule();
  }

  /** Takes the pending edges: shells that are still free become idle, and the machine hears what waits now. */
  settle(): void {
    for (const shell of this.#unsettled) this.#return(shell);
    this.#unsettled.clear();
    if (this.saturated && this.#queue.length === 0) {
      this.saturated = false;
      this.#tell({ type: 'drain' });
    }
    if (this.#queue.length === 0) this.#told = 0;
    else if (this.#unserved > this.starting && this.size < this.#max) this.#demand();
  }

  /** Free shells, to those that wait; where shells are asked about first, no more of them than wait. */
  #serve(): void {
    while (!this.paused && this.#free.length > 0 && this.#queue.length > this.#tended.validating)
      this.#offer(this.#free.pop() as Shell);
  }

  #offer(shell: Shell, vetted = false): void {
    if (!shell.usable) return;
    if (!vetted && !this.paused && this.upkeep && this.#queue.length > 0 && !this.upkeep.before(shell)) return;
    const request = this.#next();
    if (request) {
      if (!this.#lend(shell, request)) this.#queue.unshift(request);
      return;
    }
    this.#free.push(shell);
    if (this.#tended.delete(shell)) outside(() => shell.tell({ type: 'return' }));
    else if (shell.markedBusy) {
      this.#unsettled.add(shell);
      this.schedule();
    }
    this.onEdge();
  }

  #next(): Request | undefined {
    return this.paused ? undefined : this.#queue.shift();
  }

  #lend(shell: Shell, request: Request): boolean {
    if (!shell.usable) return false;
    this.borrowed++;
    shell.borrower = request;
    this.#tended.delete(shell);
    this.#unsettled.delete(shell);
    if (!shell.markedBusy) {
      shell.markedBusy = true;
      outside(() => shell.tell({ type: 'borrow' }));
    }
    if (request.grant(shell)) return true;
    this.borrowed--;
    shell.borrower = undefined;
    // It said that it was free and took no command: who else is in it cannot be told.
    if (shell.usable) shell.invalidate('protocol-error', 'it was free and took no command');
    this.#return(shell);
    return false;
  }

  #return(shell: Shell): void {
    if (!shell.markedBusy) return;
    shell.markedBusy = false;
    outside(() => shell.tell({ type: 'return' }));
  }

  /** While more wait than start, and there is room: told once for each shell that could help, and again once a turn. */
  #askForShells(): void {
    if (this.size < this.#max && this.#unserved > this.starting && Math.min(this.#unserved, this.#max) > this.#told)
      this.#demand();
  }

  #demand(): void {
    this.#told = Math.min(this.#unserved, this.#max);
    outside(() => this.#tell({ type: 'demand', waiting: this.#told }));
  }

  #saturate(): void {
    if (this.saturated || this.size < this.#max || this.starting > 0 || this.#unserved <= 0) return;
    this.saturated = true;
    outside(() => this.#tell({ type: 'saturate' }));
  }

  /** Takes the pending edges in a moment; also when the number of shells has changed. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    outside(() =>
      setImmediate(() => {
        this.#scheduled = false;
        // What waits for a shell that was found unfit gets another.
        this.#serve();
        this.settle();
        this.onEdge();
      }),
    );
  }
}
