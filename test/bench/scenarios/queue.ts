import type { Pool } from 'shellwright';
import { contest, type Figures } from '../contest.ts';
import { openPool } from '../peers/ours.ts';
import { expectAnswer, nextQuestion, withoutNewline } from '../questions.ts';
import { flatAtMost } from '../row.ts';
import type { Scenario } from '../scenario.ts';

/** Many commands given at once to a few shells, beside fewer of them: the cost of one must not depend on how many wait. */
export const queues: readonly Scenario[] = [queueOf(10_000, 3, 9), queueOf(100_000, 1, 3)];

/** Many sessions asked for at once, beside fewer. */
export const sessions: Scenario = {
  name: '1,000 sessions waiting',
  measure: async ({ quick }) => {
    const pool = await openPool(4);
    try {
      return await contest({
        scenario: sessions.name,
        rounds: quick ? 5 : 15,
        ours: { name: 'ours', attempt: () => wait(pool, 1_000, 1) },
        rivals: [{ name: '100 waiting', goals: { 'µs/session': flatAtMost }, attempt: () => wait(pool, 100, 10) }],
      });
    } finally {
      await pool.close();
    }
  },
};

function queueOf(amount: number, quickRounds: number, fullRounds: number): Scenario {
  const name = `${amount.toLocaleString('en')} queued commands`;
  return {
    name,
    measure: async ({ quick }) => {
      const pool = await openPool(4);
      try {
        return await contest({
          scenario: name,
          rounds: quick ? quickRounds : fullRounds,
          warmups: quick && amount > 10_000 ? 0 : 1,
          ours: { name: 'ours', attempt: () => queue(pool, amount, 1) },
          rivals: [
            {
              name: '1,000 queued',
              goals: { 'µs/command': flatAtMost, 'Node µs/command': flatAtMost },
              attempt: () => queue(pool, 1_000, quick ? 5 : amount / 1_000),
            },
          ],
        });
      } finally {
        await pool.close();
      }
    },
  };
}

async function queue(pool: Pool, amount: number, times: number): Promise<Figures> {
  const before = process.cpuUsage();
  const start = performance.now();
  for (let time = 0; time < times; time++) {
    const questions = Array.from({ length: amount }, nextQuestion);
    const results = await Promise.all(questions.map(({ command }) => pool.exec(command)));
    questions.forEach((question, index) => expectAnswer(question, withoutNewline(results[index]?.stdout ?? '')));
  }
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return {
    'µs/command': (elapsed * 1_000) / (amount * times),
    'Node µs/command': (user + system) / (amount * times),
  };
}

/** All shells are held until all sessions wait; each then has one command. */
async function wait(pool: Pool, amount: number, times: number): Promise<Figures> {
  const start = performance.now();
  for (let time = 0; time < times; time++) {
    const held = await Promise.all(Array.from({ length: 4 }, () => pool.acquire()));
    const waiting = Array.from({ length: amount }, async () => {
      const question = nextQuestion();
      const session = await pool.acquire();
      expectAnswer(question, withoutNewline((await session.exec(question.command)).stdout));
      await session.release();
    });
    if (pool.status().queued !== amount) throw new Error(`${pool.status().queued} sessions of ${amount} wait`);
    await Promise.all(held.map((session) => session.release()));
    await Promise.all(waiting);
  }
  return { 'µs/session': ((performance.now() - start) * 1_000) / (amount * times) };
}
