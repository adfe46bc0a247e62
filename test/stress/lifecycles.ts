// A program: runs so many lives of shells through the machines of a pool, with processes that are simulated, and says what the heap held
// after each tenth of them. Run with --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import type { ShellSlot } from '../../machines/index.ts';
import { checkPoolOptions } from '../../src/options/pool-options.ts';
import { createPoolActor, type ShellEffects } from '../../src/pool/actors.ts';
import type { Tell } from '../../src/pool/shell-roles.ts';

const total = Number(process.argv[2]);
const slots = 8;

/** What becomes of a shell that is idle; each ends its life. */
const ends: readonly ((tell: Tell) => void)[] = [
  (tell) => tell({ type: 'process.exited', early: false, cause: 'exit code 0' }),
  (tell) => {
    tell({ type: 'borrow' });
    tell({ type: 'return' });
    tell({ type: 'retire', reason: 'idle-timeout' });
  },
  (tell) => {
    tell({ type: 'borrow' });
    tell({ type: 'invalidate', reason: 'pattern-matched', cause: 'stdout matched' });
    tell({ type: 'return' });
  },
  (tell) => tell({ type: 'kill', reason: 'pool-killed' }),
];
/** One start of so many fails. */
const failsOnceIn = 100;

let lives = 0;
let limit = 0;
let reached = (): void => {};
/** Shells that are idle and wait for the next tenth. */
let waiting: Tell[] = [];

const actor = createPoolActor(
  checkPoolOptions({
    min: slots,
    max: slots,
    restart: { attempts: 1_000_000, backoff: { initial: 0, max: 0 } },
  }),
  {
    create: (_path, _slot: ShellSlot, tell) => simulated(tell),
    enter: () => {},
    fail: () => {},
    reap: () => {},
    check: () => {},
    hurry: () => {},
    crashed: () => {},
  },
);
// The timers of a pool keep nobody alive.
const awake = setInterval(() => {}, 1_000);
actor.start();

const heap: number[] = [];
for (let tenth = 1; tenth <= 10; tenth++) {
  await untilLives((total * tenth) / 10);
  await turn();
  global.gc?.();
  heap.push(process.memoryUsage().heapUsed);
}
const children = Object.keys(actor.getSnapshot().children).toSorted();
console.log(JSON.stringify({ lives, heap, children, failures: actor.getSnapshot().context.failures }));
actor.stop();
clearInterval(awake);

function simulated(tell: Tell): ShellEffects {
  return {
    spawn: async () => {
      if (++lives % failsOnceIn === 0) tell({ type: 'process.failed', cause: 'simulated', fatal: false });
      else tell({ type: 'process.spawned', pid: lives });
    },
    initialize: async () => {},
    teardown: async () => {},
    enter: (state) => {
      if (state === 'idle') queueMicrotask(() => endLife(tell));
    },
    dispose: () => {},
  };
}

function endLife(tell: Tell): void {
  if (lives < limit) return ends[lives % ends.length]?.(tell);
  waiting.push(tell);
  if (waiting.length === slots) reached();
}

/** Resolves when so many lives have begun, and all shells are idle. */
async function untilLives(amount: number): Promise<void> {
  limit = amount;
  const done = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const idle = waiting;
  waiting = [];
  idle.forEach(endLife);
  await done;
}
