import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, InspectionEvent } from 'xstate';

/** The name of an edge of a chart: where it starts, on what, and which of the candidates it is. */
function edgeName(edge: AnyTransitionDefinition): string {
  const { source, eventType } = edge;
  const candidates = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
  return `${source.id} on ${eventType || 'always'} #${candidates.indexOf(edge)}`;
}

/** Every edge that a machine's definition has. */
export function edgesOf(machine: AnyStateMachine): string[] {
  const visit = (node: AnyStateNode): string[] => [
    ...[...node.transitions.values()].flat().map(edgeName),
    ...(node.always ?? []).map(edgeName),
    ...Object.values(node.states).flatMap(visit),
  ];
  return visit(machine.root).toSorted();
}

/** An observer for `createActor` that puts each edge the root actor takes into `taken`. */
export function recordEdges(taken: Set<string>): (event: InspectionEvent) => void {
  return (event) => {
    if (event.type !== '@xstate.microstep' || !isRoot(event)) return;
    const { _transitions: edges } = event;
    for (const edge of edges) {
      // The way into an initial state is no edge of the chart.
      if (edge.eventType !== undefined && edge.eventType !== null && edge.eventType !== 'xstate.init') {
        taken.add(edgeName(edge));
      }
    }
  };
}

function isRoot({ rootId, actorRef }: { rootId: string; actorRef: object }): boolean {
  return 'sessionId' in actorRef && actorRef.sessionId === rootId;
}
