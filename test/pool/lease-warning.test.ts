import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Logger, Pool, PoolOptions, Session } from '../../src/index.ts';
import { nextEvent, openPool } from '../support/pools.ts';
import { memoryLogger } from '../support/witness.ts';

type Line = Record<string, unknown>;

/** The lines of a pool of one shell that are no events. */
function watchedPool(options: PoolOptions = {}): { pool: Pool; warnings: () => Line[] } {
  const lines: Line[] = [];
  const pool = openPool({ name: 'jobs', max: 1, logger: memoryLogger(lines), ...options });
  return { pool, warnings: () => lines.filter(({ level }) => level === 'warn') };
}

async function takeForever(pool: Pool): Promise<Session> {
  return pool.acquire();
}

describe('a lease held long', () => {
  // Processes are real, and time is not.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  test('while others wait is warned of once, with the stack that acquired it', async () => {
    const { pool, warnings } = watchedPool();
    const lease = await takeForever(pool);
    const waiting = [pool.exec('echo 1'), pool.exec('echo 2')];
    vi.advanceTimersByTime(29_000);
    expect(warnings()).toEqual([]);
    vi.advanceTimersByTime(6_000);
    expect(warnings()).toEqual([
      {
        level: 'warn',
        message: 'A lease has been held for 30 s while others wait: is it released?',
        pool: 'jobs',
        shellId: lease.shellId,
        sessionId: lease.id,
        heldMs: 30_000,
        waiting: 2,
        stack: expect.stringMatching(/takeForever.*lease-warning\.test/),
      },
    ]);
    // It begins where the pool was called.
    expect(String(warnings()[0]!['stack']).split('\n')[1]).toContain('takeForever');
    vi.advanceTimersByTime(600_000);
    expect(warnings()).toHaveLength(1);
    await lease.release();
    await Promise.all(waiting);
  });

  test('is not warned of while nobody waits, and is when others come later', async () => {
    const { pool, warnings } = watchedPool();
    const lease = await pool.acquire();
    vi.advanceTimersByTime(3_600_000);
    expect(warnings()).toEqual([]);
    const waiting = pool.exec('true');
    vi.advanceTimersByTime(4_999);
    expect(warnings(), 'a queue of a moment').toEqual([]);
    vi.advanceTimersByTime(5_001);
    expect(warnings()).toMatchObject([{ waiting: 1, heldMs: 3_610_000 }]);
    await lease.release();
    await waiting;
  });

  test('and released in time is not warned of, and the next one has its own time', async () => {
    const { pool, warnings } = watchedPool();
    for (let n = 0; n < 5; n++) {
      const lease = await pool.acquire();
      const waiting = pool.exec('true');
      vi.advanceTimersByTime(29_000);
      await lease.release();
      await waiting;
    }
    expect(warnings()).toEqual([]);
  });

  test('is warned of each by its own, the oldest first', async () => {
    const { pool, warnings } = watchedPool({ max: 3 });
    const [first, second] = [await pool.acquire(), await pool.acquire()];
    vi.advanceTimersByTime(20_000);
    const third = await pool.acquire();
    const waiting = pool.exec('true');
    vi.advanceTimersByTime(15_000);
    expect(warnings().map(({ sessionId }) => sessionId)).toEqual([first.id, second.id]);
    vi.advanceTimersByTime(20_000);
    expect(warnings().map(({ sessionId }) => sessionId)).toEqual([first.id, second.id, third.id]);
    await Promise.all([first.release(), second.release(), third.release(), waiting]);
  });

  test('by use, or for a key, is warned of too; one of execAll is not', async () => {
    const { pool, warnings } = watchedPool();
    let leave = (): void => {};
    let used: Promise<void> | undefined;
    await new Promise<void>((entered) => {
      used = pool.use(() => {
        entered();
        return new Promise<void>((resolve) => {
          leave = resolve;
        });
      });
    });
    const keyed = pool.session('ada');
    vi.advanceTimersByTime(40_000);
    expect(warnings()).toMatchObject([{ waiting: 1, stack: expect.stringContaining('lease-warning.test') }]);
    leave();
    await used;
    const session = await keyed;
    const waiting = pool.exec('true');
    vi.advanceTimersByTime(40_000);
    expect(warnings()[1]).toMatchObject({
      sessionKey: 'ada',
      sessionId: session.id,
      stack: expect.stringContaining('lease-warning.test'),
    });
    await session.end();
    await waiting;

    const running = nextEvent(pool, 'command.started', ({ command }) => command === 'sleep 0.3');
    const batch = pool.execAll(['sleep 0.3', 'true']);
    await running;
    const later = pool.exec('true');
    vi.advanceTimersByTime(100_000);
    expect(warnings()).toHaveLength(2);
    await Promise.all([batch, later]);
  });

  test.each<[string, Logger | false]>([
    ['false', false],
    [
      'one that breaks',
      {
        ...memoryLogger([]),
        warn: () => {
          throw new Error('broken');
        },
      },
    ],
  ])('does no harm where the logger is %s', async (_, logger) => {
    const pool = openPool({ max: 1, logger });
    const lease = await pool.acquire();
    const waiting = pool.exec('true');
    vi.advanceTimersByTime(60_000);
    await lease.release();
    expect((await waiting).exitCode).toBe(0);
  });
});
