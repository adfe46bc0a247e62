import { createActor, SimulatedClock } from 'xstate';
import { poolMachine, slotId } from '../../machines/index.ts';
import type { PoolInput, ShellEvent } from '../../machines/index.ts';

/** Lets promises that are already settled be heard. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

export const defaults: PoolInput = {
  path: 'root/git',
  min: 0,
  max: 3,
  spare: 0,
  idleTimeout: 1000,
  initTimeout: 500,
  restart: { attempts: 3, cooldown: 5000, backoff: { initial: 100, max: 1000, factor: 2, jitter: 0 } },
};

/** A pool of bare shells, whose processes speak when the test says so. */
export function startPool(input: Partial<PoolInput> = {}, machine = poolMachine) {
  const clock = new SimulatedClock();
  const announced: string[] = [];
  const failures: (string | undefined)[] = [];
  const crashes: string[] = [];
  const pool = createActor(
    machine.provide({
      actions: {
        announce: (_, { state }) => announced.push(state),
        fail: (_, { cause }) => failures.push(cause),
        crashed: (_, { slot }) => crashes.push(slot),
      },
    }),
    { clock, input: { ...defaults, ...input } },
  );
  pool.start();
  const tell = (index: number, event: ShellEvent) => pool.getSnapshot().children[slotId(index)]?.send(event);
  const bringUp = async (...indexes: number[]) => {
    for (const index of indexes) tell(index, { type: 'process.spawned', pid: index + 1 });
    await settled();
  };
  const fail = async (index: number, fatal = false) => {
    tell(index, { type: 'process.failed', cause: 'no luck', fatal });
    await settled();
  };
  const lose = async (index: number, early = false) => {
    tell(index, { type: 'process.exited', early, cause: 'exit 1' });
    await settled();
  };
  const context = () => pool.getSnapshot().context;
  return { pool, clock, announced, failures, crashes, tell, bringUp, fail, lose, context };
}
