import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { soon } from '../support/pools.ts';
import { isRunning } from '../support/processes.ts';
import { eventually, logLines, openOurs } from './packages.ts';

const read = (file: string): string[] => readFileSync(file, 'utf8').trim().split('\n');

describe('shutdown of shellwright/compat', () => {
  test('resolves when preDestroyCommands have run in every shell, and every process is gone', async () => {
    const file = join(temporaryFolder(), 'log');
    const { lines, logFunction } = logLines();
    const proxy = openOurs({ min: 2, max: 2, logFunction, preDestroyCommands: [`echo $$ >>${file}; echo bye`] });
    await eventually('two shells', () => proxy.getStatus().length === 2 || undefined);
    const pids = proxy.getStatus().map(({ pid }) => pid);
    await proxy.shutdown();
    expect(read(file).toSorted()).toEqual(pids.map(String).toSorted());
    expect(pids.filter(isRunning)).toEqual([]);
    expect(lines).toContain(
      `info StatefulProcessCommandProxy process preDestroyCmd[echo $$ >>${file}; echo bye] out:bye err:`,
    );
  });

  test('lets all that was given end, in as many turns as it takes', async () => {
    const proxy = openOurs();
    const calls = Array.from({ length: 5 }, (_, n) => proxy.executeCommands([`sleep 0.05; echo ${n}`, 'echo end']));
    // Less than all of them need together, more than one does.
    await proxy.shutdown({ timeout: 5_000 });
    expect((await Promise.all(calls)).map(([first]) => first!.stdout)).toEqual(['0', '1', '2', '3', '4']);
  });

  test('waits for shells that are being started: what they have begun, preDestroyCommands end', async () => {
    const file = join(temporaryFolder(), 'log');
    const proxy = openOurs({
      min: 1,
      initCommands: [`echo init >>${file}`],
      preDestroyCommands: [`echo bye >>${file}`],
    });
    await proxy.shutdown();
    expect(read(file)).toEqual(['init', 'bye']);
  });

  test('stops what is stuck, and still runs preDestroyCommands where the shell survives', async () => {
    const file = join(temporaryFolder(), 'log');
    const proxy = openOurs({ max: 2, preDestroyCommands: [`echo bye >>${file}`] });
    const stuck = [proxy.executeCommand('sleep 1000'), proxy.executeCommand('while :; do :; done')].map((call) =>
      call.catch((error: unknown) => error),
    );
    const queued = proxy.executeCommand('echo never').catch((error: unknown) => error);
    await eventually('both to run', () => proxy.getStatus().length === 2 || undefined);
    await soon(proxy.shutdown({ timeout: 100 }));
    for (const error of [...(await Promise.all(stuck)), await queued])
      expect(error).toMatchObject({ code: 'ERR_ABORTED', cause: { message: /shutdown\(\) has waited 100 ms/ } });
    expect(read(file)).toEqual(['bye', 'bye']);
  });

  test('kills what cannot be stopped', async () => {
    const proxy = openOurs();
    const { stdout: pid } = await proxy.executeCommand('echo $$');
    const stuck = proxy.executeCommand(`trap '' INT TERM; kill -STOP $$`).catch((error: unknown) => error);
    await soon(proxy.shutdown({ timeout: 100 }));
    expect(await stuck).toMatchObject({ code: 'ERR_ABORTED' });
    expect(isRunning(Number(pid))).toBe(false);
  });

  test('does not wait for ever for init commands that hang', async () => {
    const proxy = openOurs({ min: 1, initCommands: ['sleep 1000'] });
    await soon(proxy.shutdown({ timeout: 100 }));
    expect(proxy.getStatus()).toEqual([]);
  });

  test('is the same when it is called again, and takes anything, as a callback does', async () => {
    const proxy = openOurs();
    const first = proxy.executeCommand('echo').then(proxy.shutdown.bind(proxy) as never);
    expect(await first).toBeUndefined();
    expect(await proxy.shutdown()).toBeUndefined();
  });
});
