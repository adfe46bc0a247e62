import { describe, expect, test } from 'vitest';
import { open, openOurs, packages } from './packages.ts';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const config = {
  processRetainMaxCmdHistory: 10,
  processCwd: '/tmp',
  processEnvMap: { A: '1' },
  processUid: null,
  processCmdBlacklistRegex: [{ regex: 'rm', flags: 'i' }],
  processInvalidateOnRegex: { stdout: [{ regex: 'gone' }] },
  initCommands: ['echo init'],
};

describe.each(packages)('getStatus of %s', (name) => {
  test('has these fields, in this order', async () => {
    const proxy = open(name, config);
    const { stdout: pid } = await proxy.executeCommand('echo $$');
    const status = proxy.getStatus();
    expect(Object.entries(status[0]!)).toEqual([
      ['statusTime', time],
      ['pid', Number(pid)],
      ['process', '/bin/bash'],
      ['arguments', ['-s']],
      ['options', { cwd: '/tmp', env: { A: '1' } }],
      ['isValid', true],
      ['createdAt', time],
      ['cmdBlacklistRegexesConfs', [{ regex: 'rm', flags: 'i' }]],
      ['cmdWhitelistRegexesConfs', undefined],
      ['invalidateOnRegexConfig', { stdout: [{ regex: 'gone' }] }],
      ['autoInvalidationConfig', null],
      ['activeCommandStack', []],
      ['commandHistory', expect.any(Array)],
    ]);
    expect(status).toHaveLength(1);
  });

  test('has a history with init commands, in this shape', async () => {
    const proxy = open(name, config);
    await proxy.executeCommand('echo hello');
    const [status] = proxy.getStatus();
    expect(status!.commandHistory.map((entry) => Object.entries(entry))).toEqual(
      ['init', 'hello'].map((word) => [
        ['command', `echo ${word}`],
        ['startedAt', time],
        ['receivedData', true],
        ['finishedAt', time],
        ['stdout', word],
        ['stderr', ''],
      ]),
    );
  });

  test('has no history unless it was asked for', async () => {
    const proxy = open(name, { initCommands: ['echo init'] });
    await proxy.executeCommand('echo hello');
    expect(proxy.getStatus()[0]!.commandHistory).toEqual([]);
  });

  test('has what a process is still to do, with the whole of a call', async () => {
    const proxy = open(name);
    await proxy.executeCommand('echo');
    const done = proxy.executeCommands(['sleep 0.3', 'echo two']);
    // A process is taken at once where one is free, but the call comes to it in a moment.
    while (proxy.getStatus()[0]!.activeCommandStack.length === 0) await new Promise(setImmediate);
    expect(proxy.getStatus()[0]!.activeCommandStack).toEqual(
      ['sleep 0.3', 'echo two'].map((command) => ({
        command,
        startedAt: time,
        receivedData: false,
        finishedAt: null,
        stdout: null,
        stderr: null,
      })),
    );
    await done;
    expect(proxy.getStatus()[0]!.activeCommandStack).toEqual([]);
  });

  test('has the processes by pid', async () => {
    const proxy = open(name, { max: 3 });
    await Promise.all(['sleep 0.2', 'sleep 0.2', 'sleep 0.2'].map((command) => proxy.executeCommand(command)));
    const pids = proxy.getStatus().map(({ pid }) => pid);
    expect(pids).toHaveLength(3);
    expect(pids).toEqual(pids.toSorted((a, b) => a - b));
  });
});

describe('getStatus of shellwright/compat alone', () => {
  test('keeps N commands for a history of N, where the ancestor keeps one less', async () => {
    const proxy = openOurs({ processRetainMaxCmdHistory: 2 });
    await proxy.executeCommands(['echo 1', 'echo 2', 'echo 3']);
    expect(proxy.getStatus()[0]!.commandHistory.map(({ stdout }) => stdout)).toEqual(['2', '3']);
  });

  test('says of a command that runs whether it has written anything', async () => {
    const proxy = openOurs();
    const done = proxy.executeCommand('echo early; sleep 0.5');
    while (!proxy.getStatus()[0]?.activeCommandStack[0]?.receivedData) await new Promise(setImmediate);
    await done;
  });

  test('has stderr with its own command, also that of init commands', async () => {
    const proxy = openOurs({ processRetainMaxCmdHistory: 9, initCommands: ['echo init >&2'] });
    await proxy.executeCommands(['echo one >&2', 'echo two']);
    const history = proxy.getStatus()[0]!.commandHistory;
    expect(history.map(({ stdout, stderr }) => [stdout, stderr])).toEqual([
      ['', 'init'],
      ['', 'one'],
      ['two', ''],
    ]);
  });
});
