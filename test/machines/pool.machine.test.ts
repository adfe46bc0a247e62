import { expect, test } from 'vitest';
import { poolMachine, shellMachine, shellsToStart } from '../../machines/index.ts';
import type { PoolContext, SlotState } from '../../machines/index.ts';
import { settled, startPool } from './start-pool.ts';

test('a pool with min 0 starts nothing until it is asked, and is ready with its first idle shell', async () => {
  const { pool, bringUp, context, announced } = startPool();
  expect(context().slots).toEqual(['empty', 'empty', 'empty']);
  pool.send({ type: 'demand', waiting: 1 });
  expect(context().slots).toEqual(['starting', 'empty', 'empty']);
  await bringUp(0);
  expect(announced).toEqual(['starting', 'ready']);
  expect(context().waiting).toBe(0);
});

test('a pool is ready when min shells have been idle', async () => {
  const { bringUp, announced } = startPool({ min: 2 });
  await bringUp(0);
  expect(announced).toEqual(['starting']);
  await bringUp(1);
  expect(announced).toEqual(['starting', 'ready']);
});

test('shells get their path, slot and times from the pool', () => {
  const { pool } = startPool({ min: 1 });
  expect(pool.getSnapshot().children['shell.0']?.getSnapshot().context).toMatchObject({
    path: 'root/git/shell.0',
    slot: 'shell.0',
    idleTimeout: 1000,
    initTimeout: 500,
  });
});

test('a shell lost without a borrower is replaced at once and in the same slot, uncounted', async () => {
  const { bringUp, lose, context, pool } = startPool({ min: 1, max: 1 });
  await bringUp(0);
  for (let round = 0; round < 10; round += 1) {
    await lose(0);
    expect(context()).toMatchObject({ slots: ['starting'], failures: 0 });
    await bringUp(0);
  }
  expect(Object.keys(pool.getSnapshot().children)).toEqual(['shell.0']);
});

test('a dying shell counts against max, and its successor waits for it', async () => {
  const { bringUp, tell, context } = startPool({ min: 1, max: 1 });
  await bringUp(0);
  tell(0, { type: 'borrow' });
  tell(0, { type: 'invalidate', reason: 'state-lost' });
  expect(context().slots).toEqual(['ending']);
  tell(0, { type: 'return' });
  await settled();
  expect(context().slots).toEqual(['starting']);
});

test('idle shells above min are retired after idleTimeout, those that min needs are not', async () => {
  const { pool, clock, bringUp, context } = startPool({ min: 1 });
  pool.send({ type: 'demand', waiting: 3 });
  await bringUp(0, 1, 2);
  expect(context().slots).toEqual(['idle', 'idle', 'idle']);
  clock.increment(1000);
  await settled();
  expect(context().slots.filter((state) => state !== 'empty')).toEqual(['idle']);
  clock.increment(10_000);
  await settled();
  expect(context().slots.filter((state) => state !== 'empty')).toEqual(['idle']);
});

test('a demand that is over starts nothing when shells go', async () => {
  const { pool, clock, bringUp, tell, context } = startPool();
  pool.send({ type: 'demand', waiting: 100 });
  await bringUp(0, 1, 2);
  for (const index of [0, 1, 2]) tell(index, { type: 'borrow' });
  for (const index of [0, 1, 2]) tell(index, { type: 'return' });
  clock.increment(1000);
  await settled();
  expect(context()).toMatchObject({ waiting: 0, slots: ['empty', 'empty', 'empty'] });
});

test('spare shells are kept ahead of demand', async () => {
  const { pool, bringUp, tell, context } = startPool({ min: 1, spare: 1 });
  await bringUp(0);
  tell(0, { type: 'borrow' });
  expect(context().slots).toEqual(['busy', 'starting', 'empty']);
  pool.send({ type: 'demand', waiting: 1 });
  expect(context().slots).toEqual(['busy', 'starting', 'starting']);
});

test('saturation told while starting is not lost', async () => {
  const { pool, bringUp, announced } = startPool({ min: 1 });
  pool.send({ type: 'saturate' });
  await bringUp(0);
  pool.send({ type: 'drain' });
  expect(announced).toEqual(['starting', 'ready', 'saturated', 'ready']);
});

test('a closing pool starts shells for what waits and for nothing else', async () => {
  const { pool, bringUp, lose, context } = startPool({ min: 2, spare: 1 });
  await bringUp(0, 1);
  pool.send({ type: 'close' });
  await lose(0);
  expect(context().slots).toEqual(['empty', 'idle', 'empty']);
  pool.send({ type: 'demand', waiting: 1 });
  expect(context().slots).toEqual(['starting', 'idle', 'empty']);
});

test('a closing pool whose shells do not start says so, once', async () => {
  const { pool, fail, failures, announced } = startPool();
  pool.send({ type: 'close' });
  pool.send({ type: 'demand', waiting: 1 });
  await fail(0, true);
  expect(pool.getSnapshot().value).toEqual({ closing: 'stranded' });
  expect(failures).toEqual(['no luck']);
  pool.send({ type: 'stop', graceful: true });
  expect(announced).toEqual(['starting', 'closing', 'closed']);
});

test.each([true, false])('stop (graceful: %s) ends every shell with its reason, then the pool', async (graceful) => {
  const reasons: (string | undefined)[] = [];
  const shell = shellMachine.provide({
    actions: { announce: ({ context }, { state }) => void (state === 'destroyed' && reasons.push(context.reason)) },
  });
  const machine = poolMachine.provide({ actors: { shell } });
  const { pool, bringUp, tell, announced } = startPool({ min: 3 }, machine);
  await bringUp(0, 1);
  tell(1, { type: 'borrow' });
  pool.send({ type: 'stop', graceful });
  expect(pool.getSnapshot().value).toEqual({ closing: 'stopping' });
  await settled();
  expect(reasons).toEqual(Array.from({ length: 3 }, () => (graceful ? 'pool-closed' : 'pool-killed')));
  expect(announced.slice(-2)).toEqual(['closing', 'closed']);
  expect(pool.getSnapshot().status).toBe('done');
});

test('a shell machine that fails is counted and reported, and the pool goes on', async () => {
  let broken = true;
  const shell = shellMachine.provide({
    actions: {
      announce: (_, { state }) => {
        if (broken && state === 'initializing') throw new Error('a defect');
      },
    },
  });
  const { pool, clock, bringUp, crashes, context } = startPool({ min: 1 }, poolMachine.provide({ actors: { shell } }));
  await bringUp(0);
  expect(crashes).toEqual(['shell.0']);
  expect(context()).toMatchObject({ failures: 1, cause: 'a defect', slots: ['empty', 'empty', 'empty'] });
  broken = false;
  clock.increment(100);
  await bringUp(0);
  expect(pool.getSnapshot().value).toBe('ready');
});

test.each<[string, Partial<PoolContext>, SlotState[], number]>([
  ['fills up to min', { min: 2 }, ['empty', 'empty', 'empty'], 2],
  ['counts the dying against max', { min: 3 }, ['ending', 'ending', 'empty'], 1],
  ['does not start twice for one request', { waiting: 2 }, ['starting', 'empty', 'empty'], 1],
  ['never goes over max', { waiting: 9 }, ['busy', 'starting', 'empty'], 1],
  ['keeps spare beyond what waits', { waiting: 1, spare: 1 }, ['busy', 'empty', 'empty'], 2],
  ['tries one at a time after a failure', { min: 3, failures: 1, cautious: true }, ['empty', 'empty', 'empty'], 1],
  ['tries no second one after a failure', { min: 3, failures: 1, cautious: true }, ['starting', 'empty', 'empty'], 0],
  ['waits while backing off', { min: 3, failures: 1, backingOff: true }, ['empty', 'empty', 'empty'], 0],
  ['gives up', { min: 3, failures: 3 }, ['empty', 'empty', 'empty'], 0],
])('shellsToStart %s', (_, given, slots, expected) => {
  const { context } = startPool();
  expect(shellsToStart({ ...context(), ...given, slots })).toBe(expected);
});
