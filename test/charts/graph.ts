import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { NamedDelays } from './delays.ts';

/** A state with what stands in its box. */
export interface State {
  /** Its path: `idle.free`; '' for the machine itself. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly isFinal: boolean;
  /** The actors that run while the machine is in it. */
  readonly invokes: readonly string[];
  /** What is heard in it, and does not leave it. */
  readonly heard: readonly Cause[];
  /** The path of the state that it begins in, where it has states of its own. */
  readonly initial?: string;
  readonly states: readonly State[];
}

/** All that leads from one state to another: one arrow. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly causes: readonly Cause[];
}

/** What makes a machine move. */
export interface Cause {
  /** The event's type, or '' where a guard alone decides (`always`). */
  readonly event: string;
  readonly guard?: string;
  /** The name of the delay after which the event comes, where a timer sends it. */
  readonly delay?: string;
}

export interface Graph {
  readonly name: string;
  readonly root: State;
  readonly edges: readonly Edge[];
}

/** A machine as states and arrows, from `machine.root`: `toJSON()` and `toDirectedGraph()` lose `always`. */
export function graphOf(name: string, machine: AnyStateMachine, delays: NamedDelays): Graph {
  const root = machine.root as AnyStateNode;
  return { name, root: stateOf(root, delays), edges: withStates(root).flatMap((node) => edgesOf(node, delays)) };
}

/** A state's path: what `snapshot.matches` and `value` say. */
function idOf(node: AnyStateNode): string {
  return node.path.join('.');
}

/** The state and all within it, in the order of the file. */
function withStates(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap((child: AnyStateNode) => withStates(child))];
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...node.transitions.values(), node.always ?? []].flat();
}

function stateOf(node: AnyStateNode, delays: NamedDelays): State {
  // What has neither a target nor an action is there to be not heard.
  const internal = transitionsOf(node).filter(({ target, actions }) => target === undefined && actions.length > 0);
  const [initial] = node.initial?.target ?? [];
  return {
    id: idOf(node),
    name: node.key,
    description: node.description ?? '',
    isFinal: node.type === 'final',
    invokes: node.invoke.map(({ id }) => id),
    heard: distinct(internal.map((transition) => causeOf(transition, delays))),
    ...(initial && { initial: idOf(initial) }),
    states: Object.values(node.states).map((child: AnyStateNode) => stateOf(child, delays)),
  };
}

function edgesOf(node: AnyStateNode, delays: NamedDelays): Edge[] {
  const edges = new Map<string, Edge>();
  for (const transition of transitionsOf(node)) {
    for (const target of transition.target ?? []) {
      const edge = edges.get(target.id) ?? { from: idOf(node), to: idOf(target), causes: [] };
      edges.set(target.id, { ...edge, causes: distinct([...edge.causes, causeOf(transition, delays)]) });
    }
  }
  return [...edges.values()];
}

function causeOf({ eventType: event, guard, source }: AnyTransitionDefinition, delays: NamedDelays): Cause {
  const delay = delays.of(event, source);
  return { event, ...(guard !== undefined && { guard: nameOf(guard) }), ...(delay !== undefined && { delay }) };
}

/** The name of a guard or an action as the machine's file gives it. */
function nameOf(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  if (typeof reference === 'object' && reference !== null && 'type' in reference) return String(reference.type);
  throw new Error('The chart needs names: a guard is a function of its own');
}

/** Two arrows of one text are one, and a guard beside its absence says nothing. */
function distinct(causes: readonly Cause[]): Cause[] {
  const open = new Set(causes.filter(({ guard }) => guard === undefined).map(({ event }) => event));
  const kept = causes.filter(({ event, guard }) => guard === undefined || !open.has(event));
  return [...new Map(kept.map((cause) => [`${cause.event} ${cause.guard}`, cause])).values()];
}
