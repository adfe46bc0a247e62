import { describe, expect, test, vi } from 'vitest';
import { open, openOurs, packages, type Proxy } from './packages.ts';

/** The methods that a promise of either package has beside those of any. */
interface Old<T> {
  done: (onFulfilled?: (value: T) => void, onRejected?: (error: Error) => void) => unknown;
  nodeify: (callback?: (...args: unknown[]) => void, context?: unknown) => unknown;
}

const old = (promise: unknown): Old<{ stdout: string }> => promise as Old<{ stdout: string }>;
const denied = { processCmdBlacklistRegex: [{ regex: 'rm' }] };

describe.each(packages)('a promise of %s', (name) => {
  const calls: [what: string, call: (proxy: Proxy) => unknown][] = [
    ['executeCommand', (proxy) => proxy.executeCommand('echo')],
    ['executeCommands', (proxy) => proxy.executeCommands(['echo'])],
    ['then', (proxy) => proxy.executeCommand('echo').then(() => 1)],
    ['catch', (proxy) => proxy.executeCommand('echo').catch(() => 1)],
    ['shutdown', (proxy) => proxy.shutdown()],
  ];
  test.each(calls)('by %s has done and nodeify', (_, call) => {
    const promise = old(call(open(name)));
    expect([typeof promise.done, typeof promise.nodeify]).toEqual(['function', 'function']);
  });

  test('gives done its value or its error, and done gives nothing', async () => {
    const proxy = open(name, denied);
    const value = await new Promise((resolve) => {
      expect(old(proxy.executeCommand('echo a')).done(({ stdout }) => resolve(stdout))).toBeUndefined();
    });
    expect(value).toBe('a');
    const error = await new Promise((resolve) => old(proxy.executeCommand('rm')).done(undefined, resolve));
    expect(error).toBeInstanceOf(Error);
  });

  test('gives nodeify its value or its error, with the context, and itself without a callback', async () => {
    const proxy = open(name, denied);
    const called = (command: string): Promise<unknown[]> =>
      new Promise((resolve) => {
        old(proxy.executeCommand(command)).nodeify(function (this: unknown, ...args) {
          resolve([this, ...args]);
        }, 'context');
      });
    expect(await called('echo a')).toMatchObject(['context', null, { stdout: 'a' }]);
    expect(await called('rm')).toEqual(['context', expect.any(Error)]);
    const promise = proxy.executeCommand('echo');
    expect(old(promise).nodeify()).toBe(promise);
  });
});

describe('a promise of shellwright/compat', () => {
  test('throws by done what nobody handles, out of every promise', async () => {
    // Those of the test runner would take it for a failure.
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
    try {
      old(openOurs(denied).executeCommand('rm')).done();
      expect(String(await thrown)).toContain('blacklist');
    } finally {
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  test('that is rejected and forgotten does not end the program', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const proxy = openOurs(denied);
      void proxy.executeCommand('rm').then(() => 1);
      void proxy.executeCommand('rm').finally(() => {});
      await proxy.executeCommand('echo');
      await new Promise(setImmediate);
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  test('is a Promise, and can be awaited', async () => {
    const promise = openOurs().executeCommand('echo a');
    expect(promise).toBeInstanceOf(Promise);
    expect((await promise).stdout).toBe('a');
  });
});
