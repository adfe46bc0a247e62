import { StatefulProcessCommandProxy } from 'shellwright/compat';
import { describe, expect, test } from 'vitest';
import { logLines, openOurs, type Config } from './packages.ts';

function refusalOf(config: unknown): string {
  try {
    void new StatefulProcessCommandProxy(config as never).shutdown();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ShellwrightError', code: 'ERR_OPTIONS' });
    return (error as Error).message;
  }
  return 'none';
}

const broken = [{ regex: 'fine' }, { regex: '(' }];

describe('options that are wrong are refused at construction, and never skipped', () => {
  test.each<[option: string, config: Config, said: string]>([
    ['processCmdBlacklistRegex', { processCmdBlacklistRegex: broken }, 'processCmdBlacklistRegex.1'],
    ['processCmdWhitelistRegex', { processCmdWhitelistRegex: broken }, 'processCmdWhitelistRegex.1'],
    ['flags', { processCmdWhitelistRegex: [{ regex: 'a', flags: 'q' }] }, 'processCmdWhitelistRegex.0'],
    ['an entry that is text', { processCmdWhitelistRegex: ['^ls'] as never }, 'processCmdWhitelistRegex.0'],
    ['an entry that is null', { processCmdWhitelistRegex: [null] as never }, 'processCmdWhitelistRegex.0'],
    ['an entry without regex', { processCmdBlacklistRegex: [{ flags: 'i' }] as never }, 'processCmdBlacklistRegex.0'],
    ['a list that is none', { processCmdWhitelistRegex: { regex: 'a' } as never }, 'processCmdWhitelistRegex'],
    ['processInvalidateOnRegex', { processInvalidateOnRegex: { stderr: broken } }, 'processInvalidateOnRegex.stderr.1'],
    [
      'autoInvalidationConfig',
      {
        autoInvalidationConfig: {
          commands: [{ command: ':', regexes: { any: [{ regex: '(', invalidOn: 'match' }] } }],
        },
      },
      'autoInvalidationConfig.commands.0.regexes.any.0',
    ],
    [
      'invalidOn',
      {
        autoInvalidationConfig: {
          commands: [{ command: ':', regexes: { any: [{ regex: 'a', invalidOn: 'nomatch' as never }] } }],
        },
      },
      'autoInvalidationConfig.commands.0.regexes.any.0',
    ],
    ['a command that is none', { initCommands: ['echo', 5] as never }, 'initCommands.1'],
    ['commands that are no list', { preDestroyCommands: 'echo' as never }, 'preDestroyCommands'],
    ['processCommand', { processCommand: undefined }, 'processCommand'],
    ['processArgs', { processArgs: '-s' as never }, 'processArgs'],
    ['max', { max: 'many' as never }, 'max'],
    ['processUid', { processUid: 'root' as never }, 'processUid'],
    ['validateFunction', { validateFunction: 'yes' as never }, 'validateFunction'],
    ['logFunction', { logFunction: console as never }, 'logFunction'],
  ])('%s: %j', (_, config, path) => {
    expect(refusalOf({ processCommand: '/bin/bash', ...config })).toContain(
      `Expected the \`${path}\` option of StatefulProcessCommandProxy to be `,
    );
  });

  test('no options at all', () => {
    expect(refusalOf(undefined)).toContain('got `undefined` (undefined)');
  });

  test.each(['C:\\Windows\\System32\\cmd.exe', '/bin/tcsh', 'python3'])(
    'a shell for which there is no dialect: %s',
    (processCommand) => {
      expect(refusalOf({ processCommand })).toContain('to be a shell for which there is a dialect');
    },
  );
});

describe('the program', () => {
  test.each([
    ['bash by its name', 'bash', ['-s'], 'bash'],
    ['bash as a login shell', '/bin/bash', ['--noprofile', '--login', '-s'], 'bash'],
    ['sh', '/bin/sh', [], undefined],
    ['a launcher', '/usr/bin/env', ['-i', 'A=1', 'bash', '--norc'], 'bash'],
    ['a launcher that is given one text', '/bin/sh', ['-c', 'exec bash --norc'], 'bash'],
  ])('is served by its dialect: %s', async (_, processCommand, processArgs, shell) => {
    const proxy = openOurs({ processCommand, processArgs });
    const { stdout } = await proxy.executeCommand('echo "${BASH_VERSION:+bash}"; cd /');
    if (shell !== undefined) expect(stdout).toBe(shell);
    expect((await proxy.executeCommands(['echo "unterminated', 'pwd']))[1]!.stdout).toBe('/');
    expect(proxy.getStatus()[0]).toMatchObject({ process: processCommand, arguments: processArgs });
  });
});

describe('logFunction', () => {
  test('is told of options that have no effect, and of init commands that fail', async () => {
    const { lines, logFunction } = logLines();
    const proxy = openOurs({
      logFunction,
      log: () => {},
      initCommands: ['echo sorry >&2; (exit 7)'],
      processInvalidateOnRegex: { stdOut: [{ regex: 'a' }] } as never,
    });
    await proxy.executeCommand('echo');
    const { pid } = proxy.getStatus()[0]!;
    expect(lines).toContain('warn StatefulProcessCommandProxy Unknown option `log`: it has no effect');
    expect(lines).toContain(
      'warn StatefulProcessCommandProxy Unknown option `processInvalidateOnRegex.stdOut`: it has no effect',
    );
    expect(lines).toContain(
      `error ProcessProxy[${pid}] initialize - initCommands: exit code 7: echo sorry >&2; (exit 7), and said: sorry`,
    );
  });

  test('is told of what the lists refuse, as the messages promise', async () => {
    const { lines, logFunction } = logLines();
    const proxy = openOurs({
      logFunction,
      processCmdBlacklistRegex: [{ regex: 'rm' }],
      processCmdWhitelistRegex: [{ regex: '^echo' }],
    });
    await proxy.executeCommand('rm x').catch(() => {});
    await proxy.executeCommand('ls').catch(() => {});
    expect(lines).toContain('error ProcessProxy ProcessProxy: command matches blacklist regex: /rm/ command: rm x');
    expect(lines).toContain(
      'error ProcessProxy ProcessProxy: command does not match any configured whitelist regexes, command: ls',
    );
  });

  test('that throws breaks nothing', async () => {
    const logFunction = () => {
      throw new Error('broken');
    };
    expect((await openOurs({ logFunction }).executeCommand('echo fine')).stdout).toBe('fine');
  });
});

test('a refusal has the fields of our errors too', async () => {
  const proxy = openOurs({ processCmdBlacklistRegex: [{ regex: 'rm' }] });
  await expect(proxy.executeCommand('rm')).rejects.toMatchObject({ name: 'Error', code: 'ERR_POLICY', started: false });
});
