import { afterEach, expect, test } from 'vitest';
import { isShellwrightError, type ExecResult, type Pool } from 'shellwright';
import { openPool, soon } from '../support/pools.ts';
import { turns } from '../support/run.ts';
import { seeded } from './random.ts';

const kills = 1_000;
const seed = Number(process.env['STRESS_SEED'] ?? Date.now() % 1e9);
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(`run again with STRESS_SEED=${seed}`);
});

// Deaths before a first command count as failed starts: without these options the pool would rightly give up.
const restart = { attempts: 1_000_000, backoff: { initial: 0, max: 0 } };

test('1,000 shells killed at random moments leave no call hanging and none answered wrongly', async () => {
  const pool = openPool({ min: 4, max: 4, restart });
  const wrong: string[] = [];
  const answers = { right: 0, shellDied: 0, rejected: 0 };
  const killing = { over: false };
  let next = 0;

  const callCommand = async (): Promise<void> => {
    const token = `t${next++}`;
    const result = await soon(pool.exec(`echo out-${token}; echo err-${token} >&2; (exit 7)`), `the command ${token}`);
    if (result.signal === 'SIGKILL' && result.shellExited) {
      answers.shellDied++;
      if (!isPartOf(result, `out-${token}\n`, `err-${token}\n`)) wrong.push(JSON.stringify(result));
    } else if (result.stdout === `out-${token}\n` && result.stderr === `err-${token}\n` && result.exitCode === 7)
      answers.right++;
    else wrong.push(JSON.stringify(result));
  };
  const callLease = async (): Promise<void> => {
    const token = `t${next++}`;
    await pool.use(async (session) => {
      const set = await soon(session.exec(`kept=${token}`), `the lease ${token}`);
      const get = await soon(session.exec('echo "$kept"'), `the lease ${token}`);
      if (get.stdout === `${token}\n` && set.exitCode === 0) answers.right++;
      else if (get.shellExited && get.signal === 'SIGKILL') answers.shellDied++;
      else wrong.push(JSON.stringify([set, get]));
    });
  };
  const caller = async (call: () => Promise<void>): Promise<void> => {
    while (!killing.over)
      await call().catch((error: unknown) => {
        answers.rejected++;
        if (wrong.length > 100) killing.over = true;
        if (!isShellwrightError(error)) wrong.push(String(error));
        else if (error.code !== 'ERR_SESSION_LOST') wrong.push(`${error.code}: ${error.message}`);
      });
  };

  const callers = [
    ...Array.from({ length: 12 }, () => caller(callCommand)),
    ...Array.from({ length: 4 }, () => caller(callLease)),
  ];
  const killed = await soon(killShells(pool, kills), 'the killing', 60_000).finally(() => {
    killing.over = true;
  });
  await soon(Promise.all(callers), 'the callers');

  expect(wrong.slice(0, 5)).toEqual([]);
  expect(killed).toBe(kills);
  expect(answers.right).toBeGreaterThan(100);
  expect(answers.shellDied).toBeGreaterThan(10);
  expect((await soon(pool.exec('echo still here'))).stdout).toBe('still here\n');
  const { submitted, finished, rejected } = pool.metrics().commands;
  expect(finished + rejected).toBe(submitted);
  await soon(pool.close(), 'close');
}, 90_000);

/** From outside, as the kernel's out-of-memory killer would: at any moment of a shell's life, each process once. */
async function killShells(pool: Pool, amount: number): Promise<number> {
  const random = seeded(seed);
  const dead = new Set<number>();
  while (dead.size < amount) {
    await turns(Math.floor(random() * 12));
    const alive = pool.status().shells.filter(({ pid }) => pid > 0 && !dead.has(pid));
    const victim = alive[Math.floor(random() * alive.length)];
    if (!victim) continue;
    try {
      process.kill(victim.pid, 'SIGKILL');
    } catch {
      continue; // it has just ended
    }
    dead.add(victim.pid);
  }
  return dead.size;
}

function isPartOf({ stdout, stderr }: ExecResult, wholeOut: string, wholeErr: string): boolean {
  return wholeOut.startsWith(stdout) && wholeErr.startsWith(stderr);
}
