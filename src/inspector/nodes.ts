import type { AnyActorRef, AnyMachineSnapshot, StateValue } from 'xstate';
import type { Pool } from '../pool/pool.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { isCrew, pathOf } from './actor-paths.ts';
import type { Target } from './probe.ts';
import type { NodeView, PoolView, ShellView, SupervisorView } from './protocol.ts';
import { clip, errorOf } from './shown.ts';

/** What there is to know of a child from above. */
type Above = Pick<PoolView, 'parent' | 'restart' | 'restarts' | 'lastExit'>;

/** Every node of a pool or tree as it is now, each after the one above it. */
export function nodesOf(target: Target, showCommands: boolean): NodeView[] {
  const survey = new Survey(target, showCommands);
  if (target instanceof Supervisor) survey.addSupervisor(target, {});
  else survey.addPool(target, {});
  return survey.nodes;
}

class Survey {
  readonly nodes: NodeView[] = [];
  readonly #machines = new Map<string, AnyMachineSnapshot>();
  readonly #showCommands: boolean;

  constructor(target: Target, showCommands: boolean) {
    this.#showCommands = showCommands;
    try {
      addMachines(target.actor, this.#machines);
    } catch {
      // It has not run yet: there is no actor.
    }
  }

  addSupervisor(supervisor: Supervisor, above: Above): void {
    const { name, path, state, count, restarts, lastError, children } = supervisor.status();
    const { strategy, intensity, period } = this.#contextOf(path) as Partial<SupervisorView>;
    const error = errorOf(lastError, this.#showCommands);
    this.nodes.push({
      type: 'supervisor',
      path,
      ...above,
      name: nameOf(path, above) ?? name,
      active: this.#activeOf(path),
      state,
      strategy,
      intensity,
      period,
      recentRestarts: restarts,
      count,
      ...(error && { lastError: error }),
    });
    for (const { id, type, restart, restarts: again, lastExit } of children) {
      const below = { parent: path, restart, restarts: again, ...(lastExit && { lastExit: lastExit.reason }) };
      try {
        if (type === 'supervisor') this.addSupervisor(supervisor.supervisor(id), below);
        else this.addPool(supervisor.pool(id), below);
      } catch {
        // It was deleted in the present step.
      }
    }
  }

  addPool(pool: Exclude<Target, Supervisor>, above: Above): void {
    const { path } = pool;
    const { state, size, idle, busy, queued, lastError, shells } = pool.status();
    const { commands, shells: counts } = pool.metrics();
    const { min, max } = this.#contextOf(path) as Partial<PoolView>;
    const error = errorOf(lastError, this.#showCommands);
    this.nodes.push({
      type: 'pool',
      path,
      ...above,
      name: nameOf(path, above) ?? pool.name,
      active: this.#activeOf(path),
      state,
      min,
      max,
      size,
      idle,
      busy,
      queued,
      finished: commands.finished,
      failed: commands.failed,
      rejected: commands.rejected,
      spawned: counts.spawned,
      lost: counts.invalid,
      ...(error && { lastError: error }),
    });
    for (const shell of shells) this.#addShell(shell, path);
  }

  #addShell(
    { id, pid, state, since, uses, running }: ReturnType<Pool['status']>['shells'][number],
    pool: string,
  ): void {
    const path = `${pool}/${id}`;
    const view: ShellView = {
      type: 'shell',
      path,
      parent: pool,
      name: id,
      active: this.#activeOf(path),
      state,
      pid,
      since,
      uses,
    };
    if (running) {
      const { command, ...rest } = running;
      view.running = { ...rest, ...(this.#showCommands && { command: clip(command) }) };
    }
    this.nodes.push(view);
  }

  #contextOf(path: string): object {
    return (this.#machines.get(path)?.context as object | undefined) ?? {};
  }

  #activeOf(path: string): string[] {
    const snapshot = this.#machines.get(path);
    return snapshot ? idsOf(snapshot.value) : [];
  }
}

function nameOf(path: string, { parent }: Above): string | undefined {
  return parent === undefined ? undefined : path.slice(parent.length + 1);
}

function addMachines(ref: AnyActorRef, machines: Map<string, AnyMachineSnapshot>): void {
  const snapshot = ref.getSnapshot() as Partial<AnyMachineSnapshot> | undefined;
  if (!snapshot?.machine) return;
  if (!isCrew(ref)) machines.set(pathOf(ref), snapshot as AnyMachineSnapshot);
  for (const child of Object.values(snapshot.children ?? {})) if (child) addMachines(child as AnyActorRef, machines);
}

/** The states that a value says, outer ones first: `idle`, `idle.free`. */
function idsOf(value: StateValue, above = ''): string[] {
  if (typeof value === 'string') return [`${above}${value}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const id = `${above}${key}`;
    return inner === undefined ? [id] : [id, ...idsOf(inner, `${id}.`)];
  });
}
