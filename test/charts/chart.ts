import type { Box, Chart, DrawnEdge, DrawnState, Point } from './drawing.ts';
import { boxLines, edgeLines } from './boxes.ts';
import { layOut, type ElkEdge, type ElkNode } from './elk.ts';
import { anyLine, elkGraphOf } from './elk-graph.ts';
import type { Graph, State } from './graph.ts';
import { placed } from './text.ts';

/** Lays a chart out. The same graph gives the same chart, to a tenth of a px. */
export async function chartOf(graph: Graph): Promise<Chart> {
  const laidOut = await layOut(elkGraphOf(graph));
  const nodes = new Map(allNodes(laidOut).map((node) => [node.id, node]));
  const edges = allNodes(laidOut).flatMap((node) => node.edges ?? []);
  const of = (kind: string) =>
    [...nodes]
      .filter(([id]) => id.startsWith(`${kind} `))
      .map(([id, node]) => ({ of: id.slice(kind.length + 1), ...boxOf(node) }));
  return {
    name: graph.name,
    ...sizeOf(laidOut),
    states: withStates(graph.root).map((state) => stateOf(state, graph, nodes, edges)),
    anys: of('any').map((any) => ({ ...any, texts: placed([anyLine(any.of)], any.x + 10, any.y + 4) })),
    dots: of('initial').map(({ x, y, width, height }): Point => [round(x + width / 2), round(y + height / 2)]),
    edges: edges.map((edge) => edgeOf(edge, graph)),
  };
}

function allNodes(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(allNodes)];
}

function withStates(state: State): State[] {
  return [state, ...state.states.flatMap(withStates)];
}

function stateOf(
  state: State,
  graph: Graph,
  nodes: ReadonlyMap<string, ElkNode>,
  edges: readonly ElkEdge[],
): DrawnState {
  const lines = boxLines(state, graph);
  const box = boxOf(nodes.get(`state ${state.id}`) ?? {});
  const base = { id: state.id, ...box };
  const head = nodes.get(`head ${state.id}`);
  if (!head) {
    return { ...base, kind: state.isFinal ? 'final' : 'simple', texts: placed(lines, box.x + 11, box.y + 9) };
  }
  const [x, y] = headPlace(box, boxOf(head), nodes, edges);
  return { ...base, kind: state.id === '' ? 'machine' : 'compound', texts: placed(lines, x + 6, y + 4) };
}

/** The upper left corner of the state, unless something is there already. */
function headPlace(box: Box, head: Box, nodes: ReadonlyMap<string, ElkNode>, edges: readonly ElkEdge[]): Point {
  const corner = { ...head, x: round(box.x + 8), y: round(box.y + 6) };
  const others = [...nodes].filter(([id]) => !id.startsWith('head ')).map(([, node]) => boxOf(node));
  const inTheWay = others.some((other) => overlaps(corner, other) && !contains(other, corner));
  const crossed = edges.some((edge) => pairs(pointsOf(edge)).some((segment) => overlaps(corner, spanOf(segment))));
  const { x, y } = inTheWay || crossed ? head : corner;
  return [x, y];
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function contains(outer: Box, inner: Box): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}

function pairs(points: readonly Point[]): (readonly [Point, Point])[] {
  return points.slice(1).map((point, index) => [points[index] as Point, point] as const);
}

function spanOf([[fromX, fromY], [toX, toY]]: readonly [Point, Point]): Box {
  return {
    x: Math.min(fromX, toX) - 3,
    y: Math.min(fromY, toY) - 3,
    width: Math.abs(fromX - toX) + 6,
    height: Math.abs(fromY - toY) + 6,
  };
}

function edgeOf(edge: ElkEdge, { edges }: Graph): DrawnEdge {
  const points = pointsOf(edge);
  const [kind = '', place = ''] = edge.id.split(' ');
  const known = kind === 'edge' ? edges[Number(place)] : undefined;
  if (!known) return { from: place, to: (edge.targets[0] ?? '').slice('state '.length), events: [], points };
  const { from, to, causes } = known;
  const base = { from, to, events: [...new Set(causes.map(({ event }) => event))], points };
  const [label] = edge.labels ?? [];
  if (!label) return base;
  const box = boxOf(label);
  return { ...base, label: { ...box, texts: placed(edgeLines(known), box.x + 6, box.y + 3) } };
}

function pointsOf({ sections = [] }: ElkEdge): Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): Point => [round(x), round(y)]),
  );
}

function boxOf(node: Partial<Box>): Box {
  return { x: round(node.x), y: round(node.y), ...sizeOf(node) };
}

function sizeOf({ width, height }: Partial<Box>): { width: number; height: number } {
  return { width: round(width), height: round(height) };
}

function round(length = 0): number {
  return Math.round(length * 10) / 10;
}
