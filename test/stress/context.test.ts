import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { openPool, soon } from '../support/pools.ts';

const caller = new AsyncLocalStorage<string>();

test('what follows the await of a result has the store of its caller', async () => {
  const pool = openPool({ max: 2 });
  const seen = await Promise.all(
    names(40).map((name) =>
      caller.run(name, async () => {
        const { stdout } = await soon(pool.exec(`echo ${name}`));
        const session = await pool.acquire();
        const inLease = await session.exec(`echo ${name}`);
        await session.release();
        return [stdout.trim(), inLease.stdout.trim(), caller.getStore()];
      }),
    ),
  );
  expect(seen).toEqual(names(40).map((name) => [name, name, name]));
});

test('a subscriber of output$ is called in the context of the caller of its command', async () => {
  const pool = openPool({ max: 2 });
  const wrong: unknown[] = [];
  let chunks = 0;
  await Promise.all(
    names(20).map((name) =>
      caller.run(name, async () => {
        const run = pool.exec(`echo ${name}; echo ${name} >&2`);
        const check = (data: string): void => {
          chunks++;
          if (data.trim() !== name || caller.getStore() !== name) wrong.push([data, name, caller.getStore()]);
        };
        run.output$.subscribe({
          next: ({ data }) => check(data),
          complete: () => check(name),
        });
        await soon(run);
      }),
    ),
  );
  expect(wrong).toEqual([]);
  expect(chunks).toBe(60);
});

test.each(['events$', 'on', 'results$'] as const)(
  'the events of a command carry the store of its caller: %s',
  async (way) => {
    const pool = openPool({ max: 2 });
    const seen: [command: string, store: string | undefined][] = [];
    // Subscribed in a context of its own, which must not be the one that is seen.
    caller.run('subscriber', () => {
      const note = (command: string): void => void seen.push([command, caller.getStore()]);
      if (way === 'results$') pool.results$.subscribe(({ command }) => note(command));
      else if (way === 'on') {
        pool.on('command.started', ({ command }) => note(command));
        pool.on('command.finished', ({ command }) => note(command));
        pool.on('command.rejected', ({ command }) => note(command));
      } else pool.events$.subscribe((event) => 'command' in event && note(event.command));
    });
    await Promise.allSettled(
      names(20).flatMap((name) => [
        caller.run(name, () => pool.exec(`: ${name}`)),
        caller.run(name, () => pool.exec(`sleep 60; : ${name}`, { timeout: 30 })),
        caller.run(name, () => pool.exec(`: ${name}`, { signal: AbortSignal.abort() })),
      ]),
    );
    expect(seen.filter(([command, store]) => command.split(': ')[1] !== store)).toEqual([]);
    expect(seen.length).toBeGreaterThanOrEqual(60);
  },
);

test('a shell that the first caller made start carries no store into the commands of others, nor into its own events', async () => {
  const shellStores: (string | undefined)[] = [];
  const initStores: (string | undefined)[] = [];
  const pool = openPool({
    max: 1,
    init: [
      async (shell) => {
        initStores.push(caller.getStore());
        await shell.exec(':');
        initStores.push(caller.getStore());
      },
    ],
  });
  pool.events$.subscribe(({ type }) => {
    if (type.startsWith('shell.')) shellStores.push(caller.getStore());
  });
  const inB: (string | undefined)[] = [];
  pool.on('command.finished', ({ command }) => command === 'echo b' && inB.push(caller.getStore()));

  await caller.run('a', () => soon(pool.exec('echo a')));
  await caller.run('b', async () => {
    const run = pool.exec('echo b');
    run.output$.subscribe(() => inB.push(caller.getStore()));
    await soon(run);
  });
  // Its replacement starts in the middle of a caller's command.
  await caller.run('c', () => soon(pool.exec('kill -9 $$')));
  await caller.run('d', () => soon(pool.exec('echo d')));
  await soon(pool.close());

  expect(inB.length).toBeGreaterThanOrEqual(2);
  expect(new Set(inB)).toEqual(new Set(['b']));
  expect(new Set(initStores)).toEqual(new Set([undefined]));
  expect(initStores.length).toBe(4);
  expect(new Set(shellStores)).toEqual(new Set([undefined]));
});

function names(amount: number): string[] {
  return Array.from({ length: amount }, (_, index) => `caller-${index}`);
}
