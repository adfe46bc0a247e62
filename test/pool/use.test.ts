import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { errorOf, openPool, soon } from '../support/pools.ts';

describe('use', () => {
  test('gives what the function returns, and releases', async () => {
    const pool = openPool({ max: 1 });
    const text = await pool.use(async (session) => {
      await session.exec('cd /');
      return session.$`pwd`.text();
    });
    expect(text).toBe('/');
    expect(pool.status()).toMatchObject({ idle: 1, busy: 0 });
  });

  test('throws what the function throws, and releases', async () => {
    const pool = openPool({ max: 1 });
    const mistake = new Error('mine');
    await expect(
      pool.use(() => {
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    expect((await pool.exec('echo free')).stdout).toBe('free\n');
  });

  test('interrupts what still runs when the function returns, and refuses what waits', async () => {
    const pool = openPool({ max: 1 });
    const runs = await soon(
      pool.use(async (session) => {
        const endless = session.exec('A=1; echo begun; sleep 600');
        const begun = firstValueFrom(endless.output$);
        const errors = [endless, session.exec('echo waits')].map((run) => errorOf(run));
        await begun;
        return errors;
      }),
    );
    const [running, waiting] = await soon(Promise.all(runs));
    expect(running).toMatchObject({ code: 'ERR_ABORTED', started: true, rung: 'interrupt', stateLost: false });
    expect(waiting).toMatchObject({ code: 'ERR_ABORTED', started: false });
    expect((await pool.exec('echo $A')).stdout).toBe('1\n');
    expect(pool.metrics().shells.spawned).toBe(1);
  });

  test('interrupts what still runs when the function throws', async () => {
    const pool = openPool({ max: 1 });
    let run: Promise<unknown> = Promise.resolve();
    const using = pool.use((session) => {
      run = errorOf(session.exec('sleep 600'));
      throw new Error('mine');
    });
    await expect(soon(using)).rejects.toThrow('mine');
    expect(await run).toMatchObject({ code: 'ERR_ABORTED' });
  });
});
