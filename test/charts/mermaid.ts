import type { Graph, State } from './graph.ts';
import { labelOf } from './text.ts';

/** The chart as Mermaid: all arrows with all that they are taken on. */
export function mermaidOf(graph: Graph): string {
  return ['stateDiagram-v2', ...insideOf(graph.root, graph, '  ')].join('\n');
}

function insideOf(state: State, graph: Graph, indent: string): string[] {
  const { initial, states } = state;
  // Each arrow stands in the innermost state that has both its ends.
  const edges = graph.edges.filter(({ from, to }) => commonOf(from, to) === state.id);
  const leadsInside = edges.some(({ from }) => from === state.id);
  return [
    ...states.flatMap((child) => declarationOf(child, graph)),
    ...(leadsInside ? [`state "${state.id === '' ? 'any state' : 'any of these'}" as ${anyName(state.id)}`] : []),
    ...(initial === undefined ? [] : [`[*] --> ${nameOf(initial)}`]),
    ...edges.map(({ from, to, causes }) => {
      const source = from === state.id ? anyName(from) : nameOf(from);
      return `${source} --> ${nameOf(to)} : ${causes.map(labelOf).join(', ')}`;
    }),
    ...states.filter(({ isFinal }) => isFinal).map(({ id }) => `${nameOf(id)} --> [*]`),
  ].map((line) => indent + line);
}

function declarationOf(state: State, graph: Graph): string[] {
  const { id, name, states } = state;
  const alias = nameOf(id) === name ? [] : [`state "${name}" as ${nameOf(id)}`];
  if (states.length === 0) return alias;
  return [...alias, `state ${nameOf(id)} {`, ...insideOf(state, graph, '  '), '}'];
}

/** The innermost state around both, or the one of them that is around the other. */
function commonOf(from: string, to: string): string {
  const [a, b] = [from.split('.'), to.split('.')];
  const length = a.findIndex((part, index) => part !== b[index]);
  return from === '' ? '' : a.slice(0, length === -1 ? a.length : length).join('.');
}

/** Names of states are known in the whole of a Mermaid chart. */
function nameOf(id: string): string {
  return id.replaceAll('.', '_');
}

function anyName(id: string): string {
  return id === '' ? 'any_state' : `any_${nameOf(id)}`;
}
