import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bash, command, sh } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { errorOf, nextEvent, openPool, soon, statusWhere } from '../support/pools.ts';
import { membersOf } from '../support/processes.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
] as const;

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

describe.each(dialects)('destroy of %s()', (_, dialect) => {
  test('runs in order, with the state of the shell, when it is reaped', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({
      shell: dialect(),
      idleTimeout: 50,
      destroy: [`echo "bye $WHO" >>${file}`, command`echo ${'second one'} >>${file}`],
    });
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.exec('WHO=me');
    expect((await gone).reason).toBe('idle-timeout');
    expect(lines(file)).toEqual(['bye me', 'second one']);
  });

  test('runs functions with the shell, waits for what they do not wait for, and ignores what they throw', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({
      shell: dialect(),
      destroy: [
        async (shell) => {
          const { stdout } = await shell.exec('echo "$WHO"');
          void shell.exec(`echo "bye ${stdout.trim()} of ${shell.shellId}" >>${file}`);
          throw new Error('ignored');
        },
        `echo after >>${file}`,
      ],
    });
    await pool.exec('WHO=me');
    await pool.close();
    expect(lines(file)).toEqual(['bye me of shell.0', 'after']);
  });

  test('runs in each idle shell when the pool closes', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), min: 2, destroy: [`echo $$ >>${file}`] });
    await pool.ready();
    const pids = pool.status().shells.map(({ pid }) => `${pid}`);
    await pool.close();
    expect(lines(file).toSorted()).toEqual(pids.toSorted());
  });

  test('runs when the pool closes right after a command', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), destroy: [`echo bye >>${file}`] });
    await pool.exec('true');
    await pool.close();
    expect(lines(file)).toEqual(['bye']);
  });

  test('runs when the pool closes while a command runs, after that', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), destroy: [`echo bye >>${file}`] });
    await pool.ready();
    const run = pool.exec(`sleep 0.1; echo ran >>${file}`);
    await pool.close();
    await run;
    expect(lines(file)).toEqual(['ran', 'bye']);
  });

  test('runs when the pool closes right after a lease was released', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), destroy: [`echo bye >>${file}`] });
    const lease = await pool.acquire();
    const closed = pool.close();
    await lease.exec('true');
    await lease.release();
    await closed;
    expect(lines(file)).toEqual(['bye']);
  });

  test('goes on with the next command after one that fails', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), min: 1, destroy: ['false', 'no-such-program', `echo bye >>${file}`] });
    await pool.ready();
    await pool.close();
    expect(lines(file)).toEqual(['bye']);
  });

  test('that hangs is cut off by destroyTimeout, and what it started is killed', async () => {
    const pool = openPool({ shell: dialect(), min: 1, destroy: ['sleep 600'], destroyTimeout: 200 });
    await pool.ready();
    const { pid } = pool.status().shells[0]!;
    const begun = performance.now();
    await soon(pool.close());
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(membersOf(pid)).toEqual([]);
  });

  test('that ends its shell does not hang', async () => {
    const pool = openPool({ shell: dialect(), min: 1, destroy: ['exit 3', 'echo more'] });
    await pool.ready();
    await soon(pool.close());
  });

  test('does not run after the state was lost', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), max: 1, killGrace: 50, destroy: [`echo $$ >>${file}`] });
    const gone = nextEvent(pool, 'shell.destroyed');
    expect(await errorOf(pool.exec(`trap '' INT; sleep 600`, { timeout: 50 }))).toMatchObject({ stateLost: true });
    expect((await gone).reason).toBe('state-lost');
    expect(lines(file)).toEqual([]);
  });

  test('does not run after the shell died', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), max: 1, destroy: [`echo $$ >>${file}`] });
    const gone = nextEvent(pool, 'shell.destroyed');
    await pool.exec('exit 0');
    await gone;
    expect(lines(file)).toEqual([]);
  });

  test('does not run on close by force', async () => {
    const file = join(temporaryFolder(), 'log');
    const pool = openPool({ shell: dialect(), min: 1, destroy: [`echo $$ >>${file}`] });
    await pool.ready();
    await pool.close({ force: true });
    expect(lines(file)).toEqual([]);
  });
});

test('destroy runs after a session invalidated its shell, which is still in step', async () => {
  const file = join(temporaryFolder(), 'log');
  const pool = openPool({ max: 1, destroy: [`echo bye >>${file}`] });
  const gone = nextEvent(pool, 'shell.destroyed');
  await pool.use(async (session) => {
    await session.exec('true');
    session.invalidate('old');
  });
  expect((await gone).reason).toBe('invalidated');
  expect(lines(file)).toEqual(['bye']);
});

test('a shell ends by itself and runs its EXIT trap when it is reaped', async () => {
  const file = join(temporaryFolder(), 'log');
  const pool = openPool({ idleTimeout: 50 });
  await pool.exec(`trap 'echo trapped >>${file}' EXIT`);
  await statusWhere(pool, ({ size }) => size === 0);
  expect(lines(file)).toEqual(['trapped']);
});

test('a shell that traps EXIT with something endless is killed after destroyTimeout', async () => {
  const pool = openPool({ idleTimeout: 50, destroyTimeout: 200 });
  await pool.exec(`trap 'sleep 600' EXIT`);
  await statusWhere(pool, ({ size }) => size === 0);
});
