import { describe, expect, test } from 'vitest';
import type { ShellAccess } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, soon } from '../support/pools.ts';

describe('a function of init', () => {
  test('that does not wait for its commands still has the shell until they have ended', async () => {
    const pool = openPool({
      max: 1,
      init: [
        (shell) => {
          void shell.exec('sleep 0.3');
          void shell.exec('READY=yes');
        },
      ],
    });
    expect((await soon(pool.exec('echo $READY'))).stdout).toBe('yes\n');
  });

  test('has the shell no longer than its step lasts', async () => {
    let kept: ShellAccess | undefined;
    const pool = openPool({ max: 1, init: [(shell) => (kept = shell)] });
    await pool.ready();
    expect(await errorOf(kept!.exec('echo mine'))).toMatchObject({ code: 'ERR_SESSION_RELEASED', started: false });
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('that is under way when the pool closes by force ends with its shell, as pool-killed', async () => {
    const pool = openPool({ min: 1, max: 1, init: ['sleep 600'] });
    await nextEvent(pool, 'shell.initializing');
    await new Promise((resolve) => setImmediate(resolve));
    const gone = nextEvent(pool, 'shell.destroyed');
    await soon(pool.close({ force: true }));
    expect((await gone).reason).toBe('pool-killed');
  });
});
