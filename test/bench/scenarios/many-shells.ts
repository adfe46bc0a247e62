import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Pool } from 'shellwright';
import { contest } from '../contest.ts';
import { openPool, peerOf } from '../peers/ours.ts';
import type { Peer } from '../peers/peer.ts';
import { atMost, flatAtLeast, flatAtMost, rowOf, skippedRow, type Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { whyTooMany } from './limits.ts';
import { callers, slice } from './slice.ts';

/** Pools of many shells: what an idle one takes of Node's heap, and whether it costs those that work. */
export const manyShells: readonly Scenario[] = [
  { name: '500 idle shells', measure: (effort) => measure('500 idle shells', 500, effort) },
  {
    name: '2,000 idle shells',
    measure: async (effort) =>
      effort.quick
        ? [skippedRow({ scenario: '2,000 idle shells', ...dispatched }, 'not with --quick')]
        : measure('2,000 idle shells', 2_000, effort),
  },
];

const dispatched = { quantity: 'commands/s', peer: 'a pool of 1' } as const;

async function measure(
  name: string,
  amount: number,
  { rounds, slice: ms }: { rounds: number; slice: number },
): Promise<Row[]> {
  const why = whyTooMany(amount);
  if (why !== undefined) return [skippedRow({ scenario: name, ...dispatched }, why)];
  const small = await openPool(1);
  const before = await heapInUse();
  // They all start at once, and wait for each other.
  const pool = await openPool(amount, { initTimeout: 300_000 });
  try {
    const perShell = ((await heapInUse()) - before) / amount / 1_000;
    const rows = await contest({
      scenario: name,
      rounds,
      warmups: 2,
      ours: { name: 'ours', attempt: () => slice(askOnly(pool), callers(1), ms) },
      rivals: [
        {
          name: dispatched.peer,
          goals: { 'commands/s': flatAtLeast, 'Node µs/command': flatAtMost },
          attempt: () => slice(askOnly(small), callers(1), ms),
        },
      ],
    });
    return [
      rowOf({
        scenario: name,
        quantity: 'heap kB/shell',
        peer: '50 kB',
        goal: atMost(1),
        ours: [perShell],
        theirs: [50],
      }),
      ...rows,
    ];
  } finally {
    await Promise.all([small.close(), pool.close({ timeout: 60_000 })]);
  }
}

/** Without its pids: to look at hundreds of processes is work. */
function askOnly(pool: Pool): Peer {
  return { ...peerOf(pool), pids: undefined };
}

/** Bytes in use when all that is unused is gone. */
export async function heapInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let time = 0; time < 3; time++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}
