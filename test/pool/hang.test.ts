import { describe, expect, test } from 'vitest';
import { bash, sh, type Pool, type PoolOptions } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

/** Far more than any of the times below, and far less than `initTimeout`, which would end each of these too. ms */
const wellBefore = 8_000;

describe.each<[string, PoolOptions]>([
  ['says nothing', { shell: bash({ path: 'sleep', args: ['600'] }) }],
  ['ignores signals', { shell: sh({ args: ['-c', `trap '' INT TERM HUP; while :; do sleep 600; done`] }) }],
  ['stops itself', { shell: sh({ args: ['-c', 'kill -STOP $$'] }) }],
  ['reads and does not answer', { shell: bash({ path: 'sh', args: ['-c', 'cat >/dev/null; sleep 600'] }) }],
  ['hangs in init', { init: ['sleep 600'] }],
  ['hangs in an init function', { init: [() => new Promise(() => {})] }],
])('a shell that %s at its start', (_, options) => {
  const hanging = (more: PoolOptions = {}): Pool => openPool({ max: 3, initTimeout: 60_000, ...options, ...more });

  test('lets acquire fail within acquireTimeout, and exec and use', async () => {
    const pool = hanging({ acquireTimeout: 300 });
    const calls = [pool.acquire(), pool.exec('true'), pool.use(() => {}), pool.acquire({ acquireTimeout: 100 })];
    const errors = await soon(
      Promise.all(calls.map((call) => errorOf(call as PromiseLike<unknown>))),
      'the calls',
      wellBefore,
    );
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', started: false });
    expect(pool.status()).toMatchObject({ state: 'starting', queued: 0 });
  });

  test('lets close resolve within its timeout, rejects what waits, and is gone', async () => {
    const pool = hanging({ min: 2 });
    const starting = record(pool, 'shell.initializing');
    const twoRun = nextEvent(pool, 'shell.initializing', () => starting.length > 1);
    const waiting = [pool.exec('true'), pool.acquire(), pool.ready()].map((call) =>
      errorOf(call as PromiseLike<unknown>),
    );
    await twoRun;
    await soon(pool.close({ timeout: 300 }), 'close', wellBefore);
    for (const error of await Promise.all(waiting)) expect(error.code).toBe('ERR_POOL_CLOSED');
    expect(starting.length).toBeGreaterThanOrEqual(2);
    for (const { pid = 0 } of starting) expect(membersOf(pid)).toEqual([]);
  });

  test('lets close resolve at once where nothing waits', async () => {
    const pool = hanging({ min: 1 });
    const { pid = 0 } = await nextEvent(pool, 'shell.initializing');
    await soon(pool.close({ timeout: 600_000 }), 'close', wellBefore);
    expect(membersOf(pid)).toEqual([]);
  });
});

test('a shell that hangs in destroy lets close resolve within its timeout', async () => {
  const pool = openPool({ destroy: ['sleep 600'], destroyTimeout: 60_000 });
  const { pid = 0 } = await pool.exec('true');
  await soon(pool.close({ timeout: 300 }), 'close', wellBefore);
  expect(membersOf(pid)).toEqual([]);
});

test('a shell that hangs at its start is replaced after initTimeout, and the next one serves what waits', async () => {
  const folder = temporaryFolder();
  // The first hangs.
  const pool = openPool({ max: 1, initTimeout: 1_000, init: [`mkdir ${folder}/hung 2>/dev/null && sleep 600; true`] });
  const lost = record(pool, 'shell.invalid');
  expect((await soon(pool.exec('echo served'))).stdout).toBe('served\n');
  expect(lost.map(({ reason }) => reason)).toEqual(['init-timeout']);
  for (const { pid = 0 } of lost) expect(membersOf(pid)).toEqual([]);
});
