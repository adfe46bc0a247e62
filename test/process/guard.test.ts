import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sh } from 'shellwright';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nextEvent, openPool, statusWhere } from '../support/pools.ts';
import { guardsOf, killEach, sessionOf, untilEmpty, withEnvironment } from '../support/processes.ts';
import { repoRoot } from '../support/repo.ts';
import { said } from '../support/run.ts';

/** What is promised. ms */
const limit = 2_000;

interface Host {
  readonly process: ChildProcess & { pid: number };
  readonly ready: Promise<unknown>;
  readonly ended: Promise<unknown>;
  /** What is left of it: its shells, all that they run, and its guards. */
  readonly left: () => number[];
}

const loader = pathToFileURL(join(repoRoot, 'node_modules/tsx/dist/loader.mjs')).href;

/** Starts host.ts, to end as `how` says. */
function startHost(how: string): Host {
  const token = randomBytes(8).toString('hex');
  const child = spawn(process.execPath, ['--import', loader, 'test/process/host.ts', how, token], {
    cwd: repoRoot,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(repoRoot, 'test/tsconfig.json') },
    stdio: ['ignore', 'pipe', 'ignore'],
    // As a job in a terminal: a group that a Ctrl-C goes to.
    detached: true,
  }) as Host['process'];
  const left = (): number[] => [...withEnvironment(`HOST_TOKEN=${token}`), ...guardsOf(child.pid)];
  onTestFinished(() => {
    child.kill('SIGKILL');
    killEach(left());
  });
  const tooSoon = once(child, 'close').then(() => {
    throw new Error('The host has ended, and was never ready');
  });
  const ready = Promise.race([once(child.stdout!, 'data'), tooSoon]);
  ready.catch(() => {}); // some are killed before
  return { process: child, ready, ended: once(child, 'exit'), left };
}

describe('when its host is gone, a shell ends with all that it runs within 2 s', () => {
  test.each(['abort', 'throw', 'exit'])('by process.%s', async (how) => {
    const host = startHost(how);
    await host.ready;
    await host.ended;
    expect(await untilEmpty(host.left, limit)).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('by %s', async (signal) => {
    const host = startHost('wait');
    await host.ready;
    expect(host.left().length).toBeGreaterThan(20);
    host.process.kill(signal);
    await host.ended;
    expect(await untilEmpty(host.left, limit)).toEqual([]);
  });

  test('by worker.terminate(), where it was started in that worker', async () => {
    const host = startHost('worker');
    await host.ready;
    expect(await untilEmpty(host.left, limit)).toEqual([]);
    expect(host.process.exitCode).toBe(null);
  });

  test('by the kill of the shell in which it ran, and none of them is a stray', async () => {
    const pool = openPool({ shell: sh(), max: 1, env: { TSX_TSCONFIG_PATH: join(repoRoot, 'test/tsconfig.json') } });
    const token = randomBytes(8).toString('hex');
    const run = pool.exec(pool.quote([process.execPath, '--import', loader, 'test/process/host.ts', 'few', token]), {
      reject: false,
    });
    await said(run, 'ready');
    expect(withEnvironment(`HOST_TOKEN=${token}`).length).toBeGreaterThan(4);
    const destroyed = nextEvent(pool, 'shell.destroyed');
    run.kill();
    expect(await destroyed).not.toHaveProperty('strays');
    expect(await untilEmpty(() => withEnvironment(`HOST_TOKEN=${token}`), limit)).toEqual([]);
  });

  test('by a Ctrl-C in its terminal', async () => {
    const host = startHost('wait');
    await host.ready;
    process.kill(-host.process.pid, 'SIGINT');
    await host.ended;
    expect(await untilEmpty(host.left, limit)).toEqual([]);
  });

  test('by SIGKILL, in 50 rounds: as soon as the commands run, or at any moment of the start', async () => {
    const left: number[][] = [];
    const play = async (round: number): Promise<void> => {
      const host = startHost('few');
      if (round % 2 === 0) await host.ready;
      else await new Promise((resolve) => setTimeout(resolve, 300 + 15 * round));
      host.process.kill('SIGKILL');
      await host.ended;
      left.push(await untilEmpty(host.left, limit));
    };
    for (let round = 0; round < 50; round += 5) await Promise.all([0, 1, 2, 3, 4].map((n) => play(round + n)));
    expect(left.flat()).toEqual([]);
    expect(left).toHaveLength(50);
  }, 300_000);
});

describe('the guard', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGTSTP'] as const)(
    'does its work after a %s',
    async (signal) => {
      const host = startHost('few');
      await host.ready;
      for (const guard of guardsOf(host.process.pid)) process.kill(guard, signal);
      host.process.kill('SIGKILL');
      await host.ended;
      expect(await untilEmpty(host.left, limit)).toEqual([]);
    },
  );

  test('that was killed by hand is started again with the next shell, and guards the ones before it too', async () => {
    const host = startHost('reguard');
    await host.ready;
    expect(guardsOf(host.process.pid)).toHaveLength(1);
    host.process.kill('SIGKILL');
    await host.ended;
    expect(await untilEmpty(host.left, limit)).toEqual([]);
  });

  test('is one for all pools of a process, has its own session, and holds nothing of it', async () => {
    const pools = [openPool({ min: 2 }), openPool({ min: 1, shell: sh() })];
    await Promise.all(pools.map((pool) => pool.ready()));
    const guards = await until(
      () => guardsOf(process.pid),
      ({ length }) => length > 0,
    );
    expect(guards).toHaveLength(1);
    expect(sessionOf(guards[0]!)).toEqual(guards);
    // What this process itself was given may be among them, but no pipe of a shell.
    const files = readdirSync(`/proc/${guards[0]}/fd`).map((fd) => readlinkSync(`/proc/${guards[0]}/fd/${fd}`));
    expect(files.slice(1, 3)).toEqual(['/dev/null', '/dev/null']);
    expect(files.join()).not.toContain('shellwright-');
  });

  test('ends when the last pool is closed', async () => {
    const [one, other] = [openPool({ min: 1 }), openPool({ min: 1 })];
    await Promise.all([one.ready(), other.ready()]);
    await one.close();
    expect(guardsOf(process.pid)).toHaveLength(1);
    await other.close();
    expect(await untilEmpty(() => guardsOf(process.pid), limit)).toEqual([]);
  });

  test('ends when a pool is closed by force while its first shells start', async () => {
    const before = process.listenerCount('exit');
    const pool = openPool({ min: 2, max: 2 });
    await nextEvent(pool, 'shell.spawning');
    await pool.close({ force: true });
    expect(await untilEmpty(() => guardsOf(process.pid), limit)).toEqual([]);
    expect(await untilEmpty(() => process.listeners('exit').slice(before), limit)).toEqual([]);
  });

  test('outlives a shell that is replaced, and ends a while after the last shell of a pool that stays open', async () => {
    const pool = openPool({ max: 1, idleTimeout: 50 });
    await pool.exec('exit 1');
    const [guard] = guardsOf(process.pid);
    await pool.exec('exit 1');
    expect(guardsOf(process.pid)).toEqual([guard]);
    await statusWhere(pool, ({ size }) => size === 0);
    expect(await untilEmpty(() => guardsOf(process.pid), 5_000)).toEqual([]);
    expect((await pool.exec('echo on')).stdout).toBe('on\n');
    expect(
      await until(
        () => guardsOf(process.pid),
        ({ length }) => length > 0,
      ),
    ).not.toEqual([guard]);
  });

  test('that is lost is one line at warn, and commands run as before', async () => {
    const lines: object[] = [];
    const note = (fields: object, message?: string): void => void lines.push({ message, ...fields });
    const logger = { debug: () => {}, info: () => {}, warn: note, error: note };
    const pool = openPool({ min: 2, max: 2, logger, name: 'watched' });
    await pool.ready();
    for (let time = 0; time < 2; time++) {
      const [guard = 0] = await until(
        () => guardsOf(process.pid),
        ({ length }) => length > 0,
      );
      process.kill(guard, 'SIGKILL');
      await untilEmpty(() => guardsOf(process.pid), limit);
      expect((await pool.exec('echo on')).stdout).toBe('on\n');
      await pool.exec('exit 1'); // the shell after it brings the guard back
    }
    expect(lines).toEqual([
      { message: expect.stringContaining('guard'), pool: 'watched', cause: 'it ended with SIGKILL' },
    ]);
  });

  test('that cannot be started is one line at warn, and commands run as before', async () => {
    const host = startHost('unguarded');
    const [output] = (await host.ready) as [Buffer];
    expect(output.toString()).toBe('ready it could not be started: spawn /no/such/sh ENOENT\n');
  });
});

/** Polls until what `look` sees `fits`. */
async function until<T>(look: () => T, fits: (value: T) => boolean): Promise<T> {
  await untilEmpty(() => (fits(look()) ? [] : [false]), 10_000);
  return look();
}
