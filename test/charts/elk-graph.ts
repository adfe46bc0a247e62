import { boxLines, edgeLines } from './boxes.ts';
import type { ElkEdge, ElkNode } from './elk.ts';
import { isFolded } from './folding.ts';
import type { Edge, Graph, State } from './graph.ts';
import { heightOf, widest, type Line } from './text.ts';

/** A chart for ELK. The first word of an id says what it is of, the rest is a path, or the place in `graph.edges`. */
export function elkGraphOf(graph: Graph): ElkNode {
  const edges = [...graph.edges.flatMap((edge, index) => edgeOf(edge, index, graph)), ...initialEdges(graph.root)];
  return { id: 'chart', layoutOptions: options, children: [{ ...nodeOf(graph.root, graph), edges }] };
}

/** The text of a state that has states in it stands at its top; elsewhere it is the box. */
export const padding = { x: 11, y: 9 };
const headPadding = { x: 6, y: 4 };

/** For each graph within a graph anew, since they inherit nothing. */
const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.thoroughness': '60',
  'elk.layered.spacing.nodeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.nodeNode': '14',
  'elk.spacing.edgeNode': '11',
  'elk.spacing.edgeEdge': '9',
  'elk.spacing.edgeLabel': '3',
};

function nodeOf(state: State, graph: Graph): ElkNode {
  const lines = boxLines(state, graph);
  const id = `state ${state.id}`;
  if (state.states.length === 0) return { id, ...sizeOf(lines, padding, 76) };
  return {
    id,
    layoutOptions: { ...options, 'elk.padding': '[top=10,left=12,bottom=14,right=14]' },
    children: [
      // A node of its own, so that no arrow crosses it.
      {
        id: `head ${state.id}`,
        ...sizeOf(lines, headPadding),
        layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' },
      },
      ...(state.initial === undefined ? [] : [{ id: `initial ${state.id}`, width: 12, height: 12 }]),
      ...(leadsInside(state, graph)
        ? [{ id: `any ${state.id}`, ...sizeOf([anyLine(state.id)], { x: 10, y: 4 }) }]
        : []),
      ...state.states.map((child) => nodeOf(child, graph)),
    ],
  };
}

/** What the chart says where an arrow leads away from whatever state within one the machine is in. */
export function anyLine(of: string): Line {
  return { kind: 'small', text: of === '' ? 'any state' : 'any of these' };
}

function edgeOf(edge: Edge, index: number, graph: Graph): ElkEdge[] {
  const { from, to } = edge;
  const ends = {
    id: `edge ${index}`,
    sources: [`${isInside(edge) ? 'any' : 'state'} ${from}`],
    targets: [`state ${to}`],
  };
  // That of the whole machine is told in its head alone.
  if (isFolded(graph, edge)) return from === '' ? [] : [ends];
  const layoutOptions = { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' };
  const label = { text: `label ${index}`, ...sizeOf(edgeLines(edge), { x: 6, y: 3 }), layoutOptions };
  return [{ ...ends, labels: [label] }];
}

function initialEdges({ id, initial, states }: State): ElkEdge[] {
  const below = states.flatMap(initialEdges);
  if (initial === undefined) return below;
  return [{ id: `initial ${id}`, sources: [`initial ${id}`], targets: [`state ${initial}`] }, ...below];
}

function leadsInside({ id }: State, graph: Graph): boolean {
  return graph.edges.some((edge) => edge.from === id && isInside(edge) && !isFolded(graph, edge));
}

/** Whether an arrow leads from a state to one within it. */
function isInside({ from, to }: Edge): boolean {
  return from === '' || to.startsWith(`${from}.`);
}

function sizeOf(
  lines: readonly Line[],
  { x, y }: { x: number; y: number },
  min = 0,
): { width: number; height: number } {
  return { width: Math.max(widest(lines) + 2 * x, min), height: heightOf(lines) + 2 * y };
}
