import { describe, expect, test, vi } from 'vitest';
import { secret, type Pool } from '../../src/index.ts';
import type { PoolView, ShellView } from '../../src/inspector/protocol.ts';
import { errorOf, nextEvent, openPool } from '../support/pools.ts';
import { child, openTree, pidOf } from '../support/trees.ts';
import { testGate } from '../cli/run-cli.ts';
import { ask, look, openInspector, placeOf } from './looking.ts';

const shellAt = (nodes: ReadonlyMap<string, object>, path: string) => nodes.get(path) as ShellView | undefined;

/** A command that runs until the gate is opened, and has begun. */
async function begun(pool: Pool): Promise<{ end: () => Promise<unknown> }> {
  const gate = testGate();
  const started = nextEvent(pool, 'command.started');
  const run = pool.exec(`read x < ${gate.path}`);
  await started;
  return {
    end: () => {
      gate.open();
      return Promise.resolve(run);
    },
  };
}

describe('who looks at a tree', () => {
  test('is sent all of it: supervisors, pools and shells, with the states of their machines', async () => {
    const tree = openTree({
      strategy: 'rest_for_one',
      children: [child('git'), { id: 'remote', supervisor: { children: [child('mail', { pool: { max: 3 } })] } }],
    });
    await tree.ready();
    const { presents, nodes } = await look(await openInspector(tree));
    expect(presents[0]).toMatchObject({ root: 'root', showCommands: false, missed: 0 });
    expect([...nodes.keys()]).toEqual(['root', 'root/git', 'root/git/shell.0', 'root/remote', 'root/remote/mail']);
    expect(nodes.get('root')).toMatchObject({
      type: 'supervisor',
      state: 'running',
      active: ['running'],
      strategy: 'rest_for_one',
      intensity: 3,
      count: { specs: 2, active: 2, supervisors: 1, workers: 1 },
    });
    expect(nodes.get('root/git')).toMatchObject({
      type: 'pool',
      parent: 'root',
      name: 'git',
      state: 'ready',
      active: ['ready'],
      min: 1,
      max: 1,
      size: 1,
      idle: 1,
      restart: 'permanent',
    });
    expect(nodes.get('root/git/shell.0')).toMatchObject({
      type: 'shell',
      parent: 'root/git',
      state: 'idle',
      active: ['idle', 'idle.free'],
      pid: await pidOf(tree.pool('git')),
    });
  });

  test('sees a shell go from idle to busy and back, and its command', async () => {
    const tree = openTree({ children: [child('git')] });
    await tree.ready();
    const viewer = await look(await openInspector(tree));
    const path = 'root/git/shell.0';
    const run = await begun(tree.pool('git'));
    await viewer.until('the shell to be busy', () => shellAt(viewer.nodes, path)?.state === 'busy');
    expect(shellAt(viewer.nodes, path)).toMatchObject({ active: ['busy'], running: { id: expect.any(String) } });
    await run.end();
    await viewer.until('the command', () => viewer.all('spans').length > 0);
    await viewer.until('the shell to be idle', () => shellAt(viewer.nodes, path)?.state === 'idle');
    expect(shellAt(viewer.nodes, path)).not.toHaveProperty('running');
    expect(viewer.all('turns').map(({ path, state }) => `${path} ${state}`)).toEqual([`${path} busy`, `${path} idle`]);
    expect(viewer.all('steps')).toEqual([
      { path, from: 'idle', to: 'busy', event: 'borrow' },
      { path, from: 'busy', to: 'idle', event: 'return' },
    ]);
    expect(viewer.all('spans')).toEqual([
      { path, from: expect.any(Number), to: expect.any(Number), count: 1, failed: 0, id: expect.any(String) },
    ]);
    const told = viewer.all('messages').filter(({ to }) => to === 'root/git');
    expect(told.map(({ from, type, detail }) => ({ from, type, detail }))).toEqual([
      { from: path, type: 'shell.busy', detail: { slot: 'shell.0' } },
      { from: path, type: 'shell.idle', detail: { slot: 'shell.0' } },
    ]);
  });

  test('sees a killed shell being replaced, and a restarted pool', async () => {
    const tree = openTree({ children: [child('git')] });
    await tree.ready();
    const viewer = await look(await openInspector(tree));
    const path = 'root/git/shell.0';
    const first = shellAt(viewer.nodes, path)?.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await viewer.until('its place to be empty', () => viewer.all('turns').some(({ state }) => state === 'destroyed'));
    const next = (): ShellView | undefined =>
      [...viewer.nodes.values()].find((node) => node.type === 'shell' && node.pid !== first) as ShellView | undefined;
    await viewer.until('another shell', () => next()?.state === 'idle');
    expect(viewer.all('turns').find(({ state }) => state === 'invalid')).toMatchObject({ path, reason: 'exited' });
    expect((viewer.nodes.get('root/git') as PoolView).lost).toBe(1);

    await tree.terminateChild('git');
    await viewer.until('the pool to be closed', () => viewer.nodes.get('root/git')?.state === 'closed');
    expect([...viewer.nodes.values()].filter(({ type }) => type === 'shell')).toEqual([]);
    await tree.restartChild('git');
    await viewer.until('the pool to be back', () => viewer.nodes.get('root/git')?.active[0] === 'ready');
  });

  test('comes late, and is sent the whole present state and what others saw', async () => {
    const tree = openTree({ children: [child('git'), child('jobs')] });
    await tree.ready();
    const inspector = await openInspector(tree);
    const early = await look(inspector);
    await tree.pool('jobs').exec('true');
    const run = await begun(tree.pool('git'));
    await early.until(
      'both commands',
      () => early.nodes.get('root/git')?.type === 'pool' && early.all('turns').length >= 2,
    );
    const late = await look(inspector);
    expect(shellAt(late.nodes, 'root/git/shell.0')).toMatchObject({
      state: 'busy',
      active: ['busy'],
      running: { startedAt: expect.any(Number) },
    });
    expect(late.all('messages').map(({ n }) => n)).toEqual(early.all('messages').map(({ n }) => n));
    expect(late.all('turns').length).toBeGreaterThanOrEqual(2);
    await run.end();
  });

  test('of which a part is shown sees that part only', async () => {
    const tree = openTree({
      children: [child('git'), { id: 'remote', supervisor: { children: [child('mail'), child('web')] } }],
    });
    await tree.ready();
    const [part, pool] = await Promise.all([
      openInspector(tree.supervisor('remote')).then(look),
      openInspector(tree.supervisor('remote').pool('mail')).then(look),
    ]);
    await Promise.all([tree.pool('git'), tree.supervisor('remote').pool('mail')].map((each) => each.exec('true')));
    await pool.until('its messages', () => pool.all('messages').length >= 2);
    await part.until('its messages', () => part.all('messages').length >= 2);
    expect([...pool.nodes.keys()]).toEqual(['root/remote/mail', 'root/remote/mail/shell.0']);
    expect([...part.nodes.keys()][0]).toBe('root/remote');
    for (const { from = 'root/remote', to } of [...part.all('messages'), ...pool.all('messages')]) {
      expect(`${from} ${to}`).not.toContain('git');
    }
  });

  test('sees what a pool did, second by second', async () => {
    const pool = openPool({ max: 1, name: 'jobs' });
    await pool.ready();
    const viewer = await look(await openInspector(pool));
    const results = await Promise.all(['true', 'false', 'true'].map((text) => pool.exec(text)));
    const ended = () => viewer.all('samples').reduce((sum, sample) => sum + sample.ended, 0);
    await viewer.until('a sample of three commands', () => ended() === 3);
    const sample = viewer.all('samples').find(({ ended }) => ended > 0);
    expect(sample).toMatchObject({ path: 'jobs', ended: 3, failed: 1 });
    const slowest = Math.max(...results.map(({ durationMs }) => durationMs));
    // Histograms keep three digits.
    expect(sample?.run?.[2]).toBeGreaterThan(slowest * 0.99 - 0.01);
    expect(sample?.run?.[2]).toBeLessThan(slowest * 1.01 + 0.01);
  });
});

describe('what was run', () => {
  /** Words that stand for what nobody is to see. */
  const hidden = ['TEXT-OF-COMMAND', 'OUT-PUT', 'ERR-PUT', 'IN-ENV', 'IN-META', 'IN-KEY', 'IN-INIT', 'IN-SECRET'];

  async function seenOf(showCommands: boolean): Promise<string> {
    const tree = openTree({
      children: [
        { id: 'git', pool: { max: 2, env: { SHOWN: 'IN-ENV' }, init: ['true IN-INIT'], history: { output: true } } },
      ],
    });
    const viewer = await look(await openInspector(tree, { showCommands }));
    const pool = tree.pool('git');
    const session = await pool.session('IN-KEY');
    const options = { meta: { user: 'IN-META' } };
    await session.exec('echo TEXT-OF-COMMAND; printf %s-%s OUT PUT; printf %s-%s ERR PUT >&2', options);
    await session.$`echo ${secret('IN-SECRET')}`;
    await pool.exec('exit 3 # TEXT-OF-COMMAND', options);
    // It fails, and says why.
    const bad = { min: 1, init: ['echo IN-INIT >&2; false'], restart: { attempts: 1 } };
    await errorOf(tree.startChild({ id: 'bad', restart: 'temporary', pool: bad }));
    await viewer.until('the commands', () => viewer.all('spans').reduce((sum, { count }) => sum + count, 0) >= 3);
    await viewer.until('the failure', () =>
      viewer.all('turns').some(({ path, state }) => path.startsWith('root/bad/') && state === 'destroyed'),
    );
    return viewer.text;
  }

  test('is not shown', async () => {
    const seen = await seenOf(false);
    expect(hidden.filter((word) => seen.includes(word))).toEqual([]);
  });

  test('is shown where that is asked for, but never secrets, meta, keys or the environment', async () => {
    const seen = await seenOf(true);
    expect(hidden.filter((word) => seen.includes(word))).toEqual(['TEXT-OF-COMMAND', 'IN-INIT']);
  });

  test.each([false, true])('stands in the history of its shell with showCommands: %s', async (showCommands) => {
    const pool = openPool({ max: 1, name: 'jobs', history: { output: true } });
    const inspector = await openInspector(pool, { showCommands });
    await pool.exec('echo OUT', { meta: { user: 'IN-META' } });
    await pool.exec('echo ERR >&2; (exit 3)');
    const { headers, text } = await ask(placeOf(inspector, 'history?path=jobs/shell.0'));
    expect(headers['content-type']).toBe('application/json');
    const times = { startedAt: expect.any(Number), durationMs: expect.any(Number), id: expect.any(String) };
    expect(JSON.parse(text)).toEqual([
      { ...times, exitCode: 0, ...(showCommands && { command: 'echo OUT', stdout: 'OUT\n', stderr: '' }) },
      {
        ...times,
        exitCode: 3,
        ...(showCommands && { command: 'echo ERR >&2; (exit 3)', stdout: '', stderr: 'ERR\n' }),
      },
    ]);
  });

  test.each(['', 'jobs', 'jobs/', 'jobs/shell.9', 'jobs/shell.0/process', 'job/shell.0', '/shell.0'])(
    'has no history at the path "%s"',
    async (path) => {
      const pool = openPool({ min: 1, max: 1, name: 'jobs' });
      await pool.ready();
      await pool.exec('true');
      expect((await ask(placeOf(await openInspector(pool), `history?path=${path}`))).text).toBe('[]');
    },
  );
});

describe('while nobody looks', () => {
  test('nothing is attached; with the last viewer everything goes', async () => {
    const pool = openPool({ min: 1, max: 1 });
    await pool.ready();
    const on = vi.spyOn(pool, 'on');
    const off = vi.spyOn(pool, 'off');
    const inspect = vi.spyOn(pool.actor.system, 'inspect');
    const status = vi.spyOn(pool, 'status');
    const inspector = await openInspector(pool);
    await pool.exec('true');
    expect([on, inspect, status].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);

    const viewers = [await look(inspector), await look(inspector)];
    expect(inspect).toHaveBeenCalledTimes(1);
    const unsubscribe = vi.spyOn(inspect.mock.results[0]?.value as { unsubscribe: () => void }, 'unsubscribe');
    viewers[0]?.close();
    await pool.exec('true');
    expect(off).not.toHaveBeenCalled();
    viewers[1]?.close();
    await expect.poll(() => unsubscribe.mock.calls.length).toBe(1);
    expect(off.mock.calls.map(([name, handler]) => [name, handler])).toEqual(on.mock.calls);
    const looks = status.mock.calls.length;

    await pool.exec('true');
    const again = await look(inspector);
    // One look for the newcomer: no timer had been left.
    expect(status.mock.calls.length).toBeLessThanOrEqual(looks + 2);
    expect(inspect).toHaveBeenCalledTimes(2);
    expect(again.all('messages')).toEqual([]);
  });
});
