import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';

function logFile(): { file: string; lines: () => string[] } {
  const file = join(temporaryFolder(), 'log');
  writeFileSync(file, '');
  return { file, lines: () => readFileSync(file, 'utf8').split('\n').filter(Boolean) };
}

/** A check says nothing before it has ended, so the file is all there is to wait for. */
const hasLine = (lines: () => string[], line: string): Promise<void> =>
  vi.waitFor(() => expect(lines()).toContain(line), { timeout: 60_000, interval: 5 });

describe('a health check while somebody waits', () => {
  test('stops after its present command, and goes on with the next when the shell comes free', async () => {
    const { file, lines } = logFile();
    const commands = [`echo a >>${file}; sleep 1`, `echo b >>${file}`, `echo c >>${file}`].map((command) => ({
      command,
    }));
    const pool = openPool({ min: 1, max: 1, healthCheck: { interval: 200, timeout: 10_000, commands } });
    await hasLine(lines, 'a');
    const passed = nextEvent(pool, 'health.passed');
    const results = await soon(Promise.all([1, 2, 3].map((n) => pool.exec(`echo user ${n} >>${file}; echo ${n}`))));
    expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n']);
    await passed;
    expect(lines().slice(0, 6)).toEqual(['a', 'user 1', 'user 2', 'user 3', 'b', 'c']);
  });

  test('that hangs keeps a command no longer than its timeout, and another shell serves it', async () => {
    const { file, lines } = logFile();
    const commands = [{ command: `echo a >>${file}; sleep 600` }, { command: `echo b >>${file}` }];
    const pool = openPool({ min: 1, max: 1, healthCheck: { interval: 300, timeout: 500, commands } });
    await hasLine(lines, 'a');
    const pid = pool.status().shells[0]?.pid;
    const result = await soon(pool.exec('echo served'));
    expect(result.stdout).toBe('served\n');
    expect(result.pid).not.toBe(pid);
    expect(lines()).not.toContain('b');
  });

  test('does not keep it from another shell: one is started while there is room', async () => {
    const { file, lines } = logFile();
    const commands = [{ command: `echo a >>${file}; sleep 600` }];
    const pool = openPool({ min: 1, max: 2, healthCheck: { interval: 50, timeout: 60_000, commands } });
    await hasLine(lines, 'a');
    expect((await soon(pool.exec('echo served'))).stdout).toBe('served\n');
    expect(pool.metrics().shells.spawned).toBe(2);
  });

  test('counts as a shell to come for maxQueue', async () => {
    const { file, lines } = logFile();
    const commands = [{ command: `echo a >>${file}; sleep 0.3` }];
    const pool = openPool({ min: 1, max: 1, maxQueue: 0, healthCheck: { interval: 100, timeout: 10_000, commands } });
    await hasLine(lines, 'a');
    expect((await soon(pool.exec('echo served'))).stdout).toBe('served\n');
  });

  test('goes on with its list, but no command ever waits behind two of it', async () => {
    const { file, lines } = logFile();
    const commands = ['1', '2'].map((n) => ({ command: `sleep 0.01; echo check ${n} >>${file}` }));
    const pool = openPool({ min: 1, max: 1, healthCheck: { interval: 1, timeout: 10_000, commands } });
    await pool.ready();
    const waits: number[] = [];
    const call = async (caller: number): Promise<void> => {
      for (let n = 0; n < 25; n++) {
        const before = lines().length;
        await pool.exec(`echo user ${caller}.${n} >>${file}`);
        const seen = lines();
        const own = seen.indexOf(`user ${caller}.${n}`);
        waits.push(seen.slice(before, own).filter((line) => line.startsWith('check')).length);
      }
    };
    await soon(Promise.all([1, 2, 3].map(call)));
    expect(Math.max(...waits)).toBe(1);
    const checks = lines().filter((line) => line.startsWith('check'));
    expect(checks.length).toBeGreaterThan(2);
    checks.forEach((line, index) => expect(line).toBe(`check ${(index % 2) + 1}`));
  });
});

describe('a shell that is busy when its check is due', () => {
  test('is checked when it comes free, and not before', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      min: 1,
      max: 1,
      healthCheck: { interval: 50, timeout: 10_000, commands: [{ command: `echo check >>${file}` }] },
    });
    const session = await pool.acquire();
    await session.exec(`: >${file}`);
    await session.exec('sleep 0.3');
    await session.exec('true');
    expect(lines()).toEqual([]);
    const passed = nextEvent(pool, 'health.passed');
    await session.release();
    expect(await passed).toMatchObject({ pid: session.pid });
  });

  test('is not checked at the hand-over while another is: who waits gets it at once', async () => {
    const { file, lines } = logFile();
    const healthCheck = { interval: 50, timeout: 10_000, commands: [{ command: `sleep 1; echo checked >>${file}` }] };
    const pool = openPool({ min: 2, max: 2, healthCheck });
    const leases = [await pool.acquire(), await pool.acquire()] as const;
    await Promise.all(leases.map((lease) => lease.exec(`sleep 0.3; : >${file}`)));
    const runs = [1, 2].map((n) => pool.exec(`echo user ${n} >>${file}`));
    await Promise.all(leases.map((lease) => lease.release()));
    await soon(Promise.all(runs));
    expect(lines()).toEqual(['user 1', 'user 2']);
  });

  test('is checked at the hand-over too, before who has come last', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      min: 1,
      max: 1,
      healthCheck: { interval: 50, timeout: 10_000, commands: [{ command: `echo check >>${file}` }] },
    });
    const session = await pool.acquire();
    await session.exec(`sleep 0.3; : >${file}`);
    const run = pool.exec(`echo user >>${file}`);
    expect(pool.status().queued).toBe(1);
    await session.release();
    await soon(run);
    expect(lines().slice(0, 2)).toEqual(['check', 'user']);
  });
});

test('4 callers under load with health checks get right answers', async () => {
  const pool = openPool({
    min: 4,
    max: 4,
    healthCheck: {
      interval: 5,
      timeout: 10_000,
      commands: [
        {
          command: 'echo check; echo check >&2',
          invalidateOn: [{ stream: 'any', pattern: /^check$/m, on: 'noMatch' }],
        },
        { command: 'echo more' },
      ],
    },
  });
  await statusWhere(pool, ({ idle }) => idle === 4);
  const lost = record(pool, 'shell.invalid');
  let next = 0;
  const call = async (): Promise<void> => {
    while (next < 1_500) {
      const token = `t${next++}`;
      const result = await pool.exec(`echo ${token}; echo ${token} >&2; (exit 7)`);
      expect(result).toMatchObject({ stdout: `${token}\n`, stderr: `${token}\n`, exitCode: 7, shellExited: false });
    }
  };
  await soon(Promise.all(Array.from({ length: 4 }, call)));
  expect(lost).toEqual([]);
  expect(pool.metrics()).toMatchObject({ commands: { finished: 1_500, rejected: 0 }, health: { failed: 0 } });
  expect(pool.metrics().health.passed).toBeGreaterThan(4);
  expect(pool.status().shells.reduce((sum, { uses }) => sum + uses, 0)).toBe(1_500);
});
