import { describe, expect, test } from 'vitest';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { heldPool } from './held-pool.ts';

describe('an AbortSignal', () => {
  test('takes a command out of the queue with ERR_ABORTED, its reason, and nothing run', async () => {
    const { pool, lease } = await heldPool();
    const started = record(pool, 'command.started');
    const abort = new AbortController();
    const waiting = pool.exec('echo waits', { signal: abort.signal });
    const behind = pool.exec('echo behind');
    abort.abort(new Error('enough'));
    const error = await errorOf(waiting);

    expect(error).toMatchObject({ code: 'ERR_ABORTED', started: false, cause: { message: 'enough' } });
    expect(waiting.state).toBe('ended');
    expect(pool.status().queued).toBe(1);
    await lease.release();
    expect((await behind).stdout).toBe('behind\n');
    expect(started.map(({ command }) => command)).toEqual(['echo behind']);
  });

  test('takes a lease out of the queue', async () => {
    const { pool, lease } = await heldPool();
    const abort = new AbortController();
    const waiting = errorOf(pool.acquire({ signal: abort.signal }));
    abort.abort();
    expect((await waiting).code).toBe('ERR_ABORTED');
    await lease.release();
    expect((await pool.exec('echo free')).stdout).toBe('free\n');
  });

  test('takes execAll out of the queue', async () => {
    const { pool, lease } = await heldPool();
    const abort = new AbortController();
    const waiting = errorOf(pool.execAll(['echo 1'], { signal: abort.signal }));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'ERR_ABORTED', started: false });
    await lease.release();
  });

  test('that has aborted refuses at once, and starts no shell', async () => {
    const pool = openPool();
    const signal = AbortSignal.abort(new Error('before'));
    for (const call of [
      pool.exec('true', { signal }),
      pool.acquire({ signal }),
      pool.execAll(['true'], { signal }),
      pool.use(() => {}, { signal }),
    ])
      expect(await errorOf(call as PromiseLike<unknown>)).toMatchObject({
        code: 'ERR_ABORTED',
        cause: { message: 'before' },
      });
    expect(pool.status().size).toBe(0);
  });

  test('interrupts a running command, and keeps the shell and its state', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec('state=kept');
    const abort = new AbortController();
    const started = nextEvent(pool, 'command.started');
    const running = pool.exec('echo begun; sleep 600', { signal: abort.signal });
    const begun = new Promise<void>((resolve) => {
      running.output$.subscribe(() => resolve());
    });
    await started;
    await begun;
    abort.abort('stop');
    const error = await errorOf(running);

    expect(error).toMatchObject({
      code: 'ERR_ABORTED',
      started: true,
      rung: 'interrupt',
      stateLost: false,
      cause: 'stop',
      stdout: 'begun\n',
    });
    expect((await pool.exec('echo $state')).stdout).toBe('kept\n');
  });

  test('interrupts a command that was written a moment ago, whatever the shell is at', async () => {
    const pool = openPool({ max: 1, killGrace: 3_000 });
    await pool.exec('state=kept');
    for (let n = 0; n < 30; n++) {
      const run = pool.exec('sleep 600');
      run.abort();
      expect(await errorOf(run)).toMatchObject({ code: 'ERR_ABORTED', rung: 'interrupt', stateLost: false });
    }
    expect((await pool.exec('echo $state')).stdout).toBe('kept\n');
  });

  test('kills what ignores the interrupt after killGrace, and says that the state is lost', async () => {
    const pool = openPool({ max: 1, killGrace: 100 });
    const abort = new AbortController();
    const running = pool.exec(`trap '' INT; echo begun; sleep 600`, { signal: abort.signal });
    const begun = new Promise<void>((resolve) => {
      running.output$.subscribe(() => resolve());
    });
    await begun;
    const lost = nextEvent(pool, 'shell.invalid');
    abort.abort();

    expect(await errorOf(soon(running))).toMatchObject({ code: 'ERR_ABORTED', rung: 'kill', stateLost: true });
    expect((await lost).reason).toBe('state-lost');
    expect((await pool.exec('echo next')).stdout).toBe('next\n');
  });

  test('that aborts after the end changes nothing', async () => {
    const pool = openPool();
    const abort = new AbortController();
    const result = await pool.exec('echo 1', { signal: abort.signal });
    abort.abort();
    expect(result.stdout).toBe('1\n');
    expect((await pool.exec('echo 2')).stdout).toBe('2\n');
  });
});
