import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseInvocation, type RunInvocation } from '../../src/cli/invocation.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const parsed = (...argv: string[]): RunInvocation => parseInvocation(argv) as RunInvocation;
const messageOf = (argv: string[]): string => {
  try {
    parseInvocation(argv);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
};

describe('parseInvocation', () => {
  test('takes every word after exec as a command', () => {
    expect(parsed('exec', 'echo a', 'echo b').commands).toEqual(['echo a', 'echo b']);
  });

  test('takes words after -- as commands, whatever they begin with', () => {
    expect(parsed('exec', '--', '-x', '--max').commands).toEqual(['-x', '--max']);
  });

  test('takes the one word after run as a file', () => {
    expect(parsed('run', 'jobs.txt').commands).toEqual({ file: 'jobs.txt' });
    expect(parsed('run', '-').commands).toEqual({ file: '-' });
  });

  test('has defaults', () => {
    expect(parsed('exec', 'x')).toMatchObject({
      shell: { name: 'bash', path: 'bash' },
      min: 0,
      max: availableParallelism(),
      timeout: Infinity,
      json: false,
      keepGoing: false,
    });
  });

  test('takes options before and after the commands, and the last value of one given twice', () => {
    const argv = '--min 1 exec x --max=2 --max 3 --timeout 1.5s --json --keep-going --shell sh'.split(' ');
    const invocation = { min: 1, max: 3, timeout: 1_500, json: true, keepGoing: true, shell: { name: 'sh' } };
    expect(parsed(...argv)).toMatchObject(invocation);
  });

  test('raises the default of --max to --min', () => {
    expect(parsed('exec', 'x', '--min', '1000').max).toBe(1_000);
  });

  test.each([
    ['500', 500],
    ['500ms', 500],
    ['5s', 5_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ])('reads --timeout %s as %i ms', (value, ms) => {
    expect(parsed('exec', 'x', '--timeout', value).timeout).toBe(ms);
  });

  test.each([
    [['--help'], 'help'],
    [['exec', '-h'], 'help'],
    [['--version'], 'version'],
    [['-V'], 'version'],
  ])('%j asks for %s', (argv, kind) => {
    expect(parseInvocation(argv)).toEqual({ kind });
  });

  test('drives a path by its name', () => {
    expect(parsed('exec', 'x', '--shell', '/bin/bash').shell).toMatchObject({ name: 'bash', path: '/bin/bash' });
    expect(parsed('exec', 'x', '--shell', '/bin/sh').shell).toMatchObject({ name: 'sh', path: '/bin/sh' });
    for (const name of ['zsh', 'ksh', 'fish'])
      expect(parsed('exec', 'x', '--shell', name).shell).toMatchObject({ name, path: name });
    expect(parsed('exec', 'x', '--shell', 'python').shell).toMatchObject({ name: 'python', path: 'python3' });
    expect(parsed('exec', 'x', '--shell', process.execPath).shell).toMatchObject({ name: 'node' });
    expect(parsed('exec', 'x', '--shell', 'powershell').shell).toMatchObject({ name: 'powershell', path: 'pwsh' });
    expect(parsed('exec', 'x', '--shell', 'cmd').shell).toMatchObject({
      name: 'cmd',
      args: ['/d', '/q', '/e:on', '/v:off', '/k'],
    });
    const path = '/usr/bin/python3';
    if (existsSync(path)) expect(parsed('exec', 'x', '--shell', path).shell).toMatchObject({ name: 'python', path });
  });

  test.each([
    [[], 'Expected exec, run or inspect, got nothing'],
    [['go'], "Expected exec, run or inspect, got 'go'"],
    [['exec'], "Expected at least one command after exec: shellwright exec 'echo hi'"],
    [['run'], 'Expected one file after run, or - for standard input, got nothing'],
    [['run', 'a', 'b'], "Expected one file after run, or - for standard input, got 'a' 'b'"],
    [['exec', 'x', '--nope=3'], 'Unknown option --nope=3'],
    [['exec', 'x', '-z'], 'Unknown option -z'],
    [['exec', 'x', '--json=3'], 'Expected --json to stand alone, got --json=3'],
    [['exec', 'x', '--max'], 'Expected a value after --max, got nothing'],
    [['exec', 'x', '--max', '0'], "Expected --max to be a whole number of at least 1, got '0'"],
    [['exec', 'x', '--max', '-1'], "Expected --max to be a whole number of at least 1, got '-1'"],
    [['exec', 'x', '--min', '1.5'], "Expected --min to be a whole number of at least 0, got '1.5'"],
    [['exec', 'x', '--min', '3', '--max', '2'], "Expected --min to be at most --max (2), got '3'"],
    [['exec', 'x', '--timeout', '0'], /^Expected --timeout to be a time above 0 .*, got '0'$/],
    [['exec', 'x', '--timeout', '5 s'], /got '5 s'$/],
    [['exec', 'x', '--timeout', 'soon'], /got 'soon'$/],
    [
      ['exec', 'x', '--shell', 'mksh'],
      /^Expected --shell to be bash, sh, zsh, ksh, fish, python, node, powershell, cmd, or the path of .*, got 'mksh'$/,
    ],
    [['exec', 'x', '--shell', 'toString'], /got 'toString'$/],
    [['exec', 'x', '--shell', '/bin/cat'], /got '\/bin\/cat'$/],
    [['exec', 'x', '--shell', '/nope/bash'], "Expected --shell to be a program that can be run, got '/nope/bash'"],
    [['exec', 'x', '--shell', '/bin/'], /got '\/bin\/'$/],
  ] satisfies [string[], string | RegExp][])('refuses %j', (argv, message) => {
    if (typeof message === 'string') expect(messageOf(argv)).toBe(message);
    else expect(messageOf(argv)).toMatch(message);
  });
});
