import {
  createPool,
  type Execution,
  type Pool,
  type PoolOptions,
  type Session,
  type ShellwrightError,
} from 'shellwright';
import { onTestFinished } from 'vitest';

/** A quiet pool that ends with the test that made it. */
export function testPool(options: PoolOptions & { encoding: 'buffer' }): Pool<Buffer>;
export function testPool(options?: PoolOptions): Pool;
export function testPool(options: PoolOptions = {}): unknown {
  const pool = createPool({ logger: false, max: 1, ...options });
  onTestFinished(() => pool.close({ force: true }));
  return pool;
}

/** A shell of its own for this test; it is not used again, since what a test did to it is nobody's business. */
export async function testSession(pool: Pool): Promise<Session> {
  const session = await pool.acquire();
  onTestFinished(async () => {
    session.invalidate();
    // A command that hangs must not hang the tests after it too.
    const living = pool.status().shells.filter(({ state }) => state !== 'destroying');
    if (living.some(({ pid }) => pid === session.pid)) process.kill(session.pid, 'SIGKILL');
    await session.release();
  });
  return session;
}

/** The error a promise rejects with; an error of its own when it resolves. */
export async function rejection(promise: PromiseLike<unknown>): Promise<ShellwrightError> {
  let resolved: unknown;
  try {
    resolved = await promise;
  } catch (error) {
    return error as ShellwrightError;
  }
  throw new Error(`Expected a rejection, got ${JSON.stringify(resolved)?.slice(0, 500)}`);
}

/** Resolves when the command has written `text` to stdout or stderr; rejects when it ends before. */
export function said(run: Execution | Execution<Buffer>, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const look = (data: string | Buffer): void => {
      seen += data.toString();
      if (seen.includes(text)) resolve();
    };
    const { stdout, stderr } = run.partial();
    (run as Execution<string | Buffer>).output$.subscribe({
      next: ({ data }) => look(data),
      complete: () => reject(new Error(`The command ended without ${text}: ${seen}`)),
    });
    look(stdout.toString() + stderr.toString());
  });
}

/** Lets everything that is ready happen, `amount` times: pipes that can be read are read in each turn. */
export async function turns(amount: number): Promise<void> {
  for (let turn = 0; turn < amount; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Every way to cut `length` bytes that has at most two cuts, and byte by byte, when there are few enough; as lists of cuts. */
export function* cutsOf(length: number): Generator<number[]> {
  yield [];
  yield Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);
  for (let first = 1; first < length; first++) yield [first];
}

/** `bytes` in pieces, cut at the given places. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => Math.min(place, bytes.length)))].toSorted((a, b) => a - b);
  const starts = [0, ...ends];
  return starts.map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}
