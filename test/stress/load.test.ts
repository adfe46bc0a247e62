import { expect, test } from 'vitest';
import { openPool, record } from '../support/pools.ts';

test('10,000 commands from 100 callers on 4 shells are answered, each with its own answer', async () => {
  const pool = openPool({ min: 4, max: 4 });
  const ends = record(pool, 'command.finished', 'command.rejected');
  const wrong: string[] = [];
  let next = 0;
  const call = async (): Promise<void> => {
    while (next < 10_000) {
      const question = questions[next % questions.length]!(`token-${next++}`);
      const { stdout, stderr, exitCode } = await pool.exec(question.command);
      const answer = { stdout, stderr, exitCode };
      const right = { stdout: '', stderr: '', exitCode: 0, ...question.answer };
      if (JSON.stringify(answer) !== JSON.stringify(right))
        wrong.push(`${question.command}: ${JSON.stringify(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: 100 }, call));

  expect(wrong).toEqual([]);
  expect(pool.metrics().commands).toMatchObject({ submitted: 10_000, finished: 10_000, rejected: 0 });
  const { shells } = pool.status();
  expect(shells.reduce((sum, { uses }) => sum + uses, 0)).toBe(10_000);
  expect(ends.length).toBe(10_000);
  expect(new Set(ends.map(({ commandId }) => commandId)).size).toBe(10_000);
});

interface Question {
  command: string;
  answer: { stdout?: string; stderr?: string; exitCode?: number };
}

const questions: readonly ((token: string) => Question)[] = [
  (token) => ({ command: `echo ${token}`, answer: { stdout: `${token}\n` } }),
  (token) => ({ command: `printf %s ${token} >&2`, answer: { stderr: token } }),
  (token) => ({ command: `echo ${token}; (exit 3)`, answer: { stdout: `${token}\n`, exitCode: 3 } }),
  (token) => ({
    command: `echo ${token}; echo 日本語-${token} >&2`,
    answer: { stdout: `${token}\n`, stderr: `日本語-${token}\n` },
  }),
  (token) => ({ command: `x=${token}; printf '%s\\0%s' "$x" "$x"`, answer: { stdout: `${token}\0${token}` } }),
  (token) => ({ command: `cat; echo ${token}`, answer: { stdout: `${token}\n` } }),
  (token) => ({
    command: `for i in 1 2 3; do printf ${token}; printf $i >&2; done`,
    answer: { stdout: token.repeat(3), stderr: '123' },
  }),
];
