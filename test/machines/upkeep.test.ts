import { expect, onTestFinished, test, vi } from 'vitest';
import { slotId, type ShellEvent, type ShellInput } from '../../machines/index.ts';
import { settled, startIdleShell } from './start-shell.ts';

const health = { interval: 1_000, timeout: 200 };
const slot = slotId(0);

/** With the chance 0.5 the first check is due after half of the interval, and the others after 19 of 20 parts of it. */
async function startCheckedShell(input: Partial<ShellInput> = {}, chance = 0.5) {
  const random = vi.spyOn(Math, 'random').mockReturnValue(chance);
  onTestFinished(() => random.mockRestore());
  const shell = await startIdleShell({ input: { health, idleTimeout: Infinity, ...input } });
  return { ...shell, checksDue: () => shell.heard().filter((type) => type === 'shell.checkDue').length };
}

test('a check is due within the interval after the start, and again after each check, never during one', async () => {
  const { actor, clock, checksDue } = await startCheckedShell();
  clock.increment(499);
  expect(checksDue()).toBe(0);
  clock.increment(1);
  expect(checksDue()).toBe(1);
  // Nobody has begun it, so another is not due yet.
  clock.increment(10_000);
  expect(checksDue()).toBe(1);
  actor.send({ type: 'check' });
  clock.increment(100);
  actor.send({ type: 'return' });
  clock.increment(949);
  expect(checksDue()).toBe(1);
  clock.increment(1);
  expect(checksDue()).toBe(2);
});

test.each([
  [0, 0, 1_000],
  [0.999_999, 999, 900],
])('with the chance %d the first check is due after %d ms and the next after %d', async (random, first, next) => {
  const { actor, clock, checksDue } = await startCheckedShell({}, random);
  clock.increment(first + 1);
  expect(checksDue()).toBe(1);
  actor.send({ type: 'check' });
  actor.send({ type: 'return' });
  clock.increment(next - 1);
  expect(checksDue()).toBe(1);
  clock.increment(2);
  expect(checksDue()).toBe(2);
});

test('a check that is due is reported by a busy shell too', async () => {
  const { actor, clock, checksDue } = await startCheckedShell();
  actor.send({ type: 'borrow' });
  clock.increment(500);
  expect(checksDue()).toBe(1);
});

test('without times of health no check is ever due', async () => {
  const { clock, heard } = await startIdleShell({ input: { idleTimeout: Infinity } });
  clock.increment(2 ** 40);
  expect(heard()).toEqual(['shell.ready']);
});

test('a shell that is ending is not reported as due', async () => {
  const { actor, clock, checksDue } = await startCheckedShell();
  actor.send({ type: 'borrow' });
  actor.send({ type: 'invalidate', reason: 'invalidated' });
  clock.increment(10_000);
  expect(checksDue()).toBe(0);
});

test.each<[event: Extract<ShellEvent['type'], 'validate' | 'check' | 'reset'>, limit: number, reason: string]>([
  ['validate', 500, 'validate-failed'],
  ['check', 200, 'health-failed'],
  ['reset', 500, 'reset-failed'],
])('%s ends the shell after its limit of %d ms with %s, and not before', async (type, limit, reason) => {
  const { actor, clock, reports, teardowns } = await startCheckedShell();
  for (let round = 0; round < 3; round += 1) {
    actor.send({ type: 'borrow' });
    actor.send({ type });
    clock.increment(limit - 1);
    expect(actor.getSnapshot().matches('idle')).toBe(true);
  }
  clock.increment(1);
  expect(reports.at(-2)).toMatchObject({ type: 'shell.invalid', slot, reason, failedStart: false });
  expect(reports.at(-2)).toMatchObject({ cause: expect.stringContaining(`(${limit} ms)`) });
  await settled();
  // Something may be running in it.
  expect(teardowns).toEqual([false]);
  expect(actor.getSnapshot().output).toEqual({ reason, failedStart: false });
});

test.each(['validate', 'reset'] as const)('%s takes as long as it likes with initTimeout: Infinity', async (type) => {
  const { actor, clock } = await startCheckedShell({ initTimeout: Infinity });
  actor.send({ type: 'borrow' });
  actor.send({ type });
  clock.increment(2 ** 40);
  expect(actor.getSnapshot().matches('idle')).toBe(true);
});

test('a shell reports idle when it is free again, and not while something is done with it', async () => {
  const { actor, heard } = await startIdleShell();
  actor.send({ type: 'borrow' });
  actor.send({ type: 'reset' });
  actor.send({ type: 'check' });
  actor.send({ type: 'validate' });
  expect(heard()).toEqual(['shell.ready', 'shell.busy']);
  actor.send({ type: 'return' });
  expect(heard()).toEqual(['shell.ready', 'shell.busy', 'shell.idle']);
});

test('a check does not put off idleTimeout: what ran out meanwhile is reported when the shell is free', async () => {
  const { actor, clock, heard } = await startIdleShell();
  clock.increment(900);
  actor.send({ type: 'check' });
  clock.increment(50);
  actor.send({ type: 'return' });
  clock.increment(49);
  expect(heard()).not.toContain('shell.idleTimeout');
  actor.send({ type: 'check' });
  clock.increment(1);
  expect(heard()).not.toContain('shell.idleTimeout');
  actor.send({ type: 'return' });
  expect(heard().slice(-2)).toEqual(['shell.idle', 'shell.idleTimeout']);
  clock.increment(1_000);
  expect(heard().filter((type) => type === 'shell.idleTimeout')).toHaveLength(2);
});

test('idleTimeout that ran out during a check is forgotten when the shell is borrowed', async () => {
  const { actor, clock, heard } = await startIdleShell();
  actor.send({ type: 'check' });
  clock.increment(1_000);
  actor.send({ type: 'borrow' });
  actor.send({ type: 'return' });
  expect(heard()).not.toContain('shell.idleTimeout');
});
