import { createActor, type Actor, type ActorRef, type InspectionEvent, type Snapshot } from 'xstate';
import {
  crewMachine,
  lateBound,
  supervisorMachine,
  type Child,
  type ChildInput,
  type ChildState,
  type Exit,
  type SupervisorContext,
  type SupervisorEvent,
  type SupervisorInput,
  type SupervisorState,
} from '../../machines/index.ts';
import type { CheckedSupervisor } from '../options/supervisor-options.ts';
import { clock, poolLogic, type PoolEffects } from '../pool/actors.ts';

/** One run of a supervisor's machine. */
export type SupervisorActor = ActorRef<Snapshot<unknown> & { context: SupervisorContext }, SupervisorEvent>;

/** The effects of the machine of one supervisor, found by the path of its actor; each gets the context as it is then. */
export interface SupervisorEffects {
  enter(state: SupervisorState, context: SupervisorContext, actor: SupervisorActor): void;
  childMoved(child: Child, state: ChildState | 'removed', context: SupervisorContext): void;
  restarting(id: string, exit: Exit | undefined, context: SupervisorContext): void;
  escalated(id: string, cause: string | undefined, context: SupervisorContext): void;
}

/** All actors of one tree, in one actor system; machines carry paths, and everything else is found here by them. */
export class TreeActors {
  readonly pools = new Map<string, PoolEffects>();
  readonly supervisors = new Map<string, SupervisorEffects>();
  /** What the machine of a pool or supervisor is started with, but for who it is. */
  readonly inputs = new Map<string, object>();
  readonly #logic: typeof supervisorMachine;

  constructor() {
    const inputOf = (own: ChildInput) => ({ ...this.inputs.get(own.path), ...own });
    const poolMachine = poolLogic(this.pools);
    const pool = lateBound((own) => ({ logic: poolMachine, input: inputOf(own) }), poolMachine.config);
    const supervisor = lateBound((own) => ({ logic: this.#logic, input: inputOf(own) }), supervisorMachine.config);
    this.#logic = supervisorMachine.provide({
      actors: { crew: crewMachine.provide({ actors: { pool, supervisor } }) },
      actions: {
        announce: ({ context, self }, { state }) => this.#at(context).enter(state, context, self),
        announceChild: ({ context }, { child, state }) => this.#at(context).childMoved(child, state, context),
        announceRestart: ({ context }, { id, exit }) => this.#at(context).restarting(id, exit, context),
        escalate: ({ context }, { id, cause }) => this.#at(context).escalated(id, cause, context),
      },
    });
  }

  /** The actor of the root, not started yet. */
  createRoot({ name }: CheckedSupervisor, inspect?: (event: InspectionEvent) => void): Actor<typeof supervisorMachine> {
    const input = { ...(this.inputs.get(name) as Omit<SupervisorInput, 'path'>), path: name };
    return createActor(this.#logic, { id: name, clock, ...(inspect && { inspect }), input });
  }

  #at({ path }: SupervisorContext): SupervisorEffects {
    const effects = this.supervisors.get(path);
    if (!effects) throw new Error(`No supervisor runs at ${path}`);
    return effects;
  }
}
