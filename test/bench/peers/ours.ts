import { createPool, type Dialect, type Pool, type PoolOptions } from 'shellwright';
import { withoutNewline } from '../questions.ts';
import type { OpenPeer, Peer } from './peer.ts';

/** Us. */
export function openOurs(shell?: Dialect): OpenPeer {
  return async (shells) => peerOf(await openPool(shells, { shell }));
}

/** A pool of so many shells, all of them idle. */
export async function openPool(shells: number, options: PoolOptions = {}): Promise<Pool> {
  const pool = createPool({ min: shells, max: shells, history: { max: 0 }, logger: false, ...options });
  await pool.ready();
  return pool;
}

/** A pool as something that answers. */
export function peerOf(pool: Pool): Peer {
  return {
    ask: async ({ command }) => withoutNewline((await pool.exec(command)).stdout),
    askAll: async (questions) =>
      (await pool.execAll(questions.map(({ command }) => command))).map(({ stdout }) => withoutNewline(stdout)),
    pids: () => pool.status().shells.flatMap(({ pid }) => pid ?? []),
    close: () => pool.close(),
  };
}
