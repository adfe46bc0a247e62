import { describe, expect, test } from 'vitest';
import { soon } from '../support/pools.ts';
import { isRunning } from '../support/processes.ts';
import { eventually, logLines, openOurs, type Config } from './packages.ts';

/**
 * What the ancestor answers wrongly, or never: design, section 6, as docs/migration.md has it. Each against ours alone, and each followed by
 * a command that has to be answered rightly too.
 */
const cases: [what: string, command: string, stdout: string, stderr: RegExp | string][] = [
  ['an unterminated quote', "echo 'open", '', /unexpected EOF|unterminated/],
  ['an unterminated heredoc', 'cat <<X\ntext', 'text', /here-document|^$/],
  ['an unterminated $(', 'echo $(date', '', /unexpected EOF|syntax error/],
  ['an unterminated if', 'if true', '', /syntax error/],
  ['a syntax error', 'echo a; )', '', /syntax error/],
  ['exit', 'echo out; echo err >&2; exit 3', 'out', 'err'],
  ['set -e and a failure', 'set -e; echo out; false; echo never', 'out', ''],
  ['exec of another program', 'exec echo gone', 'gone', ''],
  ['the end of the shell by a signal', 'echo out; kill -9 $$', 'out', ''],
  ['a reader of stdin', 'cat; read x; echo "x=$x"; head -1', 'x=', ''],
  ['output that holds the marker', 'echo __done__; echo after', '__done__\nafter', ''],
  ['a marker without a newline', 'printf __done__', '__done__', ''],
  ['characters of more than one byte', 'echo 日本語 ≤ 🐚', '日本語 ≤ 🐚', ''],
  ['stderr at the end of a command', 'echo out; echo err >&2', 'out', 'err'],
  ['stderr alone', 'echo err >&2', '', 'err'],
  ['stdout that is redirected for good', 'exec >/dev/null; echo unseen', '', ''],
  ['a function that is called echo', 'echo() { command echo "mine: $1"; }; echo a', 'mine: a', ''],
  ['a status', '(exit 3)', '', ''],
];

describe('shellwright/compat, where the ancestor hangs or mixes answers up', () => {
  test.each(cases)('%s: `%s`', async (_, command, stdout, stderr) => {
    const proxy = openOurs();
    const result = await soon(proxy.executeCommand(command), command);
    expect(result).toMatchObject({ command, stdout });
    if (typeof stderr === 'string') expect(result.stderr).toBe(stderr);
    else expect(result.stderr).toMatch(stderr);
    expect(await soon(proxy.executeCommand('command echo next'), 'the next')).toEqual({
      command: 'command echo next',
      stdout: 'next',
      stderr: '',
    });
  });

  test('stderr of 200 commands in a row is always with its own', async () => {
    const proxy = openOurs();
    const commands = Array.from({ length: 200 }, (_, n) => `echo ${n} >&2`);
    const results = await proxy.executeCommands(commands);
    expect(results.map(({ stderr }) => stderr)).toEqual(commands.map((_, n) => `${n}`));
  });

  test('a status is seen by the next command', async () => {
    const results = await openOurs().executeCommands(['(exit 3)', 'echo $?']);
    expect(results[1]!.stdout).toBe('3');
  });

  test('1 MB of output is whole, wherever its reads are cut', async () => {
    const { stdout } = await openOurs().executeCommand('seq -f "%06g é" 100000');
    const lines = stdout.split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([100_000, '000001 é', '100000 é']);
    expect(lines.every((line) => line.endsWith(' é'))).toBe(true);
  });

  test('a batch whose shell ends is rejected, and the next call has another shell', async () => {
    const proxy = openOurs();
    await expect(soon(proxy.executeCommands(['echo 1', 'exit 3', 'echo 3']))).rejects.toMatchObject({
      code: 'ERR_SESSION_LOST',
      started: false,
    });
    expect((await proxy.executeCommand('echo next')).stdout).toBe('next');
  });

  test('a shell that dies while it is idle is noticed, and replaced', async () => {
    const proxy = openOurs({ min: 1 });
    const { stdout } = await proxy.executeCommand('echo $$');
    process.kill(Number(stdout), 'SIGKILL');
    await eventually(
      'the loss to be seen',
      () => proxy.getStatus().every(({ pid }) => pid !== Number(stdout)) || undefined,
    );
    expect((await soon(proxy.executeCommand('echo $$'))).stdout).not.toBe(stdout);
  });

  test('a command whose shell dies is answered with what there is, and the log says so', async () => {
    const { lines, logFunction } = logLines();
    const proxy = openOurs({ logFunction });
    const { stdout: pid } = await proxy.executeCommand('echo $$');
    const result = await soon(proxy.executeCommand('echo out; kill -9 $$'));
    expect(result).toEqual({ command: 'echo out; kill -9 $$', stdout: 'out', stderr: '' });
    expect(lines).toContain(`warn ProcessProxy[${pid}] the process died of SIGKILL: echo out; kill -9 $$`);
  });

  test.each<[what: string, config: Config, cause: RegExp]>([
    ['no such program', { processCommand: '/nonexistent/bash' }, /ENOENT|no such/i],
    ['no such program by a name that says nothing', { processCommand: '/nonexistent/shell' }, /ENOENT|no such/i],
    ['no such folder', { processCwd: '/nonexistent/folder' }, /nonexistent/],
  ])('%s rejects what waits, with the reason', async (_, config, cause) => {
    const proxy = openOurs(config);
    const error = await soon(proxy.executeCommand('echo').catch((error: unknown) => error));
    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED' });
    expect(String((error as Error).cause)).toMatch(cause);
    await soon(proxy.shutdown());
  });

  test('an init command that ends the shell rejects what waits, with the reason', async () => {
    const proxy = openOurs({ initCommands: ['echo sorry >&2; exit 9'] });
    const error = await soon(proxy.executeCommand('echo').catch((error: unknown) => error));
    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED' });
    expect(String((error as Error).cause)).toContain('sorry');
  });

  test('empty lists of commands are no commands', async () => {
    const proxy = openOurs({ initCommands: [], preDestroyCommands: [] });
    expect(await soon(proxy.executeCommands([]))).toEqual([]);
    const { stdout } = await proxy.executeCommand('echo $$');
    await soon(proxy.shutdown());
    expect(isRunning(Number(stdout))).toBe(false);
  });

  test('min is min, also when it is max', async () => {
    const proxy = openOurs({ min: 2, max: 2, idleTimeoutMS: 1 });
    await eventually('two shells', () => proxy.getStatus().length === 2 || undefined);
    const pids = proxy.getStatus().map(({ pid }) => pid);
    await proxy.executeCommand('sleep 0.1');
    expect(proxy.getStatus().map(({ pid }) => pid)).toEqual(pids);
  });

  test('what is no list of commands is rejected', async () => {
    const proxy = openOurs();
    await expect(proxy.executeCommands('echo' as never)).rejects.toThrow(/to be an array, got `'echo'` \(string\)/);
    await expect(proxy.executeCommand('echo \0')).rejects.toMatchObject({ code: 'ERR_OPTIONS' });
  });
});
