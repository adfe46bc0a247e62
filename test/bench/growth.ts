import type { Pool } from 'shellwright';
import { openPool } from './peers/ours.ts';
import { expectAnswer, nextQuestion, withoutNewline } from './questions.ts';
import { heapInUse } from './scenarios/many-shells.ts';
import { whyTooMany } from './scenarios/limits.ts';

const header = ['', 'commands/s', 'p50 ms', 'p99 ms', 'heap MB', 'RSS MB'];

/** How the figures of one pool grow with its shells, its callers and its queue: a table in Markdown. Every answer is checked. */
export async function growth(): Promise<string> {
  const rows: string[][] = [];
  for (const shells of [1, 4, 16, 64, 250, 500, 1_000, 2_000])
    rows.push(whyTooMany(shells) === undefined ? await withShells(shells) : [counted(shells, 'shell'), ...empty]);
  const pool = await openPool(4);
  for (const callers of [1, 4, 16, 64, 256, 1_024])
    rows.push(await withCallers(pool, callers, `4 shells, ${counted(callers, 'caller')}`));
  for (const waiting of [100, 1_000, 10_000, 100_000]) rows.push(await withQueue(pool, waiting));
  await pool.close();
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const empty = header.slice(1).map(() => 'too many here');

async function withShells(shells: number): Promise<string[]> {
  const before = await usage();
  const pool = await openPool(shells, { initTimeout: 300_000 });
  try {
    return await withCallers(pool, 4, `${counted(shells, 'shell')}, 4 callers`, before);
  } finally {
    await pool.close({ timeout: 60_000 });
  }
}

interface Usage {
  heap: number;
  rss: number;
}

/** For a second, after a quarter of one that does not count. */
async function withCallers(
  pool: Pool,
  callers: number,
  name: string,
  before: Usage = { heap: 0, rss: 0 },
): Promise<string[]> {
  await ask(pool, callers, 250);
  const times = await ask(pool, callers, 1_000);
  return row(name, times, times.length, before);
}

async function ask(pool: Pool, callers: number, ms: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + ms;
  const call = async (): Promise<void> => {
    while (performance.now() < end) times.push(await timed(pool));
  };
  await Promise.all(Array.from({ length: callers }, call));
  return times;
}

/** All given at once: what they wait is part of their time. */
async function withQueue(pool: Pool, waiting: number): Promise<string[]> {
  const start = performance.now();
  const times = await Promise.all(Array.from({ length: waiting }, () => timed(pool)));
  return row(
    `4 shells, ${waiting.toLocaleString('en')} queued at once`,
    times,
    (waiting / (performance.now() - start)) * 1_000,
    {
      heap: 0,
      rss: 0,
    },
  );
}

async function timed(pool: Pool): Promise<number> {
  const question = nextQuestion();
  const start = performance.now();
  const { stdout } = await pool.exec(question.command);
  const time = performance.now() - start;
  expectAnswer(question, withoutNewline(stdout));
  return time;
}

async function row(name: string, times: readonly number[], rate: number, before: Usage): Promise<string[]> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(2);
  const { heap, rss } = await usage();
  return [
    name,
    Math.round(rate).toLocaleString('en'),
    at(0.5),
    at(0.99),
    (heap - before.heap).toFixed(1),
    (rss - before.rss).toFixed(0),
  ];
}

async function usage(): Promise<Usage> {
  return { heap: (await heapInUse()) / 1e6, rss: process.memoryUsage().rss / 1e6 };
}

function counted(amount: number, what: string): string {
  return `${amount.toLocaleString('en')} ${what}${amount === 1 ? '' : 's'}`;
}
