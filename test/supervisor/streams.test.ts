import { describe, expect, test } from 'vitest';
import { createSupervisor, type Logger, type ShellwrightEvent } from '../../src/index.ts';
import { soon } from '../support/pools.ts';
import { child, fragile, nextIn, openTree, pidOf } from '../support/trees.ts';

describe('the streams of a tree', () => {
  test('have every event of everything below, each once, with its path', async () => {
    const breakable = fragile();
    const children = [child('git'), { id: 'o365', supervisor: { children: [{ id: 'mail', pool: breakable.pool }] } }];
    const tree = openTree({ children });
    const o365 = tree.supervisor('o365');
    const mail = o365.pool('mail');
    const seen = { root: [] as ShellwrightEvent[], o365: [] as ShellwrightEvent[], mail: [] as ShellwrightEvent[] };
    tree.events$.subscribe((event) => seen.root.push(event));
    o365.events$.subscribe((event) => seen.o365.push(event));
    mail.events$.subscribe((event) => seen.mail.push(event));
    await tree.ready();
    await pidOf(tree.pool('git'));
    await breakable.crash(mail);
    await pidOf(mail);
    await tree.close();

    expect(new Set(seen.root).size).toBe(seen.root.length);
    expect(seen.o365).toEqual(seen.root.filter(({ path }) => path?.startsWith('root/o365')));
    expect(seen.mail).toEqual(seen.root.filter(({ path }) => path === 'root/o365/mail'));
    for (const event of seen.root) {
      const { path = '' } = event;
      if ('pool' in event) expect(event.pool).toBe(path.split('/').at(-1));
      else expect(event.supervisor).toBe(path.split('/').at(-1));
    }
    const told = seen.root.map(({ type, path }) => `${type} ${path}`).filter((text) => text.startsWith('supervisor'));
    expect(told).toEqual([
      'supervisor.started root/o365',
      'supervisor.started root',
      'supervisor.restarting root/o365',
      'supervisor.closed root/o365',
      'supervisor.closed root',
    ]);
    expect(seen.root.filter(({ type }) => type === 'command.finished')).toHaveLength(3);
  });

  test('and handlers of a pool outlive its restarts, and those of its supervisor', async () => {
    const breakable = fragile();
    const supervisor = { intensity: 0, children: [{ id: 'x', pool: breakable.pool }] };
    const tree = openTree({ children: [{ id: 'o365', supervisor }] });
    const pool = tree.supervisor('o365').pool('x');
    const results: string[] = [];
    const states: string[] = [];
    let handled = 0;
    let completed = 0;
    const complete = (): number => (completed += 1);
    pool.results$.subscribe({ next: ({ stdout }) => results.push(stdout.toString()), complete });
    pool.status$.subscribe({ next: ({ state }) => states.push(state), complete });
    pool.events$.subscribe({ complete });
    pool.on('command.finished', () => (handled += 1));
    for (let run = 1; run <= 2; run += 1) {
      await soon(pool.exec(`echo ${run}`));
      await breakable.crash(pool);
      await pool.ready();
    }
    await soon(pool.exec('echo 3'));

    // Between them are the commands that ended the shells.
    expect(results).toEqual(['1\n', '', '2\n', '', '3\n']);
    expect(handled).toBe(5);
    expect(states).toContain('closing');
    expect(states.at(-1)).toBe('ready');
    expect(pool.metrics().shells.spawned).toBe(5);
    expect(completed).toBe(0);
    await tree.close();
    expect(completed).toBe(3);
    expect(states.at(-1)).toBe('closed');
  });

  test('status$ begins with the status as it is, goes with every change, and completes', async () => {
    const tree = openTree({ children: [child('a')] });
    const states: string[] = [];
    let completed = false;
    tree.status$.subscribe({
      next: ({ state, children }) => states.push(`${state} ${children.map((one) => `${one.id} ${one.state}`).join()}`),
      complete: () => (completed = true),
    });
    await tree.ready();
    const added = await tree.startChild(child('b', { restart: 'temporary' }));
    await added.close();
    await tree.close();
    expect(states[0]).toBe('starting a waiting');
    expect(states).toContain('running a running,b starting');
    expect(states.at(-1)).toBe('closed a stopped');
    expect(completed).toBe(true);
  });

  test('counts and states are exact in the handlers of events', async () => {
    const breakable = fragile();
    const tree = openTree({ children: [{ id: 'x', pool: breakable.pool }, child('a')] });
    const seen: string[] = [];
    const look = (): void => {
      const { specs, active } = tree.count();
      seen.push(`${specs} ${active} ${tree.children()[0]?.state}`);
    };
    tree.on('supervisor.started', look).on('supervisor.restarting', look).on('supervisor.closed', look);
    await tree.ready();
    await breakable.crash(tree.pool('x'));
    await pidOf(tree.pool('x'));
    await tree.close();
    expect(seen).toEqual(['2 2 running', '2 1 exited', '2 0 stopped']);
  });

  test('on, once and off do what they do elsewhere', async () => {
    const tree = openTree({ children: [child('a')] });
    const seen: string[] = [];
    const handler = ({ type }: { type: string }): number => seen.push(type);
    tree.once('pool.ready', handler).on('command.finished', handler);
    await pidOf(tree.pool('a'));
    tree.off('command.finished', handler);
    await pidOf(tree.pool('a'));
    expect(seen).toEqual(['pool.ready', 'command.finished']);
  });
});

describe('the log of a tree', () => {
  const listening = (lines: string[]): Logger => {
    const write =
      (level: string) =>
      (fields: object, message?: string): void => {
        const { supervisor, pool, path } = fields as Record<string, unknown>;
        lines.push([level, message, supervisor ?? pool, path].join(' '));
      };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  };

  test('is the logger of the root, unless a child has its own', async () => {
    const lines: string[] = [];
    const own: string[] = [];
    const breakable = fragile();
    const children = [
      { id: 'x', pool: breakable.pool },
      { id: 'own', supervisor: { logger: listening(own), children: [child('mail')] } },
      child('silent', { pool: { logger: false } }),
    ];
    const tree = openTree({ logger: listening(lines), children });
    await tree.ready();
    await breakable.crash(tree.pool('x'));
    await pidOf(tree.pool('x'));
    await tree.close();
    expect(lines.filter((line) => /supervisor\.|pool\.failed/.test(line))).toEqual([
      'info supervisor.started root root',
      'error pool.failed x root/x',
      'warn supervisor.restarting root root',
      'info supervisor.closed root root',
    ]);
    expect(lines.join()).not.toMatch(/mail|silent/);
    expect(own).toContain('info pool.ready mail root/own/mail');
    expect(own.at(-1)).toBe('info supervisor.closed own root/own');
  });
});

test('inspect, given to the root, sees every machine below it, in one actor system', async () => {
  const ids = new Set<string>();
  const tree = createSupervisor({
    logger: false,
    inspect: ({ type, actorRef }) => {
      if (type === '@xstate.actor' && 'id' in actorRef) ids.add(String(actorRef.id));
    },
    children: [{ id: 'o365', supervisor: { children: [child('mail')] } }],
  });
  const started = nextIn(tree, 'supervisor.started', ({ path }) => path === 'root');
  await started;
  expect([...ids]).toEqual(expect.arrayContaining(['root', 'o365', 'mail', 'shell.0']));
  await tree.close();
});
