import { expect, test } from 'vitest';
import { errorOf, openPool, soon } from '../support/pools.ts';

test(
  '64 sessions at once keep 64 states apart, and one that is lost is the only one',
  { timeout: 300_000 },
  async () => {
    const pool = openPool({ max: 64 });
    const sessions = await soon(Promise.all(Array.from({ length: 64 }, () => pool.acquire())), 'the leases');
    expect(new Set(sessions.map(({ pid }) => pid)).size).toBe(64);
    expect(pool.status()).toMatchObject({ size: 64, busy: 64, idle: 0 });

    const work = sessions.map(async (session, number) => {
      const seen: string[] = [];
      await session.exec(`cd /; kept=${number}; f() { echo "f$kept $*"; }`);
      for (let round = 0; round < 20; round++) {
        const { stdout, stderr } = await session.exec(`f ${round}; f ${round} >&2; kept=$((kept + 64))`);
        seen.push(stdout, stderr);
      }
      return seen;
    });
    const all = await soon(Promise.all(work), 'the work');
    all.forEach((seen, number) =>
      expect(seen).toEqual(
        Array.from({ length: 40 }, (_, index) => Math.floor(index / 2)).map(
          (round) => `f${number + 64 * round} ${round}\n`,
        ),
      ),
    );

    process.kill(sessions[7]!.pid, 'SIGKILL');
    const ends = await Promise.allSettled(sessions.map((session) => session.exec('echo "$kept"')));
    ends.forEach((end, number) => {
      if (number !== 7) expect(end).toMatchObject({ value: { stdout: `${number + 64 * 20}\n` } });
      // It may have been written to the shell before that was known to be dead.
      else if (end.status === 'fulfilled') expect(end.value).toMatchObject({ stdout: '', signal: 'SIGKILL' });
      else expect(end.reason).toMatchObject({ code: 'ERR_SESSION_LOST' });
    });
    expect((await errorOf(sessions[7]!.exec('echo no'))).code).toBe('ERR_SESSION_LOST');
    await soon(Promise.all(sessions.map((session) => session.release())), 'the releases');
    expect(pool.metrics().shells).toMatchObject({ spawned: 64 });
    await soon(pool.close(), 'close');
  },
);
