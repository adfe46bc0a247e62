import { createActor, fromCallback } from 'xstate';
import { expect, test } from 'vitest';
import { shellMachine } from '../../machines/index.ts';
import { never, settled, spawned, startIdleShell, startShell } from './start-shell.ts';

test('a bare shell is stepped by hand, with nothing provided', async () => {
  const actor = createActor(shellMachine, {
    input: { path: 'shell.0', slot: 'shell.0', idleTimeout: Infinity, initTimeout: Infinity },
  });
  actor.start();
  expect(actor.getSnapshot().value).toBe('spawning');
  actor.send({ type: 'process.spawned', pid: 1 });
  expect(actor.getSnapshot().value).toBe('initializing');
  await settled();
  actor.send({ type: 'borrow' });
  expect(actor.getSnapshot().value).toBe('busy');
  actor.send({ type: 'invalidate', reason: 'invalidated', cause: 'by its user' });
  expect(actor.getSnapshot().value).toBe('invalid');
  actor.send({ type: 'return' });
  expect(actor.getSnapshot().value).toBe('destroying');
  await settled();
  expect(actor.getSnapshot()).toMatchObject({
    value: 'destroyed',
    status: 'done',
    output: { reason: 'invalidated', failedStart: false },
  });
});

test('a shell reports ready once, and idle after every borrower', async () => {
  const { actor, heard } = await startIdleShell();
  for (let round = 0; round < 2; round += 1) {
    actor.send({ type: 'borrow' });
    actor.send({ type: 'return' });
  }
  expect(heard()).toEqual(['shell.ready', 'shell.busy', 'shell.idle', 'shell.busy', 'shell.idle']);
});

test('initTimeout bounds spawning and initializing together', async () => {
  const { actor, clock, reports, process } = startShell({ initialize: never, teardown: never });
  clock.increment(400);
  process(spawned);
  clock.increment(99);
  expect(actor.getSnapshot().value).toBe('initializing');
  clock.increment(1);
  expect(actor.getSnapshot().value).toBe('destroying');
  expect(reports[0]).toMatchObject({ type: 'shell.invalid', reason: 'init-timeout', failedStart: true, fatal: false });
});

test('initTimeout no longer counts once the shell has been idle', async () => {
  const { actor, clock } = await startIdleShell({ input: { idleTimeout: Infinity } });
  clock.increment(10_000);
  expect(actor.getSnapshot().matches('idle')).toBe(true);
});

test('an idle shell reports idleTimeout after every idleTimeout, and does not announce idle again', async () => {
  const { actor, clock, heard } = await startIdleShell();
  clock.increment(999);
  expect(heard()).toEqual(['shell.ready']);
  clock.increment(1);
  clock.increment(1000);
  expect(heard()).toEqual(['shell.ready', 'shell.idleTimeout', 'shell.idleTimeout']);
  actor.send({ type: 'borrow' });
  clock.increment(10_000);
  expect(heard().at(-1)).toBe('shell.busy');
  actor.send({ type: 'return' });
  clock.increment(999);
  expect(heard().at(-1)).toBe('shell.idle');
  clock.increment(1);
  expect(heard().at(-1)).toBe('shell.idleTimeout');
});

test.each([Infinity, Number.MAX_SAFE_INTEGER, 2 ** 31])('a timeout of %d does not fire at once', async (ms) => {
  const { actor, clock, heard, process } = startShell({ input: { idleTimeout: ms, initTimeout: ms } });
  clock.increment(2 ** 31 - 2);
  expect(actor.getSnapshot().value).toBe('spawning');
  process(spawned);
  await settled();
  clock.increment(2 ** 31 - 2);
  expect(heard()).toEqual(['shell.ready']);
});

test('a shell that fails to start says whether another try is useless', async () => {
  const spawn = startShell();
  spawn.process({ type: 'process.failed', cause: 'ENOENT', fatal: true });
  expect(spawn.reports[0]).toMatchObject({ reason: 'spawn-failed', cause: 'ENOENT', fatal: true, failedStart: true });

  const init = startShell({ initialize: () => Promise.reject(Object.assign(new Error('no'), { fatal: true })) });
  init.process(spawned);
  await settled();
  expect(init.reports[0]).toMatchObject({ reason: 'init-failed', cause: 'no', fatal: true, failedStart: true });
});

test('a process actor that throws makes a failed start, not an error', async () => {
  const machine = shellMachine.provide({
    actors: {
      process: fromCallback<{ type: string }, { path: string }>(() => {
        throw new Error('no runtime');
      }),
    },
  });
  const actor = createActor(machine, {
    input: { path: 'shell.0', slot: 'shell.0', idleTimeout: Infinity, initTimeout: Infinity },
  });
  actor.start();
  await settled();
  expect(actor.getSnapshot()).toMatchObject({
    status: 'done',
    output: { reason: 'spawn-failed', failedStart: true },
    context: { cause: 'no runtime' },
  });
});

test.each([true, false])(
  'a shell that exits early (%s) after it was idle counts as a failed start then only',
  async (early) => {
    const { actor, reports, process } = await startIdleShell();
    process({ type: 'process.exited', early, cause: 'exit 1' });
    expect(reports[1]).toMatchObject({ type: 'shell.invalid', reason: 'exited', cause: 'exit 1', failedStart: early });
    await settled();
    expect(actor.getSnapshot().output).toEqual({ reason: 'exited', failedStart: early });
  },
);

test('an invalid shell stays until its borrower lets go, and keeps its first reason', async () => {
  const { actor, heard, process, teardowns } = await startIdleShell();
  actor.send({ type: 'borrow' });
  actor.send({ type: 'invalidate', reason: 'state-lost' });
  actor.send({ type: 'invalidate', reason: 'protocol-error' });
  process({ type: 'process.exited', early: false });
  expect(actor.getSnapshot().value).toBe('invalid');
  actor.send({ type: 'return' });
  await settled();
  expect(actor.getSnapshot().output).toEqual({ reason: 'state-lost', failedStart: false });
  expect(heard().slice(2)).toEqual(['shell.invalid', 'shell.ending']);
  expect(teardowns).toEqual([false]);
});

test('a shell retired while idle ends in step, and a kill then takes that back', async () => {
  const { actor, teardowns, isDisposed } = await startIdleShell({
    teardown: (graceful) => (graceful ? never() : Promise.resolve()),
  });
  actor.send({ type: 'retire', reason: 'pool-closed' });
  expect(teardowns).toEqual([true]);
  await settled();
  expect(actor.getSnapshot().value).toBe('destroying');
  actor.send({ type: 'kill', reason: 'pool-killed' });
  expect(teardowns).toEqual([true, false]);
  await settled();
  expect(actor.getSnapshot().output).toEqual({ reason: 'pool-closed', failedStart: false });
  expect(isDisposed()).toBe(true);
});

test('a shell is gone even when its teardown fails', async () => {
  const { actor } = await startIdleShell({ teardown: () => Promise.reject(new Error('stuck')) });
  actor.send({ type: 'kill', reason: 'pool-killed' });
  await settled();
  expect(actor.getSnapshot().value).toBe('destroyed');
  expect(actor.getSnapshot().status).toBe('done');
});
