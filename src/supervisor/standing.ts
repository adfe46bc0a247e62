import { newChild } from '../../machines/supervisor/lives.ts';
import { childOf, rosterOf } from '../../machines/supervisor/roster.ts';
import type { Child, ExitKind, SupervisorContext, SupervisorState } from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import type { CheckedChild } from '../options/supervisor-options.ts';
import { isToReturn } from './fate.ts';
import type { Reason } from './node.ts';
import { goneError, restError } from './story.ts';

/** What there is to know of a supervisor at a moment. */
type View = Pick<SupervisorContext, 'roster' | 'plan' | 'restarts' | 'verdict'>;

/** Where a supervisor stands: its state, its children as its machine has them, and whether they, and it, are to run again. */
export class Standing {
  readonly path: string;
  /** As the machine last said, also in the middle of a step. */
  view: View;
  /** As the machine last announced it. */
  announced: SupervisorState = 'starting';
  /** Whether a run is on. */
  isRunning = false;
  /** Why it gave up, if it has. */
  error: ShellwrightError | undefined;
  /** Why it does not run again, as far as is known. */
  retired: Reason | undefined;
  readonly #id: string;
  readonly #above: Standing | undefined;
  readonly #children: readonly CheckedChild[];
  readonly #ids: ReadonlySet<string>;

  /** @param children those of the options */
  constructor(id: string, path: string, children: readonly CheckedChild[], above: Standing | undefined) {
    this.#id = id;
    this.path = path;
    this.#children = children;
    this.#ids = new Set(children.map((child) => child.id));
    this.#above = above;
    this.view = this.#restingView();
  }

  /** Between two runs the state that is to come. */
  get state(): SupervisorState {
    if (this.isRunning || !this.#above) return this.announced;
    if (!this.retired) return 'starting';
    return this.retired().code === 'ERR_POOL_FAILED' ? 'failed' : 'closed';
  }

  /** Whether the run is over, or about to be. */
  get isLeaving(): boolean {
    return !this.isRunning || this.view.verdict !== undefined;
  }

  /** Whether another run is to follow the present one, or goes on. */
  get comesBack(): boolean {
    // What is over already is known above.
    const exit = this.isRunning ? this.view.verdict?.kind : undefined;
    return !this.retired && (this.#above?.returns(this.#id, exit) ?? false);
  }

  child(id: string): Child | undefined {
    return childOf(this.view.roster, id);
  }

  /** Whether a child is to run again, or goes on. @param exit how it is about to end of its own accord */
  returns(id: string, exit?: ExitKind): boolean {
    const child = this.child(id);
    if (!child || child.doomed) return false;
    if (!this.isLeaving) return isToReturn(child, { state: this.announced, plan: this.view.plan }, exit);
    // Those that were added while it ran do not.
    return this.#ids.has(id) && this.comesBack;
  }

  /** Why a child does not run. */
  reasonFor(child: Child, failure: ShellwrightError | undefined): Reason {
    const path = `${this.path}/${child.id}`;
    if (this.isLeaving) return this.gone(`${path} is gone`);
    const planned = this.view.plan.number;
    return () => restError(path, child, { planned, failure });
  }

  /** Why something cannot be had: it, or one above it, has given up, or is closed. */
  gone(what: string): Reason {
    // As it is now: it may be started again.
    const gaveUp = this.gaveUp();
    return () => goneError(what, this.path, gaveUp);
  }

  gaveUp(): ShellwrightError | undefined {
    return this.error ?? this.#above?.gaveUp();
  }

  begin(): void {
    this.isRunning = true;
    this.announced = 'starting';
    this.error = undefined;
  }

  /** The run is over. */
  end(): void {
    this.isRunning = false;
    // The next run, of which there is none for the root, starts with the children of the options.
    if (this.#above) this.view = this.#restingView();
  }

  #restingView(): View {
    const roster = rosterOf(this.#children.map((child) => newChild(child, 0)));
    return { roster, plan: { number: 0, stop: [], start: [], done: 0 }, restarts: [] };
  }
}
