import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import type { Pool } from '../../src/index.ts';
import { openPool } from '../support/pools.ts';
import { soaked } from '../support/soak.ts';
import { look, openInspector, placeOf } from './looking.ts';

/** How long the load lasts. ms */
const length = soaked(4_000, 60_000);
/** What may be kept for a viewer that takes nothing, the noise of the measurement included. Bytes */
const most = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A page that is open, and takes nothing. */
async function openStalled(url: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

/** Commands, lost shells among them, for so long. Resolves to how many there were. */
async function load(pool: Pool, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let ran = 0;
  const call = async (): Promise<void> => {
    while (performance.now() < end) {
      const text = ran++ % 40 === 0 ? 'exit' : `echo ${ran}`;
      await pool.exec(text, { reject: false });
    }
  };
  await Promise.all(Array.from({ length: 12 }, call));
  return ran;
}

function used(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test(`a viewer that takes nothing for ${length / 1_000} s of load slows no pool, and no memory is kept for it`, async () => {
  const pool = openPool({ max: 3 });
  const inspector = await openInspector(pool, { showCommands: true });
  await load(pool, 1_000);
  const alone = await load(pool, 1_000);
  const stalled = await openStalled(placeOf(inspector, 'events'));
  await load(pool, 500);
  const before = used();
  const watched = await load(pool, length);
  expect(used() - before).toBeLessThan(most);
  // Loosely: it is measured in the bench.
  expect(watched / length).toBeGreaterThan((alone / 1_000) * 0.2);
  // Others are not held up either.
  const viewer = await look(inspector);
  await viewer.until('a sample', () => viewer.all('samples').length > 0);
  expect(stalled.destroyed).toBe(false);
}, 120_000);
