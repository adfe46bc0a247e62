import { describe, expect, onTestFinished, test } from 'vitest';
import { bash, sh, type Pool, type Session } from '../../src/index.ts';
import { errorOf, openPool, soon } from '../support/pools.ts';
import { isRunning, untilEmpty } from '../support/processes.ts';
import { said } from '../support/run.ts';

/** Long enough that a busy machine comes to each rung in turn. ms */
const killGrace = 1_600;

const deaf = `trap "" INT; echo ready; sleep 100; echo b`;
const deafer = `trap "" INT TERM; echo ready; sleep 100; echo b`;

/** What runs, and the rung that ends it. None of them may say `b`. */
const cases: [what: string, text: string, rung: 'interrupt' | 'kill'][] = [
  ['a child', 'echo ready; sleep 100; echo b', 'interrupt'],
  ['a child in a group of its own', `timeout 100 sh -c 'echo ready; sleep 100'; echo b`, 'interrupt'],
  ['such a child in a function', `f() { timeout 100 sh -c 'echo ready; sleep 100'; echo b; }; f; echo b`, 'interrupt'],
  ['a child in a session of its own', `setsid sh -c 'echo ready; exec sleep 100'; echo b`, 'interrupt'],
  ['the shell, stopped', 'echo ready; kill -STOP $$; echo b', 'interrupt'],
  ['a child that ignores INT', `sh -c '${deaf}'; echo b`, 'kill'],
  ['a child that ignores INT and TERM', `sh -c '${deafer}'; echo b`, 'kill'],
  ['a child that only computes', `sh -c 'trap "" INT TERM HUP QUIT; echo ready; while :; do :; done'; echo b`, 'kill'],
  [
    'a child that has a handler',
    `sh -c 'trap "echo c" INT TERM; echo ready; while :; do sleep 1; done'; echo b`,
    'kill',
  ],
  ['a child that is stopped', `sh -c 'trap "" INT; echo ready; kill -STOP $$; echo b'; echo b`, 'kill'],
  ['a child in a session of its own that ignores INT', `setsid sh -c '${deaf}'; echo b`, 'kill'],
  ['a subshell', `(${deaf}); echo b`, 'kill'],
  ['a loop', `while :; do sh -c '${deaf}'; echo b; done; echo b`, 'kill'],
  ['nested loops', `for i in 1 2 3; do while :; do sh -c '${deafer}'; echo b; done; done; echo b`, 'kill'],
  ['a function', `f() { sh -c '${deaf}'; echo b; }; f; echo b`, 'kill'],
  [
    'functions in functions, in loops',
    `f() { sh -c '${deafer}'; echo b; }; g() { while :; do f; echo b; done; }; while :; do g; echo b; done`,
    'kill',
  ],
  ['a pipeline', `sh -c '${deaf}' | cat; echo b`, 'kill'],
  ['the end of a pipeline', `yes | sh -c '${deaf}'; echo b`, 'kill'],
  ['a command substitution', `x=$( (${deaf}) >&2); echo b`, 'kill'],
  ['wait', `sh -c '${deafer}' & wait; echo b`, 'interrupt'],
];

describe.each([
  ['bash', () => bash()],
  ['sh', () => sh()],
])('in %s', (_, shell) => {
  const open = (max: number): Pool => openPool({ shell: shell(), max, killGrace });

  test('a timeout keeps the shell, its state and its earlier jobs, and runs nothing of the rest', async () => {
    const pool = open(cases.length);
    const outcomes = await Promise.all(
      cases.map(([what, text]) =>
        pool.use(async (session) => {
          const jobs = await prepare(session);
          const { error, exitCode, stdout, stderr } = await stopped(session, text);
          const after = await soon(session.exec('echo "$? $kept $PWD"; kept'), what);
          return [
            what,
            error?.code,
            error?.rung,
            error?.stateLost,
            exitCode,
            `${stdout}${stderr}`.includes('b\n'),
            after.stdout,
            jobs.map(isRunning),
          ];
        }),
      ),
    );
    const expected = cases.map(([what, , rung]) => [
      what,
      'ERR_TIMEOUT',
      rung,
      false,
      130,
      false,
      '130 yes /usr\nf\n',
      [true, true],
    ]);
    expect(outcomes).toEqual(expected);
  });

  test('an abort does the same', async () => {
    const session = await open(1).acquire();
    await prepare(session);
    const controller = new AbortController();
    const run = session.exec(`sh -c '${deafer}'; echo b`, { signal: controller.signal });
    await said(run, 'ready');
    controller.abort('enough');
    const error = await errorOf(soon(run));
    expect(error).toMatchObject({
      code: 'ERR_ABORTED',
      cause: 'enough',
      rung: 'kill',
      stateLost: false,
      stdout: 'ready\n',
    });
    expect((await session.exec('echo $kept')).stdout).toBe('yes\n');
    await session.release();
  });

  test.each([
    [
      'jobs',
      `sh -c 'echo $$; exec sleep 300' & sh -c 'trap "" INT TERM; echo $$; echo ready; while :; do :; done' & wait`,
    ],
    ['orphans', `xargs sh -c 'trap "" INT; echo $$; echo $$; echo ready; while :; do sleep 1; done'`],
  ])('what a stopped command leaves behind is ended: %s', async (_, text) => {
    const pool = openPool({ shell: shell(), max: 1, killGrace: 200 });
    await pool.use(async (session) => {
      const jobs = await prepare(session);
      const { error, stdout } = await stopped(session, text);
      expect(error).toMatchObject({ rung: 'interrupt', stateLost: false });
      const left = stdout.split('\n').map(Number).filter(Boolean);
      expect(left).toHaveLength(2);
      expect((await session.exec('echo $kept')).stdout).toBe('yes\n');
      expect(await untilEmpty(() => left.filter(isRunning), 10_000)).toEqual([]);
      expect(jobs.map(isRunning)).toEqual([true, true]);
    });
  });

  test('an interrupt by hand ends nothing but what heeds it', async () => {
    const pool = openPool({ shell: shell(), max: 1, killGrace: 10 });
    await pool.use(async (session) => {
      const run = session.exec(`sh -c 'echo $$; echo ready; exec sleep 300' & wait`);
      await said(run, 'ready');
      run.interrupt();
      const { stdout, exitCode } = await run;
      await session.exec('sleep 0.1');
      expect([exitCode, isRunning(Number.parseInt(stdout, 10))]).toEqual([130, true]);
    });
  });

  test('jobs are told from the command after them though the last one is gone, at once and later', async () => {
    const pool = open(2);
    const outcomes = await Promise.all(
      ['', 'sleep 0.2'].map((between) =>
        pool.use(async (session) => {
          const [job = 0] = await jobsOf(session, 'sleep 300 & a=$!; sh -c : & wait $!; echo $a');
          if (between !== '') await session.exec(between);
          const { error } = await stopped(session, `sh -c '${deaf}'`);
          return [error?.rung, error?.stateLost, isRunning(job)];
        }),
      ),
    );
    expect(outcomes).toEqual([
      ['kill', false, true],
      ['kill', false, true],
    ]);
  });

  test('a shell that ignores the interrupt itself is killed: what it ran next could not be kept from running', async () => {
    const session = await open(1).acquire();
    const { error, stdout } = await stopped(session, deaf);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', rung: 'kill', stateLost: true });
    expect(stdout).toBe('ready\n');
    await session.release();
  });

  test('an abort before the shell has started the program is not lost, 30 times', async () => {
    const pool = openPool({ shell: shell(), max: 1, killGrace: 60_000 });
    await pool.use(async (session) => {
      await session.exec('kept=yes');
      for (let round = 0; round < 30; round++) {
        const run = session.exec(round % 2 === 0 ? 'sleep 100' : '(sleep 100; echo b); sleep 100');
        if (round % 3 > 0) await new Promise((resolve) => setTimeout(resolve, round % 3));
        run.abort();
        expect(await errorOf(soon(run))).toMatchObject({ rung: 'interrupt', stateLost: false });
      }
      expect((await session.exec('echo $kept')).stdout).toBe('yes\n');
    });
  });
});

/** State to keep, and two jobs of a command before. */
async function prepare(session: Session): Promise<number[]> {
  await session.exec('cd /usr; kept=yes; kept() { echo f; }');
  return jobsOf(session, 'sleep 300 & a=$!; sleep 300 & echo $a $!');
}

async function jobsOf(session: Session, text: string): Promise<number[]> {
  const { stdout } = await session.exec(text);
  const jobs = stdout.trim().split(' ').map(Number);
  onTestFinished(() => jobs.filter(isRunning).forEach((pid) => process.kill(pid, 'SIGKILL')));
  return jobs;
}

/** Runs `text`, which says when it is ready, and lets its timeout pass. */
async function stopped(session: Session, text: string) {
  const run = session.exec(text, { timeout: 1_000, reject: false });
  await said(run, 'ready');
  return soon(run, text);
}
