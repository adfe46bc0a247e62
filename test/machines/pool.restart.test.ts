import { expect, onTestFinished, test, vi } from 'vitest';
import { backoffDelay, poolMachine, shellMachine } from '../../machines/index.ts';
import { defaults, settled, startPool } from './start-pool.ts';

test('failed starts back off, and a pool fails after its attempts', async () => {
  const { clock, fail, context, announced, failures } = startPool({ min: 2 });
  await fail(0);
  expect(context()).toMatchObject({ failures: 1, backingOff: true, slots: ['empty', 'starting', 'empty'] });
  await fail(1);
  for (const wait of [100, 200]) {
    clock.increment(wait - 1);
    expect(context().slots).toEqual(['empty', 'empty', 'empty']);
    clock.increment(1);
    // One at a time, whatever `min` says.
    expect(context().slots).toEqual(['starting', 'empty', 'empty']);
    expect(announced).toEqual(['starting']);
    await fail(0);
  }
  expect(announced).toEqual(['starting', 'failed']);
  expect(failures).toEqual(['no luck']);
  clock.increment(4000);
  expect(context().slots).toEqual(['empty', 'empty', 'empty']);
});

test('starts made together that fail are one failure, whenever each of them fails', async () => {
  const { clock, fail, context, announced } = startPool({ min: 3 });
  await fail(1);
  await fail(0);
  expect(context()).toMatchObject({ failures: 1, backingOff: true });
  clock.increment(300);
  // The one that still starts is waited for, though the backoff is over.
  expect(context()).toMatchObject({ backingOff: false, slots: ['empty', 'empty', 'starting'] });
  await fail(2);
  expect(context()).toMatchObject({ failures: 1, slots: ['starting', 'empty', 'empty'] });
  await fail(0);
  expect(context()).toMatchObject({ failures: 2, backingOff: true, slots: ['empty', 'empty', 'empty'] });
  expect(announced).toEqual(['starting']);
});

test('starts made together of which some succeed serve, and more are tried one at a time after the backoff', async () => {
  const { pool, clock, fail, bringUp, context, announced } = startPool({ max: 5 });
  pool.send({ type: 'demand', waiting: 5 });
  for (const index of [1, 3]) await fail(index);
  for (const index of [0, 2, 4]) await bringUp(index);
  // A success ends the row and not the wait: what failed beside it is not tried again at each success.
  expect(context()).toMatchObject({
    failures: 0,
    backingOff: true,
    slots: ['idle', 'empty', 'idle', 'empty', 'idle'],
  });
  expect(announced).toEqual(['starting', 'ready']);
  clock.increment(100);
  expect(context().slots).toEqual(['idle', 'starting', 'idle', 'empty', 'idle']);
  await fail(1);
  expect(context()).toMatchObject({ failures: 1, backingOff: true });
  clock.increment(100);
  await bringUp(1);
  // One that began after the last failure: the trouble is over, and the rest may come.
  expect(context()).toMatchObject({ failures: 0, slots: ['idle', 'idle', 'idle', 'starting', 'idle'] });
});

test('a shell that began before a failure and dies early is part of it, one that began later is not', async () => {
  const { clock, fail, bringUp, lose, context } = startPool({ min: 3 });
  await bringUp(0, 1);
  await fail(2);
  await lose(0, true);
  await lose(1, true);
  expect(context()).toMatchObject({ failures: 1, slots: ['empty', 'empty', 'empty'] });
  clock.increment(100);
  await bringUp(0);
  await lose(0, true);
  expect(context()).toMatchObject({ failures: 2, backingOff: true });
});

test('an early death takes back the success of its own shell, and not that of one that had its slot before', async () => {
  const { clock, fail, bringUp, lose, context } = startPool({ min: 1, max: 1 });
  for (const failures of [1, 2]) {
    await fail(0);
    expect(context().failures).toBe(failures);
    clock.increment(1000);
  }
  await bringUp(0);
  await lose(0);
  expect(context()).toMatchObject({ failures: 0, slots: ['starting'] });
  await fail(0);
  expect(context().failures).toBe(1);
  clock.increment(1000);
  await bringUp(0);
  await lose(0, true);
  expect(context().failures).toBe(2);
});

test('a fatal failure of one that was started together fails the pool at once', async () => {
  const { fail, announced } = startPool({ min: 2 });
  await fail(0);
  await fail(1, true);
  expect(announced).toEqual(['starting', 'failed']);
});

test('attempts that take 40 s each to fail are counted all the same, and no other start is made', async () => {
  const { machine, starts } = countingStarts();
  const restart = { attempts: 5, cooldown: 30_000, backoff: { initial: 100, max: 30_000, factor: 2, jitter: 0 } };
  const { pool, clock, announced, context } = startPool({ min: 3, initTimeout: 40_000, restart }, machine);
  const waits = [100, 200, 400, 800];
  for (const [index, wait] of waits.entries()) {
    clock.increment(39_999);
    expect(context().failures).toBe(index);
    clock.increment(1);
    await settled();
    expect(context().failures).toBe(index + 1);
    clock.increment(wait);
  }
  pool.send({ type: 'demand', waiting: 10 });
  clock.increment(40_000);
  await settled();
  expect(announced).toEqual(['starting', 'failed']);
  expect(starts()).toBe(3 + 4);
  clock.increment(29_999);
  pool.send({ type: 'demand', waiting: 10 });
  expect(starts()).toBe(7);
});

test('a pool whose shells never start tries as often as the backoff allows, and no more', async () => {
  const { machine, starts } = countingStarts();
  const restart = { ...defaults.restart, attempts: 1_000_000 };
  const { clock, fail, context } = startPool({ min: 3, spare: 1, initTimeout: Infinity, restart }, machine);
  for (let seconds = 0; seconds < 3600; seconds += 1) {
    clock.increment(1000);
    for (const [index, state] of context().slots.entries()) if (state === 'starting') await fail(index);
  }
  // All three at first; and then, once the waits have grown to their `max` of a second, one after each.
  expect(starts()).toBeGreaterThan(3000);
  expect(starts()).toBeLessThanOrEqual(3 + 3600);
});

test('a pool whose shells die early tries as often as the backoff allows, and no more', async () => {
  const { machine, starts } = countingStarts();
  const restart = { ...defaults.restart, attempts: 1_000_000 };
  const { clock, bringUp, lose, context } = startPool({ min: 1, restart }, machine);
  for (let seconds = 0; seconds < 600; seconds += 1) {
    clock.increment(1000);
    if (context().slots[0] === 'starting') await bringUp(0);
    await lose(0, true);
  }
  expect(starts()).toBeGreaterThan(300);
  expect(starts()).toBeLessThanOrEqual(601);
});

test('the backoff has its jitter: two pools do not try in step', async () => {
  const random = vi.spyOn(Math, 'random');
  onTestFinished(() => random.mockRestore());
  const restart = { ...defaults.restart, backoff: { ...defaults.restart.backoff, jitter: 0.2 } };
  for (const [chance, wait] of [
    [0, 80],
    [0.25, 90],
    [0.75, 110],
  ] as const) {
    random.mockReturnValue(chance);
    const { clock, fail, context } = startPool({ min: 1, restart });
    await fail(0);
    clock.increment(wait - 1);
    expect(context().slots[0]).toBe('empty');
    // A fraction of a millisecond may be missing.
    clock.increment(2);
    expect(context().slots[0]).toBe('starting');
  }
});

test.each<[string, (pool: ReturnType<typeof startPool>) => unknown]>([
  ['exits while idle', ({ lose }) => lose(0)],
  ['exits while busy', ({ tell, lose }) => (tell(0, { type: 'borrow' }), lose(0), tell(0, { type: 'return' }))],
  ['is invalidated while idle', ({ tell }) => tell(0, { type: 'invalidate', reason: 'max-uses' })],
  ['is retired', ({ tell }) => tell(0, { type: 'retire', reason: 'idle-timeout' })],
  ['is killed', ({ tell }) => tell(0, { type: 'kill', reason: 'pool-killed' })],
])('a shell that %s is replaced at once and not counted, also with one attempt', async (_, end) => {
  const started = startPool({ min: 1, max: 1, restart: { ...defaults.restart, attempts: 1 } });
  const { bringUp, context, announced } = started;
  for (let round = 0; round < 20; round += 1) {
    await bringUp(0);
    end(started);
    await settled();
    // No time has passed.
    expect(context()).toMatchObject({ failures: 0, cautious: false, backingOff: false, slots: ['starting'] });
  }
  expect(announced).toEqual(['starting', 'ready']);
});

test('a fatal failure fails the pool at once', async () => {
  const { fail, announced } = startPool({ min: 1 });
  await fail(0, true);
  expect(announced).toEqual(['starting', 'failed']);
});

test('a failed pool tries one shell on the first request after cooldown, and gives up at its first failure', async () => {
  const { pool, clock, fail, bringUp, context, announced } = startPool({ min: 2 });
  await fail(0, true);
  await fail(1);
  pool.send({ type: 'demand', waiting: 2 });
  clock.increment(5000);
  expect(context().slots).toEqual(['empty', 'empty', 'empty']);
  pool.send({ type: 'demand', waiting: 2 });
  expect(context().slots).toEqual(['starting', 'empty', 'empty']);
  await fail(0);
  expect(pool.getSnapshot().value).toEqual({ failed: 'open' });
  clock.increment(5000);
  pool.send({ type: 'demand', waiting: 2 });
  await bringUp(0);
  expect(context()).toMatchObject({ failures: 0, slots: ['idle', 'starting', 'empty'] });
  expect(announced).toEqual(['starting', 'failed', 'starting', 'failed', 'starting']);
  await bringUp(1);
  expect(announced.at(-1)).toBe('ready');
});

test('a half-open pool tries exactly one shell, whatever is wanted and however long that takes', async () => {
  const { machine, starts } = countingStarts();
  const { pool, clock, fail, bringUp, announced, context } = startPool({ min: 2, spare: 1, max: 5 }, machine);
  await fail(0, true);
  for (const index of [1]) await fail(index);
  const before = starts();
  clock.increment(5000);
  for (let request = 1; request <= 5; request += 1) {
    pool.send({ type: 'demand', waiting: request });
    clock.increment(50);
  }
  expect(starts()).toBe(before + 1);
  await bringUp(0);
  // It works again: as many as are wanted.
  expect(context().slots).toEqual(['idle', 'starting', 'starting', 'starting', 'starting']);
  expect(announced).toEqual(['starting', 'failed', 'starting']);
});

test('a half-open pool is not failed again by a start of before, and is by its own', async () => {
  const { pool, clock, fail, announced, context } = startPool({
    min: 2,
    initTimeout: Infinity,
    restart: { ...defaults.restart, attempts: 1 },
  });
  await fail(0);
  clock.increment(5000);
  pool.send({ type: 'demand', waiting: 1 });
  expect(context().slots).toEqual(['empty', 'starting', 'empty']);
  await fail(1);
  expect(announced).toEqual(['starting', 'failed', 'starting']);
  expect(context().slots).toEqual(['starting', 'empty', 'empty']);
  await fail(0);
  expect(announced).toEqual(['starting', 'failed', 'starting', 'failed']);
});

test('a pool with an endless cooldown stays failed', async () => {
  const { pool, clock, fail } = startPool({ min: 1, restart: { ...defaults.restart, cooldown: Infinity } });
  await fail(0, true);
  clock.increment(2 ** 31);
  expect(pool.getSnapshot().value).toEqual({ failed: 'open' });
});

test('a start that was under way brings a failed pool back', async () => {
  const { fail, bringUp, announced, context } = startPool({ min: 2 });
  await fail(0, true);
  await bringUp(1);
  expect(announced).toEqual(['starting', 'failed', 'ready']);
  expect(context()).toMatchObject({ failures: 0, slots: ['starting', 'idle', 'empty'] });
});

test('shells that become ready and die early fail the pool all the same', async () => {
  const { clock, bringUp, lose, announced } = startPool({ min: 1 });
  for (let round = 0; round < 3; round += 1) {
    await bringUp(0);
    await lose(0, true);
    clock.increment(1000);
  }
  expect(announced.at(-1)).toBe('failed');
});

test('backoffDelay grows by its factor up to max, give or take the jitter', () => {
  const backoff = { initial: 100, max: 1000, factor: 2, jitter: 0.2 };
  expect([1, 2, 3, 4, 5, 5000].map((failures) => backoffDelay(backoff, failures, 0.5))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect(backoffDelay(backoff, 1, 0)).toBeCloseTo(80);
  expect(backoffDelay(backoff, 1, 1)).toBeCloseTo(120);
});

/** The pool machine, with shells that are counted when they start. */
function countingStarts(): { machine: typeof poolMachine; starts: () => number } {
  let starts = 0;
  const shell = shellMachine.provide({
    actions: { announce: (_, { state }) => void (state === 'spawning' && starts++) },
  });
  return { machine: poolMachine.provide({ actors: { shell } }), starts: () => starts };
}
