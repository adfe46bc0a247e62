import { createActor, fromCallback, SimulatedClock } from 'xstate';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { childOf, childrenOf, countsOf, crewMachine, supervisorMachine } from '../../machines/index.ts';
import type { ChildInput, ChildLogic, ChildOrder } from '../../machines/index.ts';
import { newChild } from '../../machines/supervisor/lives.ts';
import { rosterOf, withChild, withoutChild } from '../../machines/supervisor/roster.ts';

const spec = (index: number) => ({ id: `c${index}`, type: 'pool', restart: 'permanent', shutdown: 100 }) as const;

const obedient = fromCallback<ChildOrder, ChildInput>(({ input: { id, run, parent }, receive }) => {
  receive(() => parent.send({ type: 'child.exited', id, run, kind: 'shutdown' }));
  parent.send({ type: 'child.started', id, run });
}) as unknown as ChildLogic;

/** CPU time in ms of a start and an end. */
function lifeOf(count: number): number {
  const crew = crewMachine.provide({ actors: { pool: obedient } });
  const children = Array.from({ length: count }, (_, index) => spec(index));
  const tree = createActor(supervisorMachine.provide({ actors: { crew } }), {
    clock: new SimulatedClock(),
    input: { path: 'root', strategy: 'one_for_one', intensity: 1, period: 1, children },
  });
  const before = process.cpuUsage();
  tree.start();
  expect(countsOf(tree.getSnapshot().context.roster).active).toBe(count);
  tree.send({ type: 'close' });
  expect(tree.getSnapshot().value).toBe('closed');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('starting and stopping takes linear time from 1,000 to 10,000 children', () => {
  lifeOf(1000);
  const small = Math.min(lifeOf(1000), lifeOf(1000), lifeOf(1000));
  // Three times the linear time leaves room for caches and the collector; what is quadratic takes ten times.
  expect(lifeOf(10_000)).toBeLessThan(small * 10 * 3);
});

test('a roster is the list that it stands for, however children come and go', () => {
  const change = fc.record({ index: fc.nat(300), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.nat(200), fc.array(change, { maxLength: 600 }), (size, changes) => {
      const model = new Map(Array.from({ length: size }, (_, index) => [`c${index}`, newChild(spec(index), 0)]));
      let roster = rosterOf([...model.values()]);
      for (const { index, leaves } of changes) {
        const child = { ...newChild(spec(index), 0), up: index % 2 === 0 };
        roster = leaves ? withoutChild(roster, child.id) : withChild(roster, child);
        if (leaves) model.delete(child.id);
        else model.set(child.id, child);
      }
      expect([...childrenOf(roster)]).toEqual([...model.values()]);
      for (const [id, child] of model) expect(childOf(roster, id)).toEqual(child);
      expect(countsOf(roster).specs).toBe(model.size);
      expect(roster.active).toBe([...model.values()].filter(({ up }) => up).length);
    }),
    { numRuns: 50 },
  );
});
