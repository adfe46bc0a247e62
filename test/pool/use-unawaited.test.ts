import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { turns } from '../support/run.ts';

let unhandled: unknown[] = [];
beforeEach(() => {
  unhandled = [];
  // Instead of the test runner's own, for which any is a failure.
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => unhandled.push(error));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    others.forEach((listener) => process.on('unhandledRejection', listener));
  });
});

describe('a command that use() interrupts and nobody waited for', () => {
  test.each<[string, (session: Session) => unknown]>([
    ['when the function returns', (session) => void session.exec('sleep 600')],
    [
      'and those behind it',
      (session) => void [session.exec('sleep 600'), session.exec('echo 2'), session.$`sleep ${600}`],
    ],
    [
      'when the function throws',
      (session) => {
        session.exec('sleep 600');
        throw new Error('mine');
      },
    ],
  ])('is no unhandled rejection, %s', async (_, run) => {
    const pool = openPool({ max: 1 });
    const rejected = record(pool, 'command.rejected');
    await soon(pool.use(run)).catch(({ message }: Error) => expect(message).toBe('mine'));
    await turns(3);
    expect(unhandled).toEqual([]);
    // It is told all the same.
    expect(rejected.length).toBeGreaterThan(0);
    for (const { error } of rejected) expect(error.code).toBe('ERR_ABORTED');
    expect((await pool.exec('echo free')).stdout).toBe('free\n');
  });

  test('still rejects for who waits for it later', async () => {
    const pool = openPool({ max: 1 });
    const [run] = await soon(pool.use((session) => [session.exec('sleep 600')] as const));
    await turns(3);
    expect(unhandled).toEqual([]);
    expect(await errorOf(run)).toMatchObject({ code: 'ERR_ABORTED' });
  });
});

test('a command that nobody waited for and that was not interrupted is an unhandled rejection', async () => {
  const pool = openPool({ max: 1 });
  const rejected = nextEvent(pool, 'command.rejected');
  await pool.use(async (session) => {
    session.exec('sleep 600', { timeout: 20 });
    await rejected;
    await turns(3);
  });
  expect(unhandled).toMatchObject([{ code: 'ERR_TIMEOUT' }]);
});
