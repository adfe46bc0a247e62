import { layOut, type ElkEdge, type ElkNode } from './elk.ts';
import type { Edge, Graph, State } from './graph.ts';

/** A rectangle in px from a chart's upper left corner. */
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Point = [x: number, y: number];

/** A chart as the inspector's page draws it: names only, since what happens is seen there and need not be read. */
interface PageChart {
  width: number;
  height: number;
  /** Those around others before what is in them. `id` is the path, as in `idle.free`. */
  states: ({ id: string; name: string; about: string; kind: 'atomic' | 'compound' | 'final' } & Box)[];
  /** Where a state begins, and where what is taken in whatever state of one begins. */
  marks: ({ kind: 'initial' | 'any' } & Box)[];
  /** One for each pair of states; '' is the machine itself. */
  edges: { from: string; to: string; events: string[]; points: Point[] }[];
  /** From each initial mark to the state that is entered first. */
  beginnings: Point[][];
}

/** For wide and for narrow screens. */
const directions = { wide: 'RIGHT', tall: 'DOWN' } as const;

const options = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.mergeEdges': 'true',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '9',
};

/** The charts of the inspector's page by the name of the machine, as text. */
export async function pageCharts(graphs: readonly Graph[]): Promise<string> {
  const charts = graphs.map(async (graph) => {
    const [wide, tall] = await Promise.all([chartOf(graph, directions.wide), chartOf(graph, directions.tall)]);
    return [graph.name, { wide, tall }] as const;
  });
  return `${JSON.stringify(Object.fromEntries(await Promise.all(charts)))}\n`;
}

async function chartOf({ root, edges }: Graph, direction: string): Promise<PageChart> {
  const states = withStates(root);
  const laidOut = await layOut({
    id: 'chart',
    layoutOptions: { ...options, 'elk.direction': direction },
    children: childrenOf(root, edges),
    edges: [...edges.map(toElkEdge), ...states.flatMap(beginningOf)],
  });
  const boxes = new Map(withChildren(laidOut).map((node) => [node.id, boxOf(node)]));
  const routes = new Map(laidOut.edges?.map((edge) => [edge.id, pointsOf(edge)]));
  const { width, height } = boxOf(laidOut);
  return {
    width,
    height,
    states: states.slice(1).map((state) => ({
      id: state.id,
      name: state.name,
      about: state.description,
      kind: state.isFinal ? 'final' : isCompound(state) ? 'compound' : 'atomic',
      ...(boxes.get(`state ${state.id}`) as Box),
    })),
    marks: [...boxes].flatMap(([id, box]) => {
      const [kind] = id.split(' ');
      return kind === 'initial' || kind === 'any' ? [{ kind, ...box } as const] : [];
    }),
    edges: edges.map(({ from, to, causes }, index) => ({
      from,
      to,
      events: [...new Set(causes.map(({ event }) => event))],
      points: routes.get(`edge ${index}`) ?? [],
    })),
    beginnings: states.filter(isCompound).map(({ id }) => routes.get(`beginning ${id}`) ?? []),
  };
}

/** What leads from a state to one within it begins at a mark there. */
function isInward({ from, to }: Edge): boolean {
  return from === '' || to.startsWith(`${from}.`);
}

function toElkEdge(edge: Edge, index: number): ElkEdge {
  const source = `${isInward(edge) ? 'any' : 'state'} ${edge.from}`;
  return { id: `edge ${index}`, sources: [source], targets: [`state ${edge.to}`] };
}

function beginningOf({ id, initial }: State): ElkEdge[] {
  if (initial === undefined) return [];
  return [{ id: `beginning ${id}`, sources: [`initial ${id}`], targets: [`state ${initial}`] }];
}

function childrenOf(state: State, edges: readonly Edge[]): ElkNode[] {
  const marks = [`initial ${state.id}`];
  if (edges.some((edge) => edge.from === state.id && isInward(edge))) marks.push(`any ${state.id}`);
  return [
    ...marks.map((id) => ({ id, width: 10, height: 10 })),
    ...state.states.map((child) => toElkNode(child, edges)),
  ];
}

function toElkNode(state: State, edges: readonly Edge[]): ElkNode {
  const id = `state ${state.id}`;
  if (!isCompound(state)) return { id, width: Math.max(76, 22 + 7.8 * state.name.length), height: 34 };
  return {
    id,
    layoutOptions: { 'elk.padding': '[top=34,left=14,bottom=14,right=14]' },
    children: childrenOf(state, edges),
  };
}

function withStates(state: State): State[] {
  return [state, ...state.states.flatMap(withStates)];
}

function isCompound({ states }: State): boolean {
  return states.length > 0;
}

function withChildren(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(withChildren)];
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: ElkNode): Box {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function pointsOf({ sections = [] }: ElkEdge): Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): Point => [round(x), round(y)]),
  );
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}
