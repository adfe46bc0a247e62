import { expect, test } from 'vitest';
import { errorOf, openPool, soon } from '../support/pools.ts';

/** What runs for ever, in the ways that take an interrupt differently. */
const endless = [
  'sleep 60',
  'while :; do :; done',
  'f() { g; }; g() { while :; do sleep 0.01; done; }; f',
  'sleep 60 | cat',
  'for i in 1 2 3; do sleep 20; done; echo not reached',
];

test('1,000 timeouts in a row on one bash keep its state', async () => {
  const pool = openPool({ max: 1 });
  await using session = await pool.acquire();
  await session.exec('cd /usr; kept="as it was"; f() { :; }');
  const unexpected: unknown[] = [];
  for (let count = 0; count < 1_000; count++) {
    const error = await soon(
      errorOf(session.exec(endless[count % endless.length]!, { timeout: 2 })),
      `timeout ${count}`,
    );
    const { code, kind, rung, stateLost, pid } = error;
    if (code !== 'ERR_TIMEOUT' || kind !== 'run' || rung !== 'interrupt' || stateLost || pid !== session.pid)
      unexpected.push({ count, code, kind, rung, stateLost, pid });
    if (count % 100 === 99) expect((await soon(session.exec('echo "$PWD $kept"'))).stdout).toBe('/usr as it was\n');
  }
  expect(unexpected).toEqual([]);
  expect(pool.metrics()).toMatchObject({
    commands: { timedOut: 1_000, rejected: 1_000 },
    shells: { spawned: 1, invalid: 0 },
  });
}, 60_000);
