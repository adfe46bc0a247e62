import type { Pool, Session } from '../../src/index.ts';
import { openPool } from '../support/pools.ts';

/** A pool of one shell, and the lease that holds it. */
export async function heldPool(options: Parameters<typeof openPool>[0] = {}): Promise<{ pool: Pool; lease: Session }> {
  const pool = openPool({ max: 1, ...options });
  // A first shell may take longer to start than the acquireTimeout of a test.
  await pool.ready();
  return { pool, lease: await pool.acquire() };
}
