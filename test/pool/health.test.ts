import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { bash, command, sh, type HealthCommand, type Logger, type Pool } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { nextEvent, openPool, record, soon, statusWhere } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

/** A file that commands write lines to. */
function logFile(): { file: string; lines: () => string[] } {
  const file = join(temporaryFolder(), 'log');
  writeFileSync(file, '');
  return { file, lines: () => readFileSync(file, 'utf8').split('\n').filter(Boolean) };
}

/** The times of checks that come as fast as they can. */
const eager = { interval: 20, timeout: 10_000 };
const isGone: HealthCommand = { command: 'echo "state $STATE"', invalidateOn: [{ stream: 'any', pattern: /gone/ }] };

describe.each(dialects)('a health check with %s()', (_, dialect) => {
  test('runs its commands in order in the shell itself, says so, and leaves no trace in the books', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      shell: dialect(),
      max: 1,
      policy: { allow: [/^WHO=/] },
      healthCheck: {
        ...eager,
        commands: [{ command: `echo "1 $WHO" >>${file}` }, { command: command`echo 2 >>${file}` }],
      },
    });
    const { pid } = await pool.exec('WHO=me');
    const commands = record(pool, 'command.started', 'command.finished', 'shell.busy');
    const passed = await nextEvent(pool, 'health.passed');
    expect(passed).toMatchObject({ shellId: 'shell.0', pid, pool: 'shell' });
    expect(passed.durationMs).toBeGreaterThan(0);
    expect(lines().slice(0, 2)).toEqual(['1 me', '2']);
    expect(commands).toEqual([]);
    expect(pool.metrics()).toMatchObject({ commands: { submitted: 1 }, health: { failed: 0 } });
    expect(pool.metrics().health.passed).toBeGreaterThan(0);
    expect(pool.status().shells[0]).toMatchObject({ uses: 1, history: [{ command: 'WHO=me' }] });
  });

  test('whose pattern speaks against the shell has it replaced at once, in step', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      shell: dialect(),
      min: 1,
      max: 1,
      destroy: [`echo bye >>${file}`],
      healthCheck: { ...eager, commands: [{ command: 'true' }, isGone, { command: `echo never >>${file}.2` }] },
    });
    const { pid } = await pool.exec('STATE=gone');
    const failed = nextEvent(pool, 'health.failed');
    const invalid = nextEvent(pool, 'shell.invalid');
    const replaced = nextEvent(pool, 'shell.idle', (event) => event.pid !== pid);
    const cause = 'stdout or stderr matched /gone/: echo "state $STATE"';
    expect(await failed).toMatchObject({ shellId: 'shell.0', pid, cause });
    expect(await invalid).toMatchObject({ reason: 'health-failed', pid, cause });
    await replaced;
    expect(lines()).toEqual(['bye']);
    expect(pool.metrics().health.failed).toBe(1);
    expect((await pool.exec('echo "[$STATE]"')).stdout).toBe('[]\n');
  });

  test('that hangs has its shell replaced within interval + timeout, and nothing of it is left', async () => {
    const pool = openPool({
      shell: dialect(),
      min: 1,
      max: 1,
      healthCheck: { interval: 300, timeout: 1_500, commands: [{ command: 'test -z "$STATE" || sleep 600' }] },
    });
    const { pid } = await pool.exec('STATE=stuck');
    const since = Date.now();
    const gone = nextEvent(pool, 'shell.destroyed');
    const invalid = await nextEvent(pool, 'shell.invalid');
    expect(invalid).toMatchObject({ reason: 'health-failed', pid, cause: expect.stringContaining('1500 ms') });
    // The machine may be loaded: what counts is that it is no multiple of them.
    expect(invalid.at - since).toBeLessThan(300 + 1_500 + 5_000);
    await gone;
    expect(membersOf(pid!)).toEqual([]);
    expect(await statusWhere(pool, ({ idle }) => idle === 1)).toMatchObject({ size: 1 });
    expect(pool.metrics().health.failed).toBe(1);
  });
});

describe('the verdict of a health check', () => {
  const on = (stream: 'stdout' | 'stderr' | 'any', pattern: RegExp, on: 'match' | 'noMatch') => [
    { stream, pattern, on },
  ];
  test.each<[said: string, invalidateOn: HealthCommand['invalidateOn'], cause: string | undefined]>([
    ['echo ok', on('stdout', /^ok/, 'noMatch'), undefined],
    ['echo ko', on('stdout', /^ok/, 'noMatch'), 'stdout did not match /^ok/'],
    ['echo bad >&2', on('stderr', /bad/, 'match'), 'stderr matched /bad/'],
    ['echo bad >&2', on('stdout', /bad/, 'match'), undefined],
    ['echo bad >&2; echo bad', on('any', /ok/, 'noMatch'), 'stdout or stderr did not match /ok/'],
    ['echo ok', [...on('any', /bad/, 'match'), ...on('any', /ok/g, 'match')], 'stdout or stderr matched /ok/'],
    // Its status is not looked at.
    ['echo ok; (exit 9)', on('any', /bad/, 'match'), undefined],
    ['(exit 9)', undefined, undefined],
  ])('of `%s` by %o is %s', async (said, invalidateOn, cause) => {
    const pool = openPool({ min: 1, max: 1, healthCheck: { ...eager, commands: [{ command: said, invalidateOn }] } });
    const verdict = await Promise.race([nextEvent(pool, 'health.passed'), nextEvent(pool, 'health.failed')]);
    if (cause === undefined) expect(verdict.type).toBe('health.passed');
    else expect(verdict).toMatchObject({ type: 'health.failed', cause: `${cause}: ${said}` });
  });

  test.each<[what: string, command: HealthCommand, cause: string | undefined]>([
    ['true', { command: 'echo ok', accept: ({ stdout }) => stdout === 'ok\n' }, undefined],
    ['false', { command: '(exit 3)', accept: ({ exitCode }) => exitCode !== 3 }, 'accept said no'],
    ['no boolean', { command: 'echo', accept: () => 1 as never }, 'accept gave `1` (number)'],
    [
      'a throw',
      {
        command: 'echo',
        accept: () => {
          throw new Error('cannot tell');
        },
      },
      'cannot tell',
    ],
    [
      'never asked',
      { command: 'echo bad', invalidateOn: on('any', /bad/, 'match'), accept: () => true },
      'stdout or stderr matched /bad/',
    ],
  ])('of a function that says %s: %o', async (_, command, cause) => {
    const pool = openPool({ min: 1, max: 1, healthCheck: { ...eager, commands: [command] } });
    const verdict = await Promise.race([nextEvent(pool, 'health.passed'), nextEvent(pool, 'health.failed')]);
    if (cause === undefined) expect(verdict.type).toBe('health.passed');
    else expect(verdict).toMatchObject({ type: 'health.failed', cause: expect.stringContaining(cause) as string });
  });

  test('is of the patterns of the check alone: invalidateOn of the pool does not see it', async () => {
    const pool = openPool({
      max: 1,
      invalidateOn: [{ stream: 'any', pattern: /GONE/ }],
      healthCheck: { ...eager, commands: [{ command: 'echo GONE' }] },
    });
    const invalid = record(pool, 'shell.invalid');
    await pool.exec('true');
    await nextEvent(pool, 'health.passed');
    expect(invalid).toEqual([]);
  });

  test('against a shell is logged at warn', async () => {
    const lines: [level: string, fields: object][] = [];
    const to = (level: string) => (fields: object) => void lines.push([level, fields]);
    const logger: Logger = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
    const pool = openPool({ logger, min: 1, max: 1, healthCheck: { ...eager, commands: [{ command: 'exit 4' }] } });
    await nextEvent(pool, 'shell.destroyed');
    expect(lines.find(([level]) => level === 'warn')?.[1]).toMatchObject({
      event: 'health.failed',
      shellId: 'shell.0',
      cause: 'the process ended with exit code 4',
    });
  });
});

describe('a shell that dies while it is checked', () => {
  test.each([
    ['exit 3', 'exit code 3'],
    ['kill -9 $$', 'SIGKILL'],
  ])('by `%s` leaves as exited, its check has failed, and no pool fails of it', async (how, cause) => {
    const pool = openPool({
      min: 1,
      max: 1,
      restart: { attempts: 1 },
      healthCheck: { ...eager, commands: [{ command: how }] },
    });
    const events = record(pool, 'health.failed', 'shell.invalid', 'pool.failed', 'health.passed');
    for (let n = 0; n < 3; n++) await nextEvent(pool, 'shell.destroyed');
    const expected = { cause: expect.stringContaining(cause) };
    expect(events.slice(0, 4)).toMatchObject([
      { type: 'health.failed', ...expected },
      { type: 'shell.invalid', reason: 'exited', ...expected },
      { type: 'health.failed', ...expected },
      { type: 'shell.invalid', reason: 'exited', ...expected },
    ]);
    expect(events.map(({ type }) => type)).not.toContain('pool.failed');
  });
});

describe('the time of health checks', () => {
  test('is spread: the first of each shell is anywhere in the interval', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    try {
      const healthCheck = { interval: 100_000_000, commands: [{ command: 'true' }] };
      const pool = openPool({ shell: sh(), min: 20, max: 20, idleTimeout: Infinity, healthCheck });
      await statusWhere(pool, ({ idle }) => idle === 20);
      const delays = timers.mock.calls.map(([, ms]) => ms ?? 0).filter((ms) => ms > 100_000);
      // By chance one in a thousand is shorter than that.
      expect(delays.length).toBeGreaterThan(15);
      expect(Math.max(...delays)).toBeLessThanOrEqual(100_000_000);
      expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(20_000_000);
    } finally {
      timers.mockRestore();
    }
  });

  test('is never that of another check in the same shell, however short the interval', async () => {
    const { file, lines } = logFile();
    const commands = [{ command: `echo begin >>${file}; sleep 0.05; echo end >>${file}` }];
    const pool = openPool({ min: 1, max: 1, healthCheck: { interval: 1, timeout: 10_000, commands } });
    for (let n = 0; n < 5; n++) await nextEvent(pool, 'health.passed');
    await pool.close();
    const seen = lines();
    expect(seen.length).toBeGreaterThanOrEqual(10);
    seen.forEach((line, index) => expect(line).toBe(index % 2 === 0 ? 'begin' : 'end'));
  });

  test('does not put off idleTimeout', async () => {
    const pool = openPool({
      max: 1,
      idleTimeout: 300,
      healthCheck: { ...eager, commands: [{ command: 'sleep 0.02' }] },
    });
    await pool.exec('true');
    const passed = record(pool, 'health.passed');
    expect(await nextEvent(pool, 'shell.destroyed')).toMatchObject({ reason: 'idle-timeout' });
    expect(passed.length).toBeGreaterThan(1);
    expect(pool.status().size).toBe(0);
  });

  test('is not cut short by maxLifetime: a shell that is too old leaves when its check is done', async () => {
    const { file, lines } = logFile();
    const commands = [{ command: `sleep 0.4; echo checked >>${file}` }];
    const pool = openPool({
      min: 1,
      max: 1,
      maxLifetime: 200,
      healthCheck: { interval: 1, timeout: 10_000, commands },
    });
    const passed = nextEvent(pool, 'health.passed');
    expect(await nextEvent(pool, 'shell.invalid')).toMatchObject({ reason: 'max-lifetime', pid: (await passed).pid });
    expect(lines()).toEqual(['checked']);
  });

  test('is over when the pool closes: a check that hangs is interrupted, and the shell ends in step', async () => {
    const { file, lines } = logFile();
    const pool = openPool({
      min: 1,
      max: 1,
      destroy: [`echo bye >>${file}`],
      destroyTimeout: 60_000,
      healthCheck: { interval: 20, timeout: 60_000, commands: [{ command: `echo checks >>${file}; sleep 600` }] },
    });
    await hasLines(lines, 1);
    const gone = nextEvent(pool, 'shell.destroyed');
    const failed = record(pool, 'health.failed');
    await soon(pool.close({ timeout: 60_000 }));
    expect(await gone).toMatchObject({ reason: 'pool-closed' });
    expect(lines()).toEqual(['checks', 'bye']);
    expect(failed).toEqual([]);
  });

  test('is over when the pool closes by force', async () => {
    const { file, lines } = logFile();
    const commands = [{ command: `echo checks >>${file}; sleep 600` }];
    const pool: Pool = openPool({ min: 1, max: 1, healthCheck: { interval: 20, timeout: 60_000, commands } });
    await hasLines(lines, 1);
    const gone = nextEvent(pool, 'shell.destroyed');
    await soon(pool.close({ force: true }));
    expect(await gone).toMatchObject({ reason: 'pool-killed' });
  });
});

/** A check says nothing before it has ended, so the file is all there is to wait for. */
async function hasLines(lines: () => string[], count: number): Promise<void> {
  await vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(count), { timeout: 60_000, interval: 5 });
}
