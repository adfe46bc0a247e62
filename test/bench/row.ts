import { ratios, spread, type Spread } from './spread.ts';

/** What is measured, with its unit, and which way is better. */
const better = {
  'commands/s': 'more',
  'MiB/s': 'more',
  'Node µs/command': 'less',
  'shell µs/command': 'less',
  'µs/command': 'less',
  'µs/session': 'less',
  ms: 'less',
  'RSS MiB': 'less',
  'heap kB/shell': 'less',
} as const;

export type Quantity = keyof typeof better;

/** A limit to the ratio of our figure to the peer's. `flat`: the peer is ourselves with less to do, and what is better than even is chance. */
export type Goal = ({ readonly atLeast: number } | { readonly atMost: number }) & { readonly flat?: boolean };

/** One line of the table: one quantity of one scenario, beside one peer. */
export interface Row {
  scenario: string;
  quantity: Quantity;
  ours: Spread;
  peer: string;
  theirs: Spread;
  /** Ours over theirs. */
  ratio: Spread;
  /** None where it is only good to know. */
  goal?: Goal | undefined;
  /** Answers that were wrong or missing: anything in here voids the figures. */
  wrong: string[];
  /** Why there are no figures. */
  skipped?: string | undefined;
}

/** What a row is about, and the values of its rounds. */
export interface Measured {
  scenario: string;
  quantity: Quantity;
  peer: string;
  goal?: Goal | undefined;
  ours: readonly number[];
  theirs: readonly number[];
  wrong?: string[];
}

export const atLeast = (limit: number): Goal => ({ atLeast: limit });
export const atMost = (limit: number): Goal => ({ atMost: limit });

/** Within 20 % of what it is with less to do, or better. */
export const flatAtLeast: Goal = { atLeast: 0.8, flat: true };
export const flatAtMost: Goal = { atMost: 1.2, flat: true };

/** The row of what was measured. */
export function rowOf({ ours, theirs, wrong = [], ...about }: Measured): Row {
  return { ...about, ours: spread(ours), theirs: spread(theirs), ratio: ratios(ours, theirs), wrong };
}

/** A row without figures, and why. */
export function skippedRow(about: Pick<Row, 'scenario' | 'quantity' | 'peer'>, skipped: string): Row {
  return { ...rowOf({ ...about, ours: [], theirs: [] }), skipped };
}

/** A row whose figures are void. */
export function voidRow(about: Pick<Row, 'scenario' | 'quantity' | 'peer'>, wrong: string): Row {
  return rowOf({ ...about, ours: [], theirs: [], wrong: [wrong] });
}

/** The same in every run. */
export function nameOf({ scenario, quantity, peer }: Pick<Row, 'scenario' | 'quantity' | 'peer'>): string {
  return `${scenario} · ${quantity} · ${peer}`;
}

/** Whether its figures mean something. */
export function isValid({ wrong, skipped, ratio }: Row): boolean {
  return wrong.length === 0 && skipped === undefined && Number.isFinite(ratio.median);
}

/** undefined where there is no goal, or nothing to hold against it. */
export function isMet(row: Row): boolean | undefined {
  const { goal, ratio } = row;
  if (goal === undefined || row.skipped !== undefined) return undefined;
  if (!isValid(row)) return false;
  return 'atLeast' in goal ? ratio.median >= goal.atLeast : ratio.median <= goal.atMost;
}

/** How good a ratio is, whichever way its quantity goes: twice as good is twice as high. */
export function gain(quantity: Quantity, ratio: number): number {
  return better[quantity] === 'more' ? ratio : 1 / ratio;
}
