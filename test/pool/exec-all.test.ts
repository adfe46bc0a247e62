import { describe, expect, test } from 'vitest';
import { errorOf, openPool, record, soon } from '../support/pools.ts';

describe('execAll', () => {
  test('runs all commands in one shell, in order, past failures', async () => {
    const pool = openPool({ max: 3 });
    await pool.ready();
    const results = await pool.execAll(['cd /usr; A=1', 'pwd', 'false', 'echo $A']);
    expect(results.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual([
      ['', 0],
      ['/usr\n', 0],
      ['', 1],
      ['1\n', 0],
    ]);
    expect(new Set(results.map(({ pid }) => pid)).size).toBe(1);
    expect(results.map(({ sessionId }) => sessionId)).toEqual(Array.from({ length: 4 }));
  });

  test('stops at the first failure with reject: true', async () => {
    const pool = openPool({ max: 1 });
    const started = record(pool, 'command.started');
    const error = await errorOf(pool.execAll(['echo 1', 'echo why >&2; (exit 4)', 'echo 3'], { reject: true }));
    expect(error).toMatchObject({ code: 'ERR_COMMAND_FAILED', exitCode: 4, stderr: 'why\n', started: true });
    expect(started.map(({ command }) => command)).toEqual(['echo 1', 'echo why >&2; (exit 4)']);
    expect((await pool.exec('echo free')).stdout).toBe('free\n');
  });

  test('rejects with ERR_SESSION_LOST for what follows a command that ended the shell', async () => {
    const pool = openPool({ max: 1 });
    expect((await errorOf(pool.execAll(['exit 3', 'echo never']))).code).toBe('ERR_SESSION_LOST');
    expect((await soon(pool.exec('echo on'))).stdout).toBe('on\n');
  });

  test('gives an error per command that could not run with reject: false', async () => {
    const results = await openPool().execAll(['echo 1', 'exit 3', 'echo never'], { reject: false });
    expect(results.map(({ stdout, error }) => [stdout, error?.code])).toEqual([
      ['1\n', undefined],
      ['', undefined],
      ['', 'ERR_SESSION_LOST'],
    ]);
  });

  test('applies its options to each command', async () => {
    const results = await openPool({ killGrace: 1_000 }).execAll(['echo 1', 'sleep 600', 'echo 3'], {
      reject: false,
      timeout: 1_500,
    });
    expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'ERR_TIMEOUT', undefined]);
  });

  test('of nothing resolves with nothing', async () => {
    expect(await openPool().execAll([])).toEqual([]);
  });

  test('of many commands answers each rightly', async () => {
    const commands = Array.from({ length: 500 }, (_, n) => `echo ${n}`);
    const results = await openPool({ max: 1 }).execAll(commands);
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(commands.map((_, n) => `${n}`));
  });
});
