// A program: uses pools hard, closes them, and says what is left of them. It must then end by itself.
import { readdirSync } from 'node:fs';
import { createPool, createSupervisor, type Pool } from 'shellwright';
import { turns } from '../support/run.ts';

const listeners = (): Record<string, number> =>
  Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
const resources = (): string[] => process.getActiveResourcesInfo().toSorted();
const openFiles = (): number => readdirSync('/proc/self/fd').length;

const before = { listeners: listeners(), resources: resources(), files: openFiles() };
const groups = new Set<number>();

const graceful = open();
await work(graceful);
await graceful.close();

const forced = open();
await work(forced);
const cut = Promise.allSettled(
  ['sleep 60', 'sleep 61 & sleep 62', 'trap "" INT TERM; sleep 63', 'echo queued'].map((command) =>
    forced.exec(command),
  ),
);
const lease = forced.acquire().catch(() => undefined);
await forced.close({ force: true });
await cut;
await lease;

const failing = createPool({
  logger: false,
  init: ['exit 1'],
  restart: { attempts: 2, cooldown: 60_000, backoff: { initial: 1 } },
});
await failing.exec('echo never').catch(() => {});
await failing.close();

const unused = createPool({ logger: false });
await unused.close();

await superviseAndFail();
await superviseAndClose();
// Handles are closed by libuv in the turn after.
await turns(3);

const after = { listeners: listeners(), resources: resources(), files: openFiles() };
console.log(JSON.stringify({ before, after, groups: [...groups] }));

function open(): Pool {
  const pool = createPool({ min: 1, max: 3, logger: false, killGrace: 100 });
  pool.events$.subscribe((event) => {
    if ('pid' in event && event.pid !== undefined) groups.add(event.pid);
  });
  return pool;
}

/** Restarts, orders and escalations; the end is that of the root. */
async function superviseAndFail(): Promise<void> {
  let broken = false;
  const check = (): void => {
    if (broken) throw new Error('broken');
  };
  const fragile = { min: 1, max: 1, init: [check], restart: { attempts: 1 } };
  const supervisor = { children: [{ id: 'x', pool: fragile }] };
  const children = [
    { id: 'a', pool: { min: 1 } },
    { id: 's', supervisor },
  ];
  const tree = createSupervisor({ logger: false, strategy: 'one_for_all', children });
  tree.on('shell.initializing', ({ pid = 0 }) => groups.add(pid));
  await tree.ready();
  await tree.startChild({ id: 'b', pool: { min: 1 }, restart: 'temporary' });
  await tree.terminateChild('a');
  await tree.restartChild('a');
  await tree.supervisor('s').close();
  await tree.ready();
  broken = true;
  // A tree in which nobody waits for anything does not keep Node alive.
  const awake = setInterval(() => {}, 1_000);
  const stopped = tree.pool('a').exec('sleep 60', { timeout: 50, reject: false });
  await tree.supervisor('s').pool('x').exec('exit 1');
  await stopped;
  await tree.closed.catch(() => {});
  clearInterval(awake);
}

/** Children that take all their time, and more. */
async function superviseAndClose(): Promise<void> {
  const children = [
    { id: 'a', pool: { min: 1 }, shutdown: 100 },
    { id: 'b', pool: { min: 1 }, shutdown: 'infinity' as const },
  ];
  const tree = createSupervisor({ logger: false, children });
  tree.on('shell.initializing', ({ pid = 0 }) => groups.add(pid));
  await tree.ready();
  const stubborn = children.map(({ id }) => tree.pool(id).exec('trap "" INT TERM; sleep 60'));
  const closed = tree.close({ timeout: 300 });
  await Promise.allSettled([...stubborn, closed, tree.close()]);
}

/** Everything that starts a timer, a listener or a process. */
async function work(pool: Pool): Promise<void> {
  await pool.ready();
  const controller = new AbortController();
  await Promise.allSettled([
    pool.exec('echo one', { signal: controller.signal, timeout: 5_000, acquireTimeout: 5_000 }),
    pool.exec('sleep 60', { timeout: 5 }),
    pool.exec('exit 3'),
    pool.exec('kill -9 $$'),
    pool.exec('sleep 60', { signal: AbortSignal.timeout(20) }),
    pool.exec('sleep 60 & echo left a child'),
    pool.exec('yes | head -c 300000; printf "%0.sx" {1..100000}'),
    pool.exec(`: ${'x'.repeat(200_000)}`),
    pool.use((session) => session.exec('echo two')),
    pool.execAll(['echo 1', 'echo 2']),
    pool.acquire({ acquireTimeout: 1 }).then((session) => session.release()),
  ]);
  for await (const line of pool.exec('yes')) if (line) break;
}
