import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { openPool, record, soon } from '../support/pools.ts';

describe('the async context', () => {
  test('of a caller is that of the events and chunks of its own commands', async () => {
    const storage = new AsyncLocalStorage<string>();
    const pool = openPool({ max: 1 });
    const seen: string[] = [];
    for (const name of ['command.queued', 'command.started', 'command.finished'] as const)
      pool.on(name, ({ type, command }) => seen.push(`${type} ${command} ${storage.getStore()}`));
    const chunks: (string | undefined)[] = [];
    const results: string[] = [];
    pool.results$.subscribe(({ command }) => results.push(`${command} ${storage.getStore()}`));
    const call = (caller: string) =>
      storage.run(caller, () => {
        const run = pool.exec(`echo ${caller}`);
        run.output$.subscribe(() => chunks.push(storage.getStore()));
        return run;
      });
    await Promise.all([call('a'), call('b'), call('c')]);

    expect(seen.filter((line) => line.startsWith('command.finished'))).toEqual(
      ['a', 'b', 'c'].map((caller) => `command.finished echo ${caller} ${caller}`),
    );
    for (const line of seen) expect(line).toMatch(/echo (\w) \1$/);
    expect(chunks).toEqual(['a', 'b', 'c']);
    expect(results).toEqual(['echo a a', 'echo b b', 'echo c c']);
  });

  test('of a caller does not reach init, nor the events of the shell that it made start', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const note = (): void => {
      seen.push(storage.getStore());
    };
    const pool = openPool({ max: 1, init: [note, (shell) => shell.exec('true').then(note)] });
    for (const name of ['shell.spawning', 'shell.initializing', 'shell.idle', 'shell.busy', 'pool.ready'] as const)
      pool.on(name, note);
    await storage.run('caller', () => pool.exec('true'));
    expect(seen.length).toBeGreaterThanOrEqual(6);
    expect(seen.filter((store) => store !== undefined)).toEqual([]);
  });

  test('of a caller is its own again after the await', async () => {
    const storage = new AsyncLocalStorage<number>();
    const pool = openPool({ max: 2 });
    const stores = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        storage.run(n, async () => {
          await pool.exec('true');
          return storage.getStore();
        }),
      ),
    );
    expect(stores).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe('inspect', () => {
  test('sees the machines and nothing of commands, output or environment', async () => {
    const seen: string[] = [];
    const pool = openPool({
      env: { SECRET: 'env-7f3a' },
      inspect: (event) => {
        if (event.type === '@xstate.event') seen.push(JSON.stringify(event.event));
        if (event.type === '@xstate.snapshot')
          seen.push(JSON.stringify((event.snapshot as { context?: object }).context ?? null, skipActors));
      },
    });
    await pool.exec('echo out-$((4000+2)); : cmd-9b1c');
    await soon(pool.close());
    const all = seen.join('\n');
    expect(all).toContain('process.spawned');
    for (const hidden of ['env-7f3a', 'out-4002', 'cmd-9b1c']) expect(all).not.toContain(hidden);
  });
});

/** The parent in a shell's context is an actor. */
function skipActors(key: string, value: unknown): unknown {
  return key === 'parent' ? undefined : value;
}

describe('on, once and off', () => {
  test('give the same events as events$', async () => {
    const pool = openPool({ max: 1 });
    const streamed = record(pool);
    const emitted: unknown[] = [];
    const names = ['shell.spawning', 'shell.initializing', 'shell.idle', 'command.finished', 'pool.ready'] as const;
    for (const name of names) pool.on(name, (event) => emitted.push(event));
    await pool.exec('true');
    expect(emitted).toEqual(streamed.filter(({ type }) => (names as readonly string[]).includes(type)));
    expect(emitted.length).toBeGreaterThanOrEqual(3);
  });

  test('once hears one event, and off ends the hearing', async () => {
    const pool = openPool({ max: 1 });
    const heard: string[] = [];
    const hear = (): void => void heard.push('on');
    pool.once('command.finished', () => heard.push('once')).on('command.finished', hear);
    await pool.exec('true');
    await pool.exec('true');
    pool.off('command.finished', hear);
    await pool.exec('true');
    expect(heard).toEqual(['once', 'on', 'on']);
  });
});
