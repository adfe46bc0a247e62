import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sh } from '../../src/index.ts';
import { openPool, soon, statusWhere } from '../support/pools.ts';
import { childrenOf, guardsOf, membersOf, untilEmpty } from '../support/processes.ts';
import { repoRoot, tools } from '../support/repo.ts';
import { turns } from '../support/run.ts';
import { shown, soaked } from '../support/soak.ts';

test('after close() no process, timer, listener, handle or descriptor is left, and Node ends by itself', async () => {
  const run = promisify(execFile);
  const program = [tools.tsx, '--tsconfig', 'test/tsconfig.json', 'test/stress/leftovers.ts'];
  // Killed, and so rejected, when it does not end.
  const { stdout, stderr } = await run(process.execPath, program, {
    cwd: repoRoot,
    timeout: 110_000,
    killSignal: 'SIGKILL',
  });
  const { before, after, groups } = JSON.parse(stdout);
  expect(stderr).toBe('');
  expect(after).toEqual(before);
  expect(groups.length).toBeGreaterThan(6);
  expect(groups.flatMap(membersOf)).toEqual([]);
});

const respawns = soaked(2_000, 10_000);

test(
  `${shown(respawns)} respawns in 8 slots leave no process, descriptor, actor, delayed event or listener behind`,
  { timeout: 1_800_000 },
  async () => {
    const pool = openPool({ shell: sh(), min: 8, max: 8 });
    const spend = async (amount: number): Promise<void> => {
      let left = amount;
      const call = async (): Promise<void> => {
        while (left-- > 0) expect(await soon(pool.exec('exit 0'))).toMatchObject({ exitCode: 0, shellExited: true });
      };
      await Promise.all(Array.from({ length: 8 }, call));
      await statusWhere(pool, ({ idle, size }) => idle === 8 && size === 8);
      await turns(3);
    };
    await spend(40);
    const before = holdings(pool);
    expect(before.processes).toHaveLength(8);
    await spend(respawns);
    const after = holdings(pool);
    expect({ ...after, processes: after.processes.length }).toEqual({ ...before, processes: 8 });
    expect(pool.metrics().shells.spawned).toBe(respawns + 48);

    await soon(pool.close());
    // Not asked by their ids, which others may have by now.
    expect(await untilEmpty(() => childrenOf(process.pid), 5_000)).toEqual([]);
  },
);

/** All that could grow with the number of shells that ever lived. */
function holdings({ actor }: { actor: unknown }): {
  processes: number[];
  files: number;
  resources: string[];
  actors: string[];
  delayed: number;
  listeners: Record<string, number>;
} {
  const root = actor as {
    getSnapshot(): { children: object };
    system: { getSnapshot(): Record<string, object> };
  };
  return {
    processes: childrenOf(process.pid).filter((pid) => !guardsOf(process.pid).includes(pid)),
    files: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().toSorted(),
    actors: Object.keys(root.getSnapshot().children).toSorted(),
    delayed: Object.keys(root.system.getSnapshot()['_scheduledEvents'] ?? {}).length,
    listeners: Object.fromEntries(
      process.eventNames().map((name) => [String(name), process.listenerCount(name)] as const),
    ),
  };
}
