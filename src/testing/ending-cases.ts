import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import type { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import { inSession, joined, outcome, said, type Case } from './case.ts';
import type { ContractScripts } from './scripts.ts';

/** The end of a shell under its command, timeouts and interrupts. */
export function endingCases(scripts: ContractScripts): readonly (Case | undefined)[] {
  const { write, exit, killed, endless = {}, stubborn } = scripts;
  const [first] = Object.values(endless);
  return [
    exit && {
      name: 'resolves with its status and its whole output when the command ends the shell',
      run: (bench) =>
        inSession(bench, async (session) => {
          const result = await session.exec(joined(scripts, write(session.quote('out'), 'stdout'), exit(3)));
          deepEqual([result.exitCode, result.shellExited, result.stdout], [3, true, 'out']);
          await rejects(session.exec(scripts.recall), { code: 'ERR_SESSION_LOST' });
        }),
    },
    exit && {
      name: 'leaves the next command to another shell',
      run: async ({ pool }) => {
        const { pid } = await pool.exec(exit(0));
        const next = await pool.exec(write(pool.quote('next'), 'stdout'));
        equal(next.stdout, 'next');
        notEqual(next.pid, pid);
      },
    },
    killed === undefined
      ? undefined
      : {
          name: 'resolves with the signal of which the shell died',
          run: (bench) =>
            inSession(bench, async (session) => {
              const result = await session.exec(joined(scripts, write(session.quote('out'), 'stdout'), killed));
              deepEqual([result.signal, result.exitCode, result.stdout], ['SIGKILL', undefined, 'out']);
            }),
        },
    ...Object.entries(endless).map(([what, text]): Case => ({
      name: `ends ${what} by an interrupt, and keeps the shell with its state`,
      run: (bench) =>
        inSession(bench, async (session) => {
          await session.exec(scripts.keep(session.quote('kept')));
          const run = session.exec(text);
          await said(run, 'ready');
          const { exitCode, stdout, shellExited } = await interrupted(run);
          deepEqual([exitCode, stdout, shellExited], [130, 'ready', false]);
          deepEqual(outcome(await session.exec(scripts.recall)), [0, 'kept', '']);
        }),
    })),
    first === undefined
      ? undefined
      : {
          name: 'keeps the shell through a timeout',
          run: (bench) =>
            inSession(bench, async (session) => {
              await session.exec(scripts.keep(session.quote('kept')));
              const { error } = await session.exec(first, { timeout: 1_000, reject: false });
              deepEqual([error?.code, error?.rung, error?.stateLost], ['ERR_TIMEOUT', 'interrupt', false]);
              deepEqual(outcome(await session.exec(scripts.recall)), [0, 'kept', '']);
            }),
        },
    first === undefined
      ? undefined
      : {
          name: 'hits no other command with an interrupt that comes late, or early',
          run: (bench) =>
            inSession(bench, async (session) => {
              for (let round = 0; round < 40; round++) {
                const run = session.exec(write(session.quote('ran'), 'stdout'));
                const next = session.exec(write(session.quote(`next${round}`), 'stdout'));
                if (round % 2 === 0) await said(run, 'ran');
                run.interrupt();
                run.interrupt();
                const { exitCode } = await run;
                ok(exitCode === 0 || exitCode === 130, `status ${exitCode}`);
                deepEqual(outcome(await next), [0, `next${round}`, '']);
              }
            }),
        },
    stubborn === undefined
      ? undefined
      : {
          name: 'kills a shell whose command heeds no interrupt, and says that its state is lost',
          run: async ({ open }) => {
            await using pool = open({ killGrace: 200 });
            const { error, pid } = await pool.exec(stubborn, { timeout: 1_000, reject: false });
            deepEqual([error?.code, error?.rung, error?.stateLost], ['ERR_TIMEOUT', 'kill', true]);
            const next = await pool.exec(write(pool.quote('next'), 'stdout'));
            equal(next.stdout, 'next');
            notEqual(next.pid, pid);
          },
        },
  ];
}

/** Again each second: a signal that meets a program between its fork and its exec is lost on it, at a terminal too. */
async function interrupted(run: Execution): Promise<ExecResult> {
  ok(run.interrupt());
  const again = setInterval(() => run.interrupt(), 1_000);
  try {
    return await run;
  } finally {
    clearInterval(again);
  }
}
