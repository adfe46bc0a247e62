import { createRequire } from 'node:module';

/** What elkjs is given and gives back, as far as charts need it: its own types do not pass with `skipLibCheck` off. */
export interface ElkNode extends ElkBox {
  readonly id: string;
  readonly layoutOptions?: Readonly<Record<string, string>>;
  readonly children?: readonly ElkNode[];
  readonly edges?: readonly ElkEdge[];
}

export interface ElkEdge {
  readonly id: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly labels?: readonly ElkLabel[];
  readonly sections?: readonly {
    readonly startPoint: ElkPoint;
    readonly bendPoints?: readonly ElkPoint[];
    readonly endPoint: ElkPoint;
  }[];
}

interface ElkLabel extends ElkBox {
  /** Not shown, and not to be empty. */
  readonly text: string;
  readonly layoutOptions?: Readonly<Record<string, string>>;
}

interface ElkBox {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
}

interface ElkPoint {
  readonly x: number;
  readonly y: number;
}

const require = createRequire(import.meta.url);
const Elk = require('elkjs') as new () => { layout(graph: ElkNode): Promise<ElkNode> };

/** The same graph with places for everything in it. */
export function layOut(graph: ElkNode): Promise<ElkNode> {
  return new Elk().layout(graph);
}
