import { afterEach, expect, test } from 'vitest';
import { isShellwrightError, type ExecResult, type Pool } from 'shellwright';
import { openPool, soon } from '../support/pools.ts';
import { turns } from '../support/run.ts';
import { shown, soaked } from '../support/soak.ts';
import { seeded } from './random.ts';

const commands = soaked(10_000, 100_000);
/** A shell dies for so many commands. */
const commandsPerKill = 16;
const seed = Number(process.env['STRESS_SEED'] ?? Date.now() % 1e9);
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(`run again with STRESS_SEED=${seed}`);
});

// Deaths before a first command count as failed starts: without these options the pool would rightly give up.
const restart = { attempts: 1_000_000, backoff: { initial: 0, max: 0 } };

test(`${shown(commands)} commands while shells are killed at random: no call hangs and none is answered wrongly`, async () => {
  const pool = openPool({ min: 4, max: 4, restart });
  const wrong: string[] = [];
  const answers = { right: 0, shellDied: 0, rejected: 0 };
  const kill = killerOf(pool);
  const kills: Promise<boolean>[] = [];
  let next = 0;
  const isEnough = (): boolean => next >= commands || wrong.length > 100;

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
    while (!isEnough()) {
      if (next >= commandsPerKill * (kills.length + 1)) kills.push(kill());
      await call().catch((error: unknown) => {
        answers.rejected++;
        if (!isShellwrightError(error)) wrong.push(String(error));
        else if (error.code !== 'ERR_SESSION_LOST') wrong.push(`${error.code}: ${error.message}`);
      });
    }
  };

  const callers = [
    ...Array.from({ length: 12 }, () => caller(callCommand)),
    ...Array.from({ length: 4 }, () => caller(callLease)),
  ];
  await Promise.all(callers);
  const killed = (await Promise.all(kills)).filter(Boolean).length;

  expect(wrong.slice(0, 5)).toEqual([]);
  // Now and then the one that is picked has just ended.
  expect(killed).toBeGreaterThan(commands / commandsPerKill / 2);
  expect(answers.right).toBeGreaterThan(commands / 2);
  expect(answers.shellDied).toBeGreaterThan(killed / 20);
  expect((await soon(pool.exec('echo still here'))).stdout).toBe('still here\n');
  const { submitted, finished, rejected } = pool.metrics().commands;
  expect(finished + rejected).toBe(submitted);
  await soon(pool.close(), 'close');
}, 900_000);

/** Kills one of the shells from outside, as the kernel's out-of-memory killer would: at any moment of its life. False: none was there. */
function killerOf(pool: Pool): () => Promise<boolean> {
  const random = seeded(seed);
  return async () => {
    await turns(Math.floor(random() * 12));
    const alive = pool.status().shells.filter(({ pid, state }) => pid > 0 && state !== 'destroying');
    const victim = alive[Math.floor(random() * alive.length)];
    try {
      return victim !== undefined && process.kill(victim.pid, 'SIGKILL');
    } catch {
      return false; // it has just ended
    }
  };
}

function isPartOf({ stdout, stderr }: ExecResult, wholeOut: string, wholeErr: string): boolean {
  return wholeOut.startsWith(stdout) && wholeErr.startsWith(stderr);
}
