import type { Row } from './row.ts';

export interface Effort {
  /** Less of everything: a look, in which large amounts are smaller. */
  quick: boolean;
  /** Slices of each peer that count. */
  rounds: number;
  /** ms */
  slice: number;
}

/** Something that is measured, with all its peers: a few rows. */
export interface Scenario {
  readonly name: string;
  measure(effort: Effort): Promise<Row[]>;
}
