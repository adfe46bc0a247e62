import { beforeEach, expect, test, vi } from 'vitest';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { Terminal } from '../../src/cli/terminal.ts';
import { Sink } from './run-cli.ts';

const erase = '\r\u001B[K';

function terminalOf(isTTY: boolean) {
  const stdout = new Sink(isTTY);
  const stderr = new Sink(isTTY);
  const terminal = new Terminal({
    argv: [],
    stdin: () => new PassThrough(),
    stdout,
    stderr,
    signals: new EventEmitter(),
  });
  return { terminal, stdout, stderr };
}

// The tests may be run on a terminal that is dumb, or on none.
beforeEach(() => {
  vi.stubEnv('TERM', 'xterm');
  return () => void vi.unstubAllEnvs();
});

test('shows progress on a terminal only', () => {
  const { terminal, stderr } = terminalOf(false);
  terminal.progress('1 running');
  expect(terminal.interactive).toBe(false);
  expect(stderr.text).toBe('');
});

test('takes the progress line away before anything else is written, and a line is shown once', () => {
  const { terminal, stderr } = terminalOf(true);
  terminal.progress('1 running');
  terminal.progress('1 running');
  terminal.write('stdout', 'hi\n');
  terminal.progress('2 running');
  terminal.note('done');
  expect(stderr.text).toBe(`${erase}1 running${erase}${erase}2 running${erase}shellwright: done\n`);
});

test('shows no progress while a command is in the middle of a line', () => {
  const { terminal, stderr } = terminalOf(true);
  terminal.write('stdout', Buffer.from('half'));
  terminal.progress('1 running');
  expect(stderr.text).toBe('');
  terminal.write('stdout', ' a line\n');
  terminal.progress('1 running');
  expect(stderr.text).toBe(`${erase}1 running`);
});

test('begins a new line for a message after half a line', () => {
  const { terminal, stderr } = terminalOf(false);
  terminal.write('stderr', 'half');
  terminal.note('done');
  expect(stderr.text).toBe('half\nshellwright: done\n');
});

test('cuts the progress line to the width', () => {
  const { terminal, stderr } = terminalOf(true);
  terminal.progress('x'.repeat(200));
  expect(stderr.text).toBe(erase + 'x'.repeat(79));
});

test('writes nothing more, and tells once, when stdout broke', () => {
  const { terminal, stdout, stderr } = terminalOf(false);
  let told = 0;
  terminal.onBroken = () => told++;
  stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  stdout.emit('error', new Error('again'));
  terminal.write('stdout', 'a');
  terminal.note('b');
  expect([told, terminal.error, stdout.text, stderr.text]).toEqual([1, undefined, '', '']);
});

test('keeps an error of stdout that is not a lost reader', () => {
  const { terminal, stdout } = terminalOf(false);
  const error = Object.assign(new Error('full'), { code: 'ENOSPC' });
  stdout.emit('error', error);
  expect(terminal.error).toBe(error);
});
