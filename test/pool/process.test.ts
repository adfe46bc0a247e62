import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { membersOf } from '../support/processes.ts';
import { repoRoot, runToEnd, type Ran } from '../support/repo.ts';

const source = JSON.stringify(pathToFileURL(join(repoRoot, 'src/index.ts')).href);
const loader = pathToFileURL(join(repoRoot, 'node_modules/tsx/dist/loader.mjs')).href;

/** What a script of its own process said, and the groups of the shells that it told with `note(pid)`. */
async function runScript(body: string, limit = 15_000): Promise<Ran & { groups: number[]; lines: string[] }> {
  const folder = temporaryFolder();
  const file = join(folder, 'script.mts');
  const notes = join(folder, 'pids');
  writeFileSync(notes, '');
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
    import { bash, createPool, sh } from ${source};
    const note = (pid) => appendFileSync(${JSON.stringify(notes)}, pid + '\\n');
    const make = (options = {}) => {
      const pool = createPool({ max: 2, logger: false, ...options });
      pool.on('shell.initializing', ({ pid }) => note(pid));
      return pool;
    };
    process.on('exit', () => console.log('exit at', Math.round(performance.now() - begun)));
    const begun = performance.now();
    const listeners = process.listenerCount('exit');
    ${body}`,
  );
  const ran = await runToEnd(process.execPath, ['--import', loader, file], { timeout: limit });
  const groups = readFileSync(notes, 'utf8').split('\n').filter(Boolean).map(Number);
  return { ...ran, groups, lines: ran.output.trim().split('\n') };
}

/** It ended by itself, soon after its work, and its shells with it. */
async function expectCleanEnd(
  { exitCode, output, groups, lines }: Awaited<ReturnType<typeof runScript>>,
  shells: number,
): Promise<void> {
  expect(output).not.toMatch(/killed after/);
  expect(exitCode).toBe(0);
  expect(Number(lines.at(-1)?.replace('exit at ', ''))).toBeLessThan(5_000);
  expect(groups).toHaveLength(shells);
  // Killed as it exits, they may be seen for a moment after it.
  await vi.waitFor(() => expect(groups.flatMap(membersOf)).toEqual([]), { timeout: 30_000, interval: 5 });
}

describe('a process', () => {
  test.each(['bash()', 'sh()'])('ends by itself after a pool of %s has worked and closed', async (shell) => {
    const ran = await runScript(`
      const pool = make({ shell: ${shell}, min: 2, destroy: ['true'] });
      await pool.ready();
      await Promise.all([1, 2, 3, 4].map((n) => pool.exec('echo ' + n)));
      await pool.use((session) => session.exec('sleep 600 >/dev/null 2>&1 &'));
      console.log(await pool.$\`echo \${'done'}\`.text());
      await pool.close();
      console.log(process.getActiveResourcesInfo().filter((name) => !/TTYWrap|PipeWrap|MessagePort/.test(name)).join());
      console.log(process.listenerCount('exit') - listeners);`);
    await expectCleanEnd(ran, 2);
    // No timer, child, pipe or listener of ours.
    expect(ran.lines.slice(0, 3)).toEqual(['done', '', '0']);
    expect(ran.lines).toHaveLength(4);
  });

  test('ends by itself after close({ force: true }) with work under way, and prints nothing', async () => {
    const ran = await runScript(`
      const pool = make();
      const runs = [1, 2, 3].map((n) => pool.exec('sleep 600', { reject: false }));
      await pool.ready();
      await pool.close({ force: true });
      console.log((await Promise.all(runs)).map(({ error }) => error.code).join());`);
    await expectCleanEnd(ran, 2);
    expect(ran.lines[0]).toBe('ERR_POOL_CLOSED,ERR_POOL_CLOSED,ERR_POOL_CLOSED');
    expect(ran.lines).toHaveLength(2);
  });

  test('ends by itself when a pool that is idle is never closed, and leaves no shell', async () => {
    const ran = await runScript(`
      const pool = make({ min: 2, idleTimeout: 600_000 });
      await pool.ready();
      console.log(await pool.$\`echo \${'done'}\`.text());`);
    await expectCleanEnd(ran, 2);
    expect(ran.lines[0]).toBe('done');
  });

  test('ends by itself when a pool was made and nothing else', async () => {
    await expectCleanEnd(await runScript(`make();`), 0);
  });

  test('ends by itself when a pool that failed is never closed', async () => {
    const ran = await runScript(`
      const pool = make({ cwd: '/no/such/folder', restart: { cooldown: 600_000 } });
      await pool.exec('true').catch(({ code }) => console.log(code));`);
    await expectCleanEnd(ran, 0);
    expect(ran.lines[0]).toBe('ERR_POOL_FAILED');
  });

  test('ends by itself while a lease that runs nothing is held', async () => {
    const ran = await runScript(`
      const pool = make();
      const session = await pool.acquire();
      await session.exec('true');`);
    await expectCleanEnd(ran, 1);
  });

  test('ends by itself while a keyed session is idle, and is kept alive until it is set up', async () => {
    const ran = await runScript(`
      const pool = make({ init: ['cd() { sleep 0.3; }'] });
      pool.session('ada', { cwd: '/' }).then(({ fresh }) => console.log('fresh', fresh));`);
    await expectCleanEnd(ran, 1);
    expect(ran.lines[0]).toBe('fresh true');
  });

  test('is kept alive by a running command, a queued one, and one of a lease', async () => {
    const ran = await runScript(`
      const pool = make({ max: 1 });
      pool.exec('sleep 0.3; echo 1').then(({ stdout }) => console.log('running', stdout.trim()));
      pool.exec('sleep 0.3; echo 2').then(({ stdout }) => console.log('queued', stdout.trim()));
      pool.acquire().then((session) => {
        session.exec('sleep 0.3; echo 3').then(({ stdout }) => console.log('leased', stdout.trim()));
      });`);
    await expectCleanEnd(ran, 1);
    expect(ran.lines.slice(0, 3)).toEqual(['running 1', 'queued 2', 'leased 3']);
  });

  test('is kept alive by ready(), and by close() until every group is gone', async () => {
    const ran = await runScript(`
      const pool = make({ init: ['sleep 0.3'], destroy: ['sleep 0.3'] });
      pool.ready().then(() => {
        console.log('ready');
        pool.close().then(() => console.log('closed'));
      });`);
    await expectCleanEnd(ran, 1);
    expect(ran.lines.slice(0, 2)).toEqual(['ready', 'closed']);
  });

  test('is kept alive while failed starts are retried for a command that waits', async () => {
    const ran = await runScript(`
      const pool = make({ init: ['false'], restart: { attempts: 3, backoff: { initial: 100 } } });
      pool.exec('true').catch(({ code }) => console.log(code));`);
    await expectCleanEnd(ran, 3);
    expect(ran.lines[0]).toBe('ERR_POOL_FAILED');
  });

  test('that exits with work under way leaves no shell', async () => {
    const ran = await runScript(`
      const pool = make();
      pool.exec('sleep 600').catch(() => {});
      pool.once('command.started', () => setImmediate(() => process.exit(0)));`);
    await expectCleanEnd(ran, 1);
  });
});

test.runIf(process.getuid?.() === 0)(
  'a pool of a process without the right to it fails at once for a uid, with ERR_SPAWN and EPERM as the cause',
  async () => {
    const ran = await runScript(`
      process.chdir('/');
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
      const pool = make({ uid: 0 });
      await pool.exec('true').catch(({ code, cause }) => console.log(code, cause.code, cause.message));
      console.log(pool.metrics().shells.spawned);
      await pool.close();`);
    await expectCleanEnd(ran, 0);
    expect(ran.lines[0]).toMatch(/^ERR_POOL_FAILED ERR_SPAWN .*uid 0.*not permitted \(EPERM\)/);
    expect(ran.lines[1]).toBe('1');
  },
);
