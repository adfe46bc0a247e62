import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { bash, sh, type PoolState } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record, statusWhere } from '../support/pools.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

describe.each(dialects)('status of a pool of %s()', (_, dialect) => {
  test('has the shape that is documented', async () => {
    const before = Date.now();
    const pool = openPool({ name: 'git', shell: dialect(), max: 2 });
    const lease = await pool.acquire();
    await lease.exec('echo 1');
    const result = await pool.exec('(exit 3)');
    const status = pool.status();

    expect(status).toEqual({
      name: 'git',
      state: 'ready',
      size: 2,
      idle: 1,
      busy: 1,
      queued: 0,
      shells: [
        {
          id: 'shell.0',
          pid: lease.pid,
          state: 'busy',
          since: expect.any(Number),
          uses: 1,
          history: [expect.objectContaining({ command: 'echo 1' })],
        },
        {
          id: 'shell.1',
          pid: result.pid,
          state: 'idle',
          since: expect.any(Number),
          uses: 1,
          history: [
            {
              id: result.id,
              command: '(exit 3)',
              startedAt: result.startedAt,
              durationMs: result.durationMs,
              exitCode: 3,
            },
          ],
        },
      ],
    });
    for (const { since } of status.shells) {
      expect(since).toBeGreaterThanOrEqual(before);
      expect(since).toBeLessThanOrEqual(Date.now());
    }
    await lease.release();
  });
});

describe('status', () => {
  test('is a copy: changing it changes nothing', async () => {
    const pool = openPool();
    await pool.exec('true');
    const status = pool.status();
    status.shells[0]!.history.length = 0;
    status.shells.length = 0;
    expect(pool.status().shells[0]?.history).toHaveLength(1);
  });

  test('counts a shell of another slot after its replacement anew', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec('true');
    await pool.exec('exit 0');
    await pool.exec('true');
    expect(pool.status().shells).toMatchObject([{ id: 'shell.0', uses: 1, history: [{ command: 'true' }] }]);
  });

  test('goes through starting, ready, saturated, ready, closing, closed', async () => {
    const pool = openPool({ max: 1, destroy: ['true'] });
    const states = [pool.status().state];
    const reach = async (state: PoolState): Promise<void> => {
      states.push((await statusWhere(pool, (status) => status.state === state)).state);
    };
    const lease = await pool.acquire();
    await reach('ready');
    const waiting = pool.exec('true');
    await reach('saturated');
    await lease.release();
    await waiting;
    await reach('ready');
    const last = await pool.acquire();
    const closed = pool.close();
    await reach('closing');
    await last.release();
    await closed;
    states.push(pool.status().state);
    expect(states).toEqual(['starting', 'ready', 'saturated', 'ready', 'closing', 'closed']);
  });

  test('keeps the error of the last failed start', async () => {
    const pool = openPool({ init: ['echo why >&2; false'], restart: { attempts: 1 } });
    const error = await errorOf(pool.ready());
    expect(pool.status().lastError).toBe(error.cause);
  });
});

describe('history', () => {
  test('keeps the last max commands of each shell, the oldest first, and uses counts all', async () => {
    const pool = openPool({ max: 1, history: { max: 3 } });
    for (let n = 1; n <= 5; n++) await pool.exec(`echo ${n}`);
    const [shell] = pool.status().shells;
    expect(shell?.history.map(({ command }) => command)).toEqual(['echo 3', 'echo 4', 'echo 5']);
    expect(shell?.history[0]).not.toHaveProperty('stdout');
    expect(shell?.uses).toBe(5);
  });

  test('keeps 20 by default', async () => {
    const pool = openPool({ max: 1 });
    await pool.execAll(Array.from({ length: 25 }, (_, n) => `echo ${n}`));
    const history = pool.status().shells[0]!.history;
    expect(history).toHaveLength(20);
    expect(history[0]?.command).toBe('echo 5');
  });

  test('keeps nothing with max: 0', async () => {
    const pool = openPool({ max: 1, history: { max: 0, output: true } });
    await pool.exec('echo 1');
    expect(pool.status().shells).toMatchObject([{ uses: 1, history: [] }]);
  });

  test('keeps the output with output: true, clipped', async () => {
    const pool = openPool({ max: 1, history: { output: true } });
    await pool.exec('echo out; echo err >&2');
    await pool.exec('i=0; while [ $i -lt 3000 ]; do echo 123456789; i=$((i+1)); done');
    const [short, long] = pool.status().shells[0]!.history;
    expect(short).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
    expect(long!.stdout!.length).toBeLessThanOrEqual(10_001);
  });

  test('clips a long command', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec(`: ${'x'.repeat(5_000)}`);
    expect(pool.status().shells[0]!.history[0]!.command.length).toBeLessThanOrEqual(1_001);
  });

  test('never cuts a character in two', async () => {
    const pool = openPool({ max: 1, history: { output: true } });
    for (const lead of ['', 'x'])
      await pool.exec(`: ${lead}${'😀'.repeat(600)}; printf '${lead}'; yes '😀' | head -6000 | tr -d '\\n'`);
    for (const { command, stdout } of pool.status().shells[0]!.history) {
      for (const text of [command, stdout!]) {
        expect(text.at(-1)).toBe('…');
        expect(Buffer.from(text).toString(), 'no half of a character, and none in its place').toBe(
          text.replaceAll('\uFFFD', ''),
        );
      }
    }
  });

  test('keeps no more in memory than it shows', async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const pool = openPool({ max: 1, history: { max: 10, output: true } });
    await pool.exec('true');
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 10; n++) await pool.exec(`: ${'y'.repeat(1_000_000)}; head -c 4000000 /dev/zero | tr '\\0' x`);
    expect(pool.status().shells[0]!.history).toHaveLength(10);
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    // 40 MB of output and 10 MB of commands went by.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  });

  test('says why a command was stopped', async () => {
    const pool = openPool({ max: 1 });
    await errorOf(pool.exec('sleep 600', { timeout: 100 }));
    expect(pool.status().shells[0]?.history).toMatchObject([{ command: 'sleep 600', error: 'ERR_TIMEOUT' }]);
  });
});

describe('metrics', () => {
  test('are all zero before anything happened', () => {
    const none = { count: 0, sum: 0, max: 0, p50: 0, p90: 0, p99: 0 };
    expect(openPool().metrics()).toEqual({
      commands: { submitted: 0, finished: 0, failed: 0, rejected: 0, timedOut: 0, aborted: 0 },
      shells: { spawned: 0, ready: 0, destroyed: 0, invalid: 0 },
      health: { passed: 0, failed: 0 },
      wait: none,
      run: none,
    });
  });

  test('count commands by how they ended, each once', async () => {
    const pool = openPool({ max: 1 });
    const ends = record(pool, 'command.finished', 'command.rejected');
    await pool.exec('true');
    await pool.exec('(exit 2)');
    await errorOf(pool.exec('(exit 2)', { reject: true }));
    await errorOf(pool.exec('sleep 600', { timeout: 100 }));
    await errorOf(pool.exec('true', { signal: AbortSignal.abort() }));
    await errorOf(pool.exec('true', { timeout: -1 }));
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.execAll(['true', 'exit 1']);
    await gone;
    const { commands, shells, wait, run } = pool.metrics();

    expect(commands).toEqual({ submitted: 8, finished: 5, failed: 3, rejected: 3, timedOut: 1, aborted: 1 });
    expect(ends.map(({ type }) => type)).toEqual([
      'command.finished',
      'command.finished',
      'command.finished',
      'command.rejected',
      'command.rejected',
      'command.rejected',
      'command.finished',
      'command.finished',
    ]);
    expect(shells).toEqual({ spawned: 1, ready: 1, destroyed: 1, invalid: 1 });
    // What never ran has no times.
    expect(wait.count).toBe(6);
    expect(run.count).toBe(6);
    expect(run.max).toBeGreaterThanOrEqual(99);
    expect(run.sum).toBeGreaterThanOrEqual(run.max * 0.99);
    expect(run.p50).toBeLessThanOrEqual(run.p90);
    expect(run.p90).toBeLessThanOrEqual(run.p99);
    expect(run.p99).toBeLessThanOrEqual(run.max);
  });

  test('add up for many callers', async () => {
    const pool = openPool({ max: 2 });
    await Promise.all(Array.from({ length: 300 }, (_, n) => pool.exec(`(exit ${n % 2})`)));
    const { commands, wait, run } = pool.metrics();
    expect(commands).toMatchObject({ submitted: 300, finished: 300, failed: 150, rejected: 0 });
    expect(wait.count).toBe(300);
    expect(run.count).toBe(300);
  });

  test('stay readable after close', async () => {
    const pool = openPool();
    await pool.exec('true');
    await pool.close();
    expect(pool.metrics()).toMatchObject({ commands: { finished: 1 }, shells: { spawned: 1, ready: 1, destroyed: 1 } });
  });
});
