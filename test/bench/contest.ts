import { rowOf, type Goal, type Quantity, type Row } from './row.ts';

/** What one attempt gave. */
export type Figures = Partial<Record<Quantity, number>>;

/** A party to a contest. */
export interface Side {
  name: string;
  /** Rejects when an answer was wrong or missing: its figures are void then. */
  attempt(): Promise<Figures>;
}

/** A side that we are measured against: what of it makes a row, and the goal of that row, if any. */
export interface Rival extends Side {
  goals: Partial<Record<Quantity, Goal | undefined>>;
}

export interface Contest {
  scenario: string;
  /** Those that count. */
  rounds: number;
  /** Those before them: their answers count, their figures do not. @default 1 */
  warmups?: number;
  ours: Side;
  rivals: readonly Rival[];
}

interface Run {
  side: Side;
  figures: Figures[];
  wrong: string[];
}

/**
 * Measures all sides in turn, round by round: a machine that is busy for a while is so for all of them, and the ratios within a round
 * hold where absolute figures do not. Every other round goes the other way (A B C C B A …): nobody always follows the same one, and
 * pays for what that left behind.
 */
export async function contest({ scenario, rounds, warmups = 1, ours, rivals }: Contest): Promise<Row[]> {
  const our: Run = { side: ours, figures: [], wrong: [] };
  const others = rivals.map((side) => ({ side, figures: [], wrong: [] }) satisfies Run as Run & { side: Rival });
  const runs: Run[] = [our, ...others];
  for (let round = -warmups; round < rounds; round++)
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) await attempt(run, round >= 0);
  return others.flatMap(({ side, figures, wrong }) =>
    (Object.keys(side.goals) as Quantity[])
      .filter((quantity) => [...our.figures, ...figures].every((given) => given[quantity] !== undefined))
      .map((quantity) =>
        rowOf({
          scenario,
          quantity,
          peer: side.name,
          goal: side.goals[quantity],
          ours: our.figures.map((given) => given[quantity] as number),
          theirs: figures.map((given) => given[quantity] as number),
          wrong: [...our.wrong, ...wrong],
        }),
      ),
  );
}

/** Nothing more of a side that was wrong once. */
async function attempt({ side, figures, wrong }: Run, counts: boolean): Promise<void> {
  if (wrong.length > 0) return;
  try {
    const given = await side.attempt();
    if (counts) figures.push(given);
  } catch (error) {
    wrong.push(`${side.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
