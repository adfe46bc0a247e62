import { expect, test } from 'vitest';
import { errorOf, openPool } from '../support/pools.ts';

test('a command that writes nothing for noOutputTimeout is stopped, and its shell kept', async () => {
  const pool = openPool({ max: 1 });
  await pool.use(async (session) => {
    await session.exec('kept=yes');
    const error = await errorOf(session.exec('echo begun; sleep 100', { noOutputTimeout: 1_000 }));
    expect(error).toMatchObject({
      code: 'ERR_TIMEOUT',
      kind: 'noOutput',
      rung: 'interrupt',
      stateLost: false,
      stdout: 'begun\n',
    });
    expect(error.message).toMatch(/wrote nothing for noOutputTimeout \(1000 ms\): echo begun; sleep 100$/);
    expect((await session.exec('echo $kept')).stdout).toBe('yes\n');
  });
});

test.each(['', '>&2'])('one that writes now and then is not: echo %s', async (to) => {
  const text = `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.2; echo $i ${to}; done`;
  // On a machine at a tenth of its speed, too.
  const { durationMs, exitCode } = await openPool().exec(text, { noOutputTimeout: 2_000 });
  expect([exitCode, durationMs > 2_000]).toEqual([0, true]);
});

test('the clock does not run in the queue', async () => {
  const pool = openPool({ max: 1, noOutputTimeout: 1_500 });
  const first = pool.exec('sleep 2', { noOutputTimeout: Infinity });
  const second = pool.exec('echo second');
  expect((await first).exitCode).toBe(0);
  expect(await second).toMatchObject({ stdout: 'second\n' });
});

test('a pool has one for all its commands, and not for its own', async () => {
  const pool = openPool({ max: 1, noOutputTimeout: 100, init: ['sleep 0.4'] });
  expect((await errorOf(pool.exec('sleep 100'))).message).toMatch(/\(100 ms\)/);
});

test('the clock stands still while a reader holds the pipe, and runs on when it lets go', async () => {
  const run = openPool().exec('yes | head -c 3000000; echo; sleep 100', { noOutputTimeout: 1_500 });
  let lines = 0;
  const read = async (): Promise<void> => {
    for await (const line of run)
      if (line !== '' && ++lines === 1) await new Promise((resolve) => setTimeout(resolve, 2_500));
  };
  expect(await errorOf(read())).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'noOutput' });
  expect(lines).toBe(1_500_000);
});
