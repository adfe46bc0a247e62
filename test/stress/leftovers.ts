// A program: uses pools hard, closes them, and says what is left of them. It must then end by itself.
import { readdirSync } from 'node:fs';
import { createPool, type Pool } from 'shellwright';
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
