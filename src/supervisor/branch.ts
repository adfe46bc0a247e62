import type { Child, ChildState, Exit, ExitKind, SupervisorContext } from '../../machines/index.ts';
import type { SupervisorEvent, SupervisorState } from '../../machines/index.ts';
import type { ShellwrightError } from '../errors.ts';
import { Bus } from '../events/bus.ts';
import { harmless } from '../events/inspection.ts';
import { poolLogger, type Logger } from '../events/log.ts';
import type { CheckedChild, CheckedSupervisor } from '../options/supervisor-options.ts';
import { KeepAlive } from '../pool/keep-alive.ts';
import { StatusStream } from '../pool/status-stream.ts';
import { startTimer } from '../pool/timer.ts';
import { outside } from '../process/outside.ts';
import type { SupervisorActor, SupervisorEffects, TreeActors } from './actors.ts';
import { Attendance } from './attendance.ts';
import { Brood, type Parent } from './brood.ts';
import { Chronicle } from './chronicle.ts';
import { PoolNode, type Node, type Reason } from './node.ts';
import { Orders, type Ordered } from './orders.ts';
import { Standing } from './standing.ts';
import { statusOf, type SupervisorStatus } from './status.ts';
import { brokenError } from './story.ts';

type Kind = PoolNode | Branch;

/** One supervisor in its place, in all its runs: joins its machine to its children and to those who watch or order. */
export class Branch implements Node, SupervisorEffects, Parent<Kind>, Ordered<Kind> {
  readonly id: string;
  readonly path: string;
  readonly isStatic: boolean;
  readonly options: CheckedSupervisor;
  readonly bus: Bus;
  readonly standing: Standing;
  readonly statuses: StatusStream<SupervisorStatus>;
  readonly brood: Brood<Kind>;
  readonly orders: Orders<Kind>;
  readonly attendance: Attendance;
  readonly keepAlive = new KeepAlive();
  readonly #actors: TreeActors;
  readonly #logger: Logger | undefined;
  readonly #chronicle: Chronicle;
  readonly #isRoot: boolean;
  #actor: SupervisorActor | undefined;
  /** The children that have moved in the present step, as they were last told of. */
  readonly #moved = new Map<string, Child>();
  /** Its own state has changed in the present step. */
  #hasTurned = false;

  constructor(id: string, options: CheckedSupervisor, actors: TreeActors, above?: Branch, isStatic = true) {
    const { name, strategy, intensity, period } = options;
    const children = options.children.map(({ id, type, restart, shutdown }) => ({ id, type, restart, shutdown }));
    this.id = id;
    this.path = above ? `${above.path}/${id}` : id;
    this.isStatic = isStatic;
    this.options = options;
    this.standing = new Standing(id, this.path, options.children, above?.standing);
    this.#actors = actors;
    this.#isRoot = above === undefined;
    this.#logger = above && options.logger === undefined ? above.#logger : poolLogger(options.logger);
    this.bus = new Bus({ supervisor: name, path: this.path }, this.#logger, above?.bus);
    this.statuses = new StatusStream(() => statusOf(this));
    this.attendance = new Attendance(this.keepAlive);
    this.#chronicle = new Chronicle(this.bus, this.path);
    actors.supervisors.set(this.path, this);
    actors.inputs.set(this.path, { strategy, intensity, period, children });
    this.brood = new Brood(this, options.children);
    this.orders = new Orders(this);
  }

  get actor(): SupervisorActor | undefined {
    return this.#actor;
  }

  get failure(): ShellwrightError | undefined {
    return this.standing.error;
  }

  /** Starts the root. */
  start(): void {
    const actor = this.#actors.createRoot(this.options, harmless(this.options.inspect, this.bus));
    this.#begin(actor);
    // In a moment, so that whoever made the tree can subscribe before the first event.
    outside(() => queueMicrotask(() => actor.start()));
  }

  async ready(signal: AbortSignal | undefined): Promise<void> {
    const { state, isLeaving, comesBack, retired } = this.standing;
    if (state === 'running' && !signal?.aborted) return;
    if (retired || (isLeaving && !comesBack)) throw this.standing.gone(`${this.path} will not be ready`)();
    await this.attendance.ready.wait({ signal });
  }

  /** Ends the present run, or the next one. Resolves when every process below is gone. @param timeout ms */
  async close(timeout: number, force: boolean): Promise<void> {
    if (this.standing.retired) return;
    if (!this.standing.isRunning) await this.attendance.nextRun();
    if (!this.standing.isRunning) return;
    this.keepAlive.hold();
    const over = this.attendance.endOfRun();
    this.send({ type: 'close' });
    if (force) this.send({ type: 'kill' });
    const timer = startTimer(timeout, () => this.send({ type: 'kill' }));
    await over;
    clearTimeout(timer);
    this.keepAlive.release();
  }

  /** XState complains on stderr of events to a stopped actor. */
  send(event: SupervisorEvent): void {
    const actor = this.#actor;
    if (actor?.getSnapshot().status === 'active') outside(() => actor.send(event));
  }

  // Asked by its children, and of them.

  make(child: CheckedChild, isStatic: boolean): Kind {
    const { id, type } = child;
    if (type === 'supervisor') return new Branch(id, child.supervisor, this.#actors, this, isStatic);
    const path = `${this.path}/${id}`;
    const returns = (exit: ExitKind | undefined): boolean => this.standing.returns(id, exit);
    return new PoolNode(child, isStatic, { path, bus: this.bus, logger: this.#logger, returns }, this.#actors);
  }

  reasonFor(child: Child): Reason {
    return this.standing.reasonFor(child, this.brood.nodes.get(child.id)?.failure);
  }

  /** Why nothing can be asked of it, if nothing can. */
  refusal(what: string): ShellwrightError | undefined {
    return this.standing.isLeaving ? this.standing.gone(what)() : undefined;
  }

  // Told by the machine.

  enter(state: SupervisorState, context: SupervisorContext, actor: SupervisorActor): void {
    if (actor !== this.#actor) this.#begin(actor);
    const isStart = state === 'running' && this.standing.announced === 'starting';
    this.standing.view = context;
    this.standing.announced = state;
    this.#hasTurned = true;
    if (isStart) this.#chronicle.started();
    if (state === 'running') this.attendance.ready.resolveAll();
    if (state === 'closed' || state === 'failed') this.#chronicle.ended(context.verdict);
  }

  childMoved(child: Child, _state: ChildState | 'removed', context: SupervisorContext): void {
    this.standing.view = context;
    this.#moved.set(child.id, child);
  }

  restarting(id: string, exit: Exit = { kind: 'crash' }, context: SupervisorContext): void {
    this.standing.view = context;
    this.#chronicle.restarting(id, exit, context);
  }

  escalated(id: string, cause: string | undefined, context: SupervisorContext): void {
    this.standing.view = context;
    this.standing.error = this.#chronicle.escalated(id, cause, context, this.brood.nodes.get(id)?.failure);
  }

  // As a node.

  lost(): void {
    const { standing } = this;
    if (!standing.isRunning) return;
    if (standing.announced !== 'closed' && standing.announced !== 'failed') {
      standing.announced = 'closed';
      this.#chronicle.ended();
    }
    standing.end();
    this.orders.end(standing.gone(`${this.path} has ended`));
    this.brood.lost();
    const reasonFor = (id: string): Reason => standing.gone(`${this.path}/${id} is gone`);
    if (this.#isRoot) this.#endForGood(reasonFor);
    else this.brood.reset(reasonFor);
    this.attendance.tellOfEnd();
    this.statuses.changed();
  }

  retire(reason: Reason): void {
    this.#retireAlone(reason);
    for (const node of this.brood.nodes.values()) node.retire(reason);
  }

  revive(): void {
    this.standing.retired = undefined;
    for (const node of this.brood.nodes.values()) node.revive();
    this.statuses.changed();
  }

  finish(): void {
    for (const node of this.brood.nodes.values()) node.finish();
    this.#actors.supervisors.delete(this.path);
    this.#actors.inputs.delete(this.path);
    this.statuses.end();
    this.bus.end();
    this.keepAlive.end();
    this.attendance.finish(this.standing.gaveUp());
  }

  #endForGood(reasonFor: (id: string) => Reason): void {
    this.#retireAlone(this.standing.gone(`${this.path} has ended`));
    for (const [id, node] of this.brood.nodes) node.retire(reasonFor(id));
    this.finish();
  }

  #retireAlone(reason: Reason): void {
    this.standing.retired = reason;
    this.attendance.ready.rejectAll(reason);
    this.attendance.tellOfRun();
    this.statuses.changed();
  }

  #begin(actor: SupervisorActor): void {
    this.lost();
    this.#actor = actor;
    this.#moved.clear();
    this.standing.begin();
    this.#chronicle.begin();
    this.revive();
    actor.subscribe({
      next: ({ context }) => this.#settle(context),
      error: (error) => this.#broken(error),
      complete: () => this.lost(),
    });
    // In a moment: the machine is in the middle of its first step.
    queueMicrotask(() => this.attendance.tellOfRun());
  }

  /** A step is over: what follows from it for the children is done. */
  #settle(context: SupervisorContext): void {
    this.standing.view = context;
    const moved = [...this.#moved];
    const hasTurned = this.#hasTurned;
    this.#moved.clear();
    this.#hasTurned = false;
    for (const [id, last] of moved) {
      const reason = this.reasonFor(last);
      this.brood.review(id, last);
      this.orders.heard(id, this.standing.child(id), reason);
    }
    if (hasTurned) this.brood.reviewLimbo();
    if (hasTurned || moved.length > 0) this.statuses.changed();
  }

  /** The machine itself failed: a defect of ours. Nothing may hang on it. */
  #broken(error: unknown): void {
    this.standing.error = brokenError(this.path, error);
    this.standing.announced = 'failed';
    this.#chronicle.ended({ kind: 'crash', cause: this.standing.error.message });
    this.lost();
  }
}
