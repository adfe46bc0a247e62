import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contest, type Figures } from '../contest.ts';
import { openPool } from '../peers/ours.ts';
import { expectAnswer, nextQuestion, withoutNewline } from '../questions.ts';
import { atMost } from '../row.ts';
import type { Scenario } from '../scenario.ts';

/** A command of 1 MB, beside writing the same to a file that the same shell then sources. */
export const longText: Scenario = {
  name: '1 MB of command text',
  measure: async ({ rounds }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const file = join(folder, 'command');
    const pool = await openPool(1);
    const run = async (command: string): Promise<string> => withoutNewline((await pool.exec(command)).stdout);
    try {
      return await contest({
        scenario: longText.name,
        rounds,
        ours: { name: 'ours', attempt: () => timed(run) },
        rivals: [
          {
            name: 'a file that is sourced',
            goals: { ms: atMost(2) },
            attempt: () => timed((text) => writeFile(file, text).then(() => run(`. ${file}`))),
          },
        ],
      });
    } finally {
      await pool.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** One word of almost 1 MB, and as the answer how much of it came, with a word of its own. */
async function timed(run: (text: string) => Promise<string>): Promise<Figures> {
  const { answer } = nextQuestion();
  const command = `text='${answer.padEnd(1_000_000, 'it is long; $HOME `and` "odd"\n')}'; echo "\${#text} \${text%%it*}"`;
  const start = performance.now();
  const got = await run(command);
  const ms = performance.now() - start;
  expectAnswer({ command: 'a command of 1 MB', answer: `1000000 ${answer}` }, got);
  return { ms };
}
