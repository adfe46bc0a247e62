import { createActor, fromCallback, SimulatedClock } from 'xstate';
import { describe, expect, test } from 'vitest';
import {
  childOf,
  crewMachine,
  lateBound,
  poolMachine,
  slotId,
  supervisorMachine,
  type ChildReport,
  type ChildSpec,
  type PoolInput,
  type PoolState,
  type ShellEvent,
} from '../../machines/index.ts';

/** Lets promises that are already settled be heard. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const options: Omit<PoolInput, 'path'> = {
  min: 1,
  max: 3,
  spare: 0,
  idleTimeout: 1000,
  initTimeout: 500,
  restart: { attempts: 2, cooldown: 5000, backoff: { initial: 100, max: 1000, factor: 2, jitter: 0 } },
};

/** A pool of bare shells under a parent that only listens; in `log`, what it announces. */
function startChild(input: Partial<PoolInput> = {}) {
  const reports: ChildReport[] = [];
  const log: string[] = [];
  const parent = createActor(fromCallback<ChildReport>(({ receive }) => receive((report) => reports.push(report))));
  parent.start();
  const clock = new SimulatedClock();
  const machine = poolMachine.provide({
    actions: {
      announce: (_, { state }) => log.push(state),
      fail: () => log.push('fail'),
      abandon: () => log.push('abandon'),
    },
  });
  const pool = createActor(machine, {
    clock,
    input: { ...options, path: 'root/git', id: 'git', run: 3, parent, ...input },
  });
  pool.start();
  const tell = async (index: number, event: ShellEvent) => {
    pool.getSnapshot().children[slotId(index)]?.send(event);
    await settled();
  };
  return { pool, clock, reports, log, tell };
}

const started: ChildReport = { type: 'child.started', id: 'git', run: 3 };
const spawned: ShellEvent = { type: 'process.spawned', pid: 1 };
const hopeless: ShellEvent = { type: 'process.failed', cause: 'no such program', fatal: true };

describe('a pool with a supervisor', () => {
  test('has started when min shells have been idle, and says so once', async () => {
    const { pool, reports, tell } = startChild({ min: 2 });
    await tell(0, spawned);
    expect(reports).toEqual([]);
    await tell(1, spawned);
    expect(reports).toEqual([started]);
    await tell(0, { type: 'process.exited', early: false });
    await tell(0, spawned);
    expect(pool.getSnapshot().value).toBe('ready');
    expect(reports).toEqual([started]);
  });

  test('has started at once with min 0, when no shell is to be there', () => {
    const { pool, reports } = startChild({ min: 0 });
    expect(reports).toEqual([started]);
    expect(pool.getSnapshot().value).toBe('starting');
  });

  test('ends in a crash with the cause when it fails, once it is told to stop', async () => {
    const { pool, log, tell } = startChild();
    await tell(0, hopeless);
    expect(pool.getSnapshot().value).toEqual({ failed: 'open' });
    pool.send({ type: 'stop', graceful: true });
    expect(log).toEqual(['starting', 'failed', 'fail', 'closing', 'closed']);
    expect(pool.getSnapshot().output).toEqual({ kind: 'crash', cause: 'no such program' });
  });

  test('never tries again by itself once it has failed', async () => {
    const { pool, clock, tell } = startChild();
    await tell(0, hopeless);
    clock.increment(100_000);
    pool.send({ type: 'demand', waiting: 1 });
    expect(pool.getSnapshot().value).toEqual({ failed: 'open' });
    expect(pool.getSnapshot().context.slots).not.toContain('starting');
  });

  test('stays failed when a start that was under way succeeds after all', async () => {
    const { pool, tell } = startChild({ min: 2 });
    await tell(0, hopeless);
    await tell(1, spawned);
    expect(pool.getSnapshot().value).toEqual({ failed: 'open' });
    expect(pool.getSnapshot().context.slots[1]).toBe('idle');
  });

  test.each(['close', 'shutdown'] as const)('that has failed ends in that crash, whatever %s says', async (type) => {
    const { pool, log, tell } = startChild();
    await tell(0, hopeless);
    pool.send({ type });
    pool.send({ type: 'stop', graceful: true });
    expect(pool.getSnapshot().output?.kind).toBe('crash');
    expect(log.filter((entry) => entry === 'fail')).toHaveLength(1);
  });

  test('ends normally when its user closes it, and by shutdown when it is told to', () => {
    for (const [type, kind] of [
      ['close', 'normal'],
      ['shutdown', 'shutdown'],
    ] as const) {
      const { pool } = startChild({ min: 0 });
      pool.send({ type });
      pool.send({ type: 'shutdown' });
      expect(pool.getSnapshot().value).toEqual({ closing: 'draining' });
      pool.send({ type: 'stop', graceful: true });
      expect(pool.getSnapshot().output).toEqual({ kind });
    }
  });

  test('that is killed says so, and ends when it was told to stop and its shells are gone', async () => {
    const { pool, log, tell } = startChild();
    await tell(0, spawned);
    await tell(0, { type: 'borrow' });
    pool.send({ type: 'kill' });
    expect(log).toEqual(['starting', 'ready', 'abandon', 'closing']);
    pool.send({ type: 'stop', graceful: false });
    await settled();
    expect(pool.getSnapshot().output).toEqual({ kind: 'killed' });
  });

  test('that has failed and is killed ends in its crash', async () => {
    const { pool, log, tell } = startChild();
    await tell(0, hopeless);
    pool.send({ type: 'kill' });
    expect(log).toEqual(['starting', 'failed', 'fail', 'abandon', 'closing']);
    pool.send({ type: 'stop', graceful: false });
    expect(pool.getSnapshot().output).toEqual({ kind: 'crash', cause: 'no such program' });
  });

  test('that is killed while it is closing was killed', () => {
    for (const stop of [false, true]) {
      const { pool, log } = startChild();
      pool.send({ type: 'close' });
      if (stop) pool.send({ type: 'stop', graceful: true });
      pool.send({ type: 'kill' });
      expect(log.filter((entry) => entry === 'abandon')).toHaveLength(1);
      expect(log.filter((entry) => entry === 'closing')).toHaveLength(1);
      expect(pool.getSnapshot().context.verdict).toEqual({ kind: 'killed' });
    }
  });
});

test('a supervisor starts its pools in order, and again when one of them fails', async () => {
  const log: string[] = [];
  const spec = (id: string): ChildSpec => ({ id, type: 'pool', restart: 'permanent', shutdown: 100 });
  const pool = lateBound((input) => ({ logic, input: { ...options, ...input } }));
  const logic = poolMachine.provide({
    actions: {
      announce: ({ context: { path }, self }, { state }: { state: PoolState }) => {
        log.push(`${path} ${state}`);
        // As src does it when nothing runs.
        if (state === 'failed' || state === 'closing') self.send({ type: 'stop', graceful: true });
      },
    },
  });
  const tree = createActor(supervisorMachine.provide({ actors: { crew: crewMachine.provide({ actors: { pool } }) } }), {
    clock: new SimulatedClock(),
    input: { path: 'root', strategy: 'one_for_one', intensity: 1, period: 1000, children: [spec('a'), spec('b')] },
  });
  const tell = async (id: string, event: ShellEvent, slot = slotId(0)) => {
    const child = tree.getSnapshot().children['crew.0']!.getSnapshot().children[id]!;
    const { children } = child.getSnapshot() as unknown as ReturnType<typeof poolMachine.getInitialSnapshot>;
    children[slot]?.send(event);
    await settled();
  };
  tree.start();
  expect(log).toEqual(['root/a starting']);
  await tell('a', spawned);
  await tell('b', spawned);
  expect(tree.getSnapshot().value).toBe('running');
  log.length = 0;
  await tell('a', { type: 'process.exited', early: false });
  await tell('a', hopeless, slotId(1)); // the first slot is not empty yet
  expect(log).toEqual(['root/a failed', 'root/a closing', 'root/a closed', 'root/a starting']);
  expect(childOf(tree.getSnapshot().context.roster, 'a')).toMatchObject({
    run: 2,
    state: 'starting',
    exit: { kind: 'crash', cause: 'no such program' },
  });
  tree.send({ type: 'close' });
  await settled();
  expect(tree.getSnapshot().value).toBe('closed');
});
