import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { afterLastWords } from '../../src/process/last-words.ts';
import { Tree } from '../../src/process/tree.ts';

// What is done on Windows, as far as it can be tried elsewhere. With a `taskkill`: test/dialects/cmd/pretended.test.ts.

test('without taskkill a tree ends at least its root', async () => {
  const child = startNode('setInterval(() => {}, 1000)');
  const tree = new Tree(child);
  expect(tree.signal('SIGINT')).toBe(false);
  expect(tree.signal('SIGKILL')).toBe(true);
  await tree.end();
  expect(child.signalCode).toBe('SIGKILL');
});

test('a tree whose root has ended is let be: its number may be another’s', async () => {
  const child = startNode('');
  const tree = new Tree(child);
  await once(child, 'exit');
  expect(tree.signal('SIGKILL')).toBe(false);
  await tree.end();
});

test('the end of a process is told when its output was read', async () => {
  const child = startNode('process.stdout.write("x".repeat(150_000))');
  let length = 0;
  // As on Windows: read only when the end is known. More than the stream holds, less than the pipe, and for a slow reader.
  child.once('exit', () =>
    child.stdout!.on('data', (chunk: Buffer) => {
      length += chunk.length;
      child.stdout?.pause();
    }),
  );
  await new Promise<void>((resolve) => afterLastWords(child, resolve));
  expect(length).toBe(150_000);
});

test('the end of a process is told soon where something holds its output', async () => {
  const child = startNode(
    `const { pid } = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit', detached: true }); process.stdout.write(String(pid), () => process.exit())`,
  );
  let told = 0;
  const end = new Promise<void>((resolve) => afterLastWords(child, () => (told++, resolve())));
  const [pid] = (await once(child.stdout!, 'data')) as [Buffer];
  onTestFinished(() => void process.kill(Number(pid), 'SIGKILL'));
  await end;
  expect([told, child.exitCode, child.stdout?.readableEnded]).toEqual([1, 0, false]);
});

function startNode(code: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
