import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { open, packages, type Config, type Proxy } from './packages.ts';

/** One call or a few, and what both packages answer. */
interface Row {
  what: string;
  config?: Config;
  ask: (proxy: Proxy) => unknown;
  answer: unknown;
}

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `no error: ${JSON.stringify(value)}`,
    (error: unknown) => String(error),
  );
const stdoutsOf = async (proxy: Proxy, commands: string[]): Promise<string[]> =>
  (await proxy.executeCommands(commands)).map(({ stdout }) => stdout);
const matching = (...regexes: string[]) => regexes.map((regex) => ({ regex }));

const results: Row[] = [
  {
    what: 'executeCommand gives command, stdout and stderr, in this order and nothing else',
    ask: async (proxy) => Object.entries(await proxy.executeCommand('echo hello')),
    answer: [
      ['command', 'echo hello'],
      ['stdout', 'hello'],
      ['stderr', ''],
    ],
  },
  {
    what: 'executeCommands gives them in the order of the commands, from one shell',
    ask: (proxy) => proxy.executeCommands(['A=one', 'echo $A', 'B=$A-two; echo $B', 'cd /; pwd']),
    answer: [
      { command: 'A=one', stdout: '', stderr: '' },
      { command: 'echo $A', stdout: 'one', stderr: '' },
      { command: 'B=$A-two; echo $B', stdout: 'one-two', stderr: '' },
      { command: 'cd /; pwd', stdout: '/', stderr: '' },
    ],
  },
  {
    what: 'the same command twice gives two results',
    ask: (proxy) => stdoutsOf(proxy, ['echo x', 'echo x']),
    answer: ['x', 'x'],
  },
  {
    what: 'a result can be added to',
    ask: async (proxy) => Object.assign(await proxy.executeCommand('echo'), { commandName: 'name' }),
    answer: { command: 'echo', stdout: '', stderr: '', commandName: 'name' },
  },
  {
    what: 'output is trimmed at both ends, and not within',
    ask: (proxy) => stdoutsOf(proxy, [String.raw`printf '\n \t a  b\n\nc \n\n'`, "printf '   '"]),
    answer: ['a  b\n\nc', ''],
  },
  {
    what: 'a command of several lines is one',
    ask: (proxy) => proxy.executeCommands(['for i in 1 2\ndo echo $i\ndone\necho 3']),
    answer: [{ command: 'for i in 1 2\ndo echo $i\ndone\necho 3', stdout: '1\n2\n3', stderr: '' }],
  },
  {
    what: 'a comment and an empty command are commands',
    ask: (proxy) => stdoutsOf(proxy, ['echo a # b', '', '# c']),
    answer: ['a', '', ''],
  },
  {
    what: 'a command that fails resolves',
    ask: (proxy) => stdoutsOf(proxy, ['false', 'ls /nonexistent/file 2>/dev/null', 'echo after']),
    answer: ['', '', 'after'],
  },
  {
    what: 'the state of the shell survives from call to call',
    ask: async (proxy) => {
      await proxy.executeCommand('MY_VARIABLE=test1');
      return (await proxy.executeCommand('echo $MY_VARIABLE')).stdout;
    },
    answer: 'test1',
  },
  {
    what: 'calls that are made at once are all answered, each with its own',
    config: { max: 3, min: 3 },
    ask: async (proxy) => {
      const calls = Array.from({ length: 20 }, (_, n) => proxy.executeCommand(`echo ${n}`));
      return (await Promise.all(calls)).map(({ command, stdout }) => command === `echo ${stdout}`);
    },
    answer: Array.from({ length: 20 }, () => true),
  },
  {
    what: 'many lines arrive whole',
    ask: async (proxy) => (await proxy.executeCommand('seq 300')).stdout.split('\n').length,
    answer: 300,
  },
];

const options: Row[] = [
  {
    what: 'processEnvMap is the whole environment',
    config: { processEnvMap: { testEnvVar: 'value1', N: 5 as never } },
    ask: (proxy) => stdoutsOf(proxy, ['echo $testEnvVar $N', 'echo "home: $HOME"']),
    answer: ['value1 5', 'home:'],
  },
  {
    what: 'the environment is inherited without processEnvMap',
    config: { processEnvMap: null },
    ask: (proxy) => stdoutsOf(proxy, ['echo $PATH']),
    answer: [process.env['PATH']],
  },
  {
    what: 'initCommands run before anything else',
    config: { initCommands: ['testInitVar=test', 'cd /tmp'] },
    ask: (proxy) => stdoutsOf(proxy, ['echo $testInitVar', 'pwd']),
    answer: ['test', '/tmp'],
  },
  {
    what: 'an init command that fails does not keep the shell from serving',
    config: { initCommands: ['nonexistent-command 2>/dev/null', 'A=set'] },
    ask: (proxy) => stdoutsOf(proxy, ['echo $A']),
    answer: ['set'],
  },
  {
    what: 'null leaves an option out, and one that is not known has no effect',
    config: {
      idleTimeoutMS: null,
      processRetainMaxCmdHistory: null,
      processInvalidateOnRegex: null,
      processCmdBlacklistRegex: null,
      processCmdWhitelistRegex: null,
      processCwd: null,
      processUid: null,
      processGid: null,
      initCommands: null,
      validateFunction: null,
      autoInvalidationConfig: null,
      preDestroyCommands: null,
      log: () => {},
    },
    ask: (proxy) => stdoutsOf(proxy, ['echo fine']),
    answer: ['fine'],
  },
  {
    what: 'numbers may be text',
    config: { max: '2', min: '1' } as never,
    ask: (proxy) => stdoutsOf(proxy, ['echo fine']),
    answer: ['fine'],
  },
];

const lists: Row[] = [
  {
    what: 'the blacklist refuses, in these words',
    config: { processCmdBlacklistRegex: matching('.*forbidden.*') },
    ask: (proxy) => messageOf(proxy.executeCommand('echo forbidden')),
    answer:
      'Error: Command cannot be executed as it matches a blacklist regex pattern, see logs: command: echo forbidden',
  },
  {
    what: 'the whitelist refuses, in these words',
    config: { processCmdWhitelistRegex: matching('^echo ', '^pwd$') },
    ask: (proxy) => messageOf(proxy.executeCommand('ls')),
    answer:
      'Error: Command cannot be executed it does not match our set of whitelisted commands, see logs: command: ls',
  },
  {
    what: 'the blacklist goes before the whitelist, for all commands of a call',
    config: { processCmdBlacklistRegex: matching('rm'), processCmdWhitelistRegex: matching('^echo') },
    ask: (proxy) => messageOf(proxy.executeCommands(['ls', 'echo rm'])),
    answer: 'Error: Command cannot be executed as it matches a blacklist regex pattern, see logs: command: echo rm',
  },
  {
    what: 'nothing of a call runs when one command of it is refused',
    config: { processCmdBlacklistRegex: matching('rm') },
    ask: async (proxy) => {
      await messageOf(proxy.executeCommands(['A=ran', 'rm']));
      return (await proxy.executeCommand('echo "A=$A"')).stdout;
    },
    answer: 'A=',
  },
  {
    what: 'flags have their effect, g in each call anew',
    config: { processCmdBlacklistRegex: [{ regex: '^RM', flags: 'gi' }] },
    ask: async (proxy) => [
      (await messageOf(proxy.executeCommand('rm x'))).slice(0, 6),
      (await messageOf(proxy.executeCommand('rm x'))).slice(0, 6),
      (await proxy.executeCommand('echo rm')).stdout,
    ],
    answer: ['Error:', 'Error:', 'rm'],
  },
  {
    what: 'empty lists refuse nothing',
    config: { processCmdBlacklistRegex: [], processCmdWhitelistRegex: [] },
    ask: (proxy) => stdoutsOf(proxy, ['echo fine']),
    answer: ['fine'],
  },
  {
    what: 'init commands are exempt',
    config: { initCommands: ['A=forbidden'], processCmdBlacklistRegex: matching('forbidden') },
    ask: (proxy) => stdoutsOf(proxy, ['echo $A']),
    answer: ['forbidden'],
  },
  {
    what: 'what is given after shutdown is refused, in these words',
    ask: async (proxy) => {
      await proxy.shutdown();
      return messageOf(proxy.executeCommand('echo late'));
    },
    answer: 'Error: pool is draining and cannot accept work',
  },
];

describe.each(packages)('%s', (name) => {
  test.each([...results, ...options, ...lists])('$what', async ({ config, ask, answer }) => {
    expect(await ask(open(name, config))).toEqual(answer);
  });

  test('processCwd is where the shells start', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'here'));
    writeFileSync(join(folder, 'here', 'file'), '');
    const proxy = open(name, { processCwd: join(folder, 'here') });
    expect((await proxy.executeCommand('ls')).stdout).toBe('file');
  });

  test('shutdown lets what was given end, and gives undefined', async () => {
    const proxy = open(name);
    const calls = [proxy.executeCommand('sleep 0.2; echo one'), proxy.executeCommand('echo two')];
    expect(await proxy.shutdown()).toBeUndefined();
    expect((await Promise.all(calls)).map(({ stdout }) => stdout)).toEqual(['one', 'two']);
    expect(proxy.getStatus()).toEqual([]);
  });
});
