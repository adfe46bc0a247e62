import { bash, ksh, sh, zsh, type Dialect } from 'shellwright';
import { expect, test } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { errorOf, openPool, soon } from '../support/pools.ts';
import { shown, soaked } from '../support/soak.ts';

/** What runs for ever, in the ways that take an interrupt differently. */
const endless = [
  'sleep 60',
  'while :; do :; done',
  'f() { g; }; g() { while :; do sleep 0.01; done; }; f',
  'sleep 60 | cat',
  'for i in 1 2 3; do sleep 20; done; echo not reached',
];

const some = soaked(200, 1_000);
const cases: [string, Dialect, number][] = [
  ['bash', bash(), 1_000],
  ['dash', sh({ path: 'dash' }), some],
  ['busybox', sh({ path: 'busybox', args: ['sh'] }), some],
  ['zsh', zsh(), some],
  ['ksh', ksh(), some],
];

test.for(cases.map(([name, shell, amount]) => [shown(amount), name, shell, amount] as const))(
  '%s timeouts in a row keep the state of one %s',
  { timeout: 600_000 },
  async ([, , shell, amount], { skip }) => {
    const missing = whyMissing(shell);
    skip(missing !== undefined, missing);
    const pool = openPool({ shell, max: 1 });
    await using session = await pool.acquire();
    await session.exec('cd /usr; kept="as it was"; f() { :; }');
    const unexpected: unknown[] = [];
    let killed = 0;
    for (let count = 0; count < amount; count++) {
      const error = await soon(
        errorOf(session.exec(endless[count % endless.length]!, { timeout: 2 })),
        `timeout ${count}`,
      );
      const { code, kind, rung, stateLost, pid } = error;
      if (rung === 'kill') killed++;
      if (code !== 'ERR_TIMEOUT' || kind !== 'run' || stateLost || pid !== session.pid)
        unexpected.push({ count, code, kind, rung, stateLost, pid });
      if (count % 100 === 99) expect((await soon(session.exec('echo "$PWD $kept"'))).stdout).toBe('/usr as it was\n');
    }
    expect(unexpected).toEqual([]);
    // On a busy machine a program can take longer to be started than the ladder waits with its second interrupt.
    expect(killed).toBeLessThan(amount / 50);
    expect(pool.metrics()).toMatchObject({
      commands: { timedOut: amount, rejected: amount },
      shells: { spawned: 1, invalid: 0 },
    });
  },
);
