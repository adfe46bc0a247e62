import { peers, type Peer, type PeerName } from './peers.ts';
import type { Scenario } from './scenarios.ts';

export interface Effort {
  /** Slices of each peer that count. */
  rounds: number;
  /** ms */
  slice: number;
}

/** What one peer did in one slice. */
interface Slice {
  /** Commands per second. */
  rate: number;
  /** Of Node's CPU per command, µs; the shells' own is not in it. */
  cpu: number;
}

/** The median, and the quartiles around it. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

export interface PeerFigures {
  name: PeerName;
  rate: Spread;
  cpu: Spread;
  /** Our rate over its rate in the same round, and our CPU over its CPU. */
  ours: { rate: Spread; cpu: Spread };
  answers: number;
  /** Anything in here voids the figures. */
  wrong: string[];
}

export interface Figures {
  scenario: string;
  peers: PeerFigures[];
}

/**
 * Measures all peers in turn, slice by slice (A B C A B C …): a machine that is busy for a while is so for all of them, and the ratios
 * within a round hold where absolute times do not.
 */
export async function measure(scenario: Scenario, { rounds, slice }: Effort): Promise<Figures> {
  const runs = await Promise.all(
    scenario.peers.map(async (name) => ({
      name,
      peer: await peers[name](scenario.shells),
      slices: [] as Slice[],
      answers: 0,
      wrong: [] as string[],
    })),
  );
  // The first rounds warm up: the answers count, the times do not.
  for (let round = -2; round < rounds; round++) {
    for (const run of runs) {
      const { tally, ...taken } = await measureSlice(scenario, run.peer, slice);
      run.answers += tally.asked;
      run.wrong.push(...tally.wrong);
      if (round >= 0) run.slices.push(taken);
    }
  }
  await Promise.all(runs.map(({ peer }) => peer.close()));
  const [ours] = runs as [(typeof runs)[number]];
  return {
    scenario: scenario.name,
    peers: runs.map(({ name, slices, answers, wrong }) => ({
      name,
      rate: spread(slices.map(({ rate }) => rate)),
      cpu: spread(slices.map(({ cpu }) => cpu)),
      ours: { rate: ratios(ours.slices, slices, 'rate'), cpu: ratios(ours.slices, slices, 'cpu') },
      answers,
      wrong,
    })),
  };
}

async function measureSlice(scenario: Scenario, peer: Peer, ms: number) {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const tally = await scenario.run(peer, () => performance.now() - start >= ms);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { tally, rate: (tally.asked / elapsed) * 1_000, cpu: (user + system) / tally.asked };
}

function ratios(ours: readonly Slice[], theirs: readonly Slice[], key: keyof Slice): Spread {
  return spread(ours.map((slice, round) => slice[key] / (theirs[round]?.[key] ?? Number.NaN)));
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (fraction: number): number => sorted[Math.round((sorted.length - 1) * fraction)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
