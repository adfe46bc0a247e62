import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning } from '../support/processes.ts';
import { errorOf, openPool, soon } from '../support/pools.ts';
import { repoRoot, tools } from '../support/repo.ts';

/** A stream that gives `text` and never ends. */
function unfinished(text: string): Readable {
  const source = new Readable({ read() {} });
  source.push(text);
  return source;
}

test('a stream that fails while its command waits rejects it, and nothing has run', async () => {
  const pool = openPool({ max: 1 });
  const first = pool.exec('sleep 0.2');
  const source = unfinished('');
  const run = pool.exec('echo ran', { input: source });
  source.destroy(new Error('no such file'));
  expect(await errorOf(run)).toMatchObject({ code: 'ERR_ABORTED', started: false, cause: { message: 'no such file' } });
  await first;
  expect(pool.metrics().commands).toMatchObject({ finished: 1, rejected: 1 });
});

test('a stream that fails at once is no uncaught error', async () => {
  const source = unfinished('');
  const run = openPool().exec('cat', { input: source, reject: false });
  source.destroy(new Error('at once'));
  expect((await run).error).toMatchObject({ code: 'ERR_ABORTED', cause: { message: 'at once' } });
});

test.each([
  ['a stream of the caller', false],
  ['run.stdin', true],
])('%s that is closed before its end rejects its command: half is not the whole', async (_, isOpen) => {
  const source = unfinished('');
  const run = openPool().exec('cat; echo complete', { input: isOpen ? 'open' : source });
  run.stdin?.write('half');
  source.push('half');
  const half = new Promise<void>((resolve) => run.output$.subscribe(() => resolve()));
  await half;
  (run.stdin ?? source).destroy();
  const error = await errorOf(run);
  expect(error).toMatchObject({ code: 'ERR_ABORTED', started: true, stdout: 'half' });
  expect(error.message).toMatch(/closed before its end/);
});

test('a stream of what is neither strings nor bytes rejects its command', async () => {
  const error = await errorOf(openPool().exec('cat; echo complete', { input: Readable.from(['a', 7, { b: 1 }]) }));
  expect(error).toMatchObject({ code: 'ERR_ABORTED', started: true });
  expect(error.message).toMatch(/strings or bytes, got `7` \(number\)/);
});

test('a stream is of one command alone', async () => {
  const pool = openPool({ max: 2 });
  const source = new PassThrough();
  const first = pool.exec('cat', { input: source });
  const error = await errorOf(pool.exec('cat', { input: source }));
  expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  expect(error.message).toMatch(/`input`.*another command has it/);
  source.end('for the first');
  expect((await first).stdout).toBe('for the first');
  expect((await errorOf(pool.exec('cat', { input: source }))).code).toBe('ERR_OPTIONS');
});

test('a stream is destroyed with its command, however that ends', async () => {
  const pool = openPool({ max: 1, policy: { deny: [/denied/] } });
  const ways: [input: Readable, end: (input: Readable) => PromiseLike<unknown>][] = [
    [unfinished('x'), (input) => pool.exec('true', { input })],
    [unfinished('x'), (input) => pool.exec('exit 3', { input })],
    [unfinished('x'), (input) => errorOf(pool.exec('cat', { input, timeout: 50 }))],
    [unfinished('x'), (input) => errorOf(pool.exec('cat', { input, signal: AbortSignal.abort() }))],
    [unfinished('x'), (input) => errorOf(pool.exec('denied', { input }))],
    [unfinished('x'), (input) => errorOf(pool.exec('pwd', { input, cwd: '/nowhere/at/all' }))],
    [
      unfinished('x'),
      (input) => Promise.all([pool.exec('sleep 0.1'), errorOf(pool.exec('cat', { input, acquireTimeout: 1 }))]),
    ],
  ];
  for (const [input, end] of ways) {
    await end(input);
    expect(input.destroyed).toBe(true);
  }
});

test('a stream keeps what it has when its command goes back to the queue, as its shell had died', async () => {
  const pool = openPool({ max: 1 });
  const { pid } = await pool.exec('true');
  process.kill(pid as number, 'SIGKILL');
  while (isRunning(pid as number));
  // This process has not heard of it yet: the command is given to the dead shell.
  const result = await soon(pool.exec('cat', { input: Readable.from(['all ', 'of ', 'it']) }));
  expect(result.stdout).toBe('all of it');
  expect(result.pid).not.toBe(pid);
});

test('a stream is read in the async context of the caller whose it is', async () => {
  const storage = new AsyncLocalStorage<string>();
  const pool = openPool({ max: 1 });
  const seen = new Set<unknown>();
  const call = (caller: string) =>
    storage.run(caller, () => {
      let left = 50;
      const input = new Readable({
        read() {
          seen.add(`${caller} ${storage.getStore()}`);
          this.push(left-- > 0 ? Buffer.alloc(20_000) : null);
        },
      });
      return pool.exec('cat >/dev/null', { input });
    });
  await Promise.all([call('a'), call('b'), call('c')]);
  expect(seen).toEqual(new Set(['a a', 'b b', 'c c']));
});

test('a slow reader slows the stream', async () => {
  const pool = openPool();
  let given = 0;
  const input = new Readable({
    read() {
      given += 65_536;
      this.push(Buffer.alloc(65_536));
    },
  });
  const run = pool.exec('head -c 100 >/dev/null; echo ready; sleep 0.3', { input });
  await run;
  expect(given).toBeLessThan(1_000_000);
});

test('the stdin of this process can be given, and is given back', async () => {
  const program = [tools.tsx, '--tsconfig', 'test/tsconfig.json', 'test/execution/stdin-twice.ts'];
  const child = spawn(process.execPath, program, { cwd: repoRoot, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await soon(lines.next())).value;
  for (const line of ['one', 'two']) {
    child.stdin.write(`${line}\n`);
    expect(await next()).toBe(line);
  }
  expect(await next()).toBe('destroyed: false');
  expect(await soon(once(child, 'exit'))).toEqual([0, null]);
});
