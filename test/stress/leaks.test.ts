import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openPool, soon, statusWhere } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';
import { repoRoot, tools } from '../support/repo.ts';

test('after close() no process, timer, listener, handle or descriptor is left, and Node ends by itself', async () => {
  const run = promisify(execFile);
  const program = [tools.tsx, '--tsconfig', 'test/tsconfig.json', 'test/stress/leftovers.ts'];
  // Killed, and so rejected, when it does not end.
  const { stdout, stderr } = await run(process.execPath, program, {
    cwd: repoRoot,
    timeout: 25_000,
    killSignal: 'SIGKILL',
  });
  const { before, after, groups } = JSON.parse(stdout);
  expect(stderr).toBe('');
  expect(after).toEqual(before);
  expect(groups.length).toBeGreaterThan(6);
  expect(groups.flatMap(membersOf)).toEqual([]);
}, 30_000);

test('2,000 shells, one after the other in 8 slots, leave no descriptor, actor, delayed event or listener behind', async () => {
  const pool = openPool({ min: 8, max: 8 });
  const spend = async (amount: number): Promise<void> => {
    let left = amount;
    const call = async (): Promise<void> => {
      while (left-- > 0) expect(await soon(pool.exec('exit 0'))).toMatchObject({ exitCode: 0, shellExited: true });
    };
    await Promise.all(Array.from({ length: 8 }, call));
    await statusWhere(pool, ({ idle, size }) => idle === 8 && size === 8);
  };
  await spend(40);
  const before = holdings(pool);
  await spend(2_000);
  expect(holdings(pool)).toEqual(before);
  expect(pool.metrics().shells.spawned).toBe(2_048);
  await soon(pool.close());
}, 90_000);

/** All that could grow with the number of shells that ever lived. */
function holdings({ actor }: { actor: unknown }): object {
  const root = actor as {
    getSnapshot(): { children: object };
    system: { getSnapshot(): Record<string, object> };
  };
  return {
    files: readdirSync('/proc/self/fd').length,
    actors: Object.keys(root.getSnapshot().children).toSorted(),
    delayed: Object.keys(root.system.getSnapshot()['_scheduledEvents'] ?? {}).length,
    exitListeners: process.listenerCount('exit'),
  };
}
