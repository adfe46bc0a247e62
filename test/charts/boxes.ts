import { isFolded } from './folding.ts';
import type { Cause, Edge, Graph, State } from './graph.ts';
import { labelOf, wrap, type Line } from './text.ts';

/** What stands in a state's box, from the top. */
export function boxLines(state: State, graph: Graph): Line[] {
  const width = boxWidth(state);
  const exits = graph.edges.filter((edge) => edge.from === state.id && isFolded(graph, edge));
  return [
    { kind: state.id === '' ? 'title' : 'name', text: state.name },
    ...wrap('note', state.description, width),
    ...state.invokes.map((id): Line => ({ kind: 'small', text: `runs ${id}` })),
    ...exits.flatMap((edge) => exitLines(edge, width)),
    ...heardLines(state, width),
  ];
}

/** What stands on an arrow, from the top. */
export function edgeLines({ causes }: Edge): Line[] {
  return causes.flatMap(({ delay, ...cause }: Cause) => [
    { kind: 'event' as const, text: labelOf(cause) },
    ...(delay === undefined ? [] : [{ kind: 'small' as const, text: `after ${delay}` }]),
  ]);
}

/** The px that text may take before it is wrapped. */
function boxWidth({ id, states }: State): number {
  if (id === '') return 260;
  return states.length > 0 ? 160 : 150;
}

function exitLines({ to, causes }: Edge, width: number): Line[] {
  return wrap('exit', `→ ${to}: ${causes.map(labelOf).join(', ')}`, width);
}

/** One by one in a state of its own; one after the other where there are many. */
function heardLines({ heard, states }: State, width: number): Line[] {
  const labels = heard.map(labelOf);
  if (states.length === 0) return labels.map((label) => ({ kind: 'small', text: `↻ ${label}` }));
  return labels.length === 0 ? [] : wrap('small', `↻ ${labels.join(', ')}`, width);
}
