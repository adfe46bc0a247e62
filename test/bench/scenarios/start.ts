import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { createPool } from 'shellwright';
import { contest, type Figures } from '../contest.ts';
import { built, dependencies } from '../built.ts';
import { expectAnswer, nextQuestion, withoutNewline } from '../questions.ts';
import { atMost } from '../row.ts';
import type { Scenario } from '../scenario.ts';

const run = promisify(execFile);

/** The built package, in a process of its own for each, beside its dependencies alone. */
const importing: Scenario = {
  name: "import 'shellwright'",
  measure: async ({ quick }) => {
    const { folder } = await built();
    const time = (specifiers: readonly string[]) =>
      inProcess(folder, `await Promise.all(${JSON.stringify(specifiers)}.map((name) => import(name)));`);
    return contest({
      scenario: importing.name,
      rounds: quick ? 5 : 21,
      ours: { name: 'ours', attempt: () => time(['shellwright']) },
      rivals: [{ name: 'its dependencies', goals: { ms: atMost(1.5) }, attempt: () => time(dependencies()) }],
    });
  },
};

const goal = { name: 'bash and its answer', goals: { ms: atMost(1.3) } };

const firstResult: Scenario = {
  name: 'createPool to first result',
  measure: ({ quick }) =>
    contest({
      scenario: firstResult.name,
      rounds: quick ? 21 : 61,
      warmups: 3,
      ours: { name: 'ours', attempt: poolAndCommand },
      rivals: [{ ...goal, attempt: shellAndCommand }],
    }),
};

/** The same in processes that have done nothing before: what is there once for each process counts too. */
const veryFirstResult: Scenario = {
  name: 'createPool to first result, the first of a process',
  measure: async ({ quick }) => {
    const { folder } = await built();
    return contest({
      scenario: veryFirstResult.name,
      rounds: quick ? 5 : 21,
      ours: {
        name: 'ours',
        attempt: () =>
          inProcess(
            folder,
            `const pool = createPool({ max: 1, logger: false });
             if ((await pool.exec('echo first')).stdout !== 'first\\n') throw new Error('a wrong answer');`,
            "import { createPool } from 'shellwright';",
            'await pool.close();',
          ),
      },
      rivals: [
        {
          ...goal,
          attempt: () =>
            inProcess(
              folder,
              `const shell = spawn('bash', ['--noprofile', '--norc'], { stdio: ['pipe', 'pipe', 'ignore'] });
               shell.stdin.write('echo first\\n');
               if (String((await once(shell.stdout, 'data'))[0]) !== 'first\\n') throw new Error('a wrong answer');`,
              "import { spawn } from 'node:child_process'; import { once } from 'node:events';",
              'shell.stdin.end();',
            ),
        },
      ],
    });
  },
};

export const starts: readonly Scenario[] = [importing, firstResult, veryFirstResult];

/** How long some code takes in a process of its own, between what comes before and after it. */
async function inProcess(cwd: string, code: string, before = '', after = ''): Promise<Figures> {
  const script = `${before}\nconst start = performance.now();\n${code}\nconst ms = performance.now() - start;\n${after}\nconsole.log(ms);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd, timeout: 60_000 });
  return { ms: Number(stdout) };
}

async function poolAndCommand(): Promise<Figures> {
  const question = nextQuestion();
  const start = performance.now();
  const pool = createPool({ max: 1, logger: false });
  const { stdout } = await pool.exec(question.command);
  const ms = performance.now() - start;
  await pool.close();
  expectAnswer(question, withoutNewline(stdout));
  return { ms };
}

async function shellAndCommand(): Promise<Figures> {
  const question = nextQuestion();
  const start = performance.now();
  const shell = spawn('bash', ['--noprofile', '--norc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(shell, 'close');
  shell.stdin.write(`${question.command}\n`);
  const [data] = (await once(shell.stdout, 'data')) as [Buffer];
  const ms = performance.now() - start;
  shell.stdin.end();
  await ended;
  expectAnswer(question, withoutNewline(data.toString()));
  return { ms };
}
