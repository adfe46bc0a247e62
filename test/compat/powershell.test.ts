import { createRequire } from 'node:module';
import { StatefulProcessCommandProxy } from 'shellwright/compat';
import { describe, expect, test } from 'vitest';
import { noPwsh, skippedFor } from '../support/pwsh.ts';
import { openOurs } from './packages.ts';

const pwsh = { processCommand: 'pwsh', processArgs: ['-Command', '-'] };

describe.skipIf(noPwsh !== undefined)(`PowerShell on shellwright/compat${skippedFor}`, () => {
  test('answers as any shell, with state, init commands and multi-line text', { timeout: 90_000 }, async () => {
    const proxy = openOurs({
      ...pwsh,
      processRetainMaxCmdHistory: 10,
      initCommands: ['Import-Module Nonexistent', '$a = 5'],
    });
    const results = await proxy.executeCommands(['echo "a is $a"', 'if ($a -eq 5) {\n  "five"\n}', '"é日本"', 'if (']);
    expect(results.slice(0, 3).map(({ stdout, stderr }) => [stdout, stderr])).toEqual([
      ['a is 5', ''],
      ['five', ''],
      ['é日本', ''],
    ]);
    expect(results[3]!.stderr).not.toBe('');
    const { commandHistory } = proxy.getStatus()[0]!;
    expect(commandHistory.map(({ command }) => command).slice(0, 2)).toEqual(['Import-Module Nonexistent', '$a = 5']);
  });

  test('serves powershell-command-executor as it is', { timeout: 90_000 }, async () => {
    const require = createRequire(import.meta.url);
    const Service = require('powershell-command-executor/psCommandService.js') as new (...args: unknown[]) => {
      execute(name: string, values: object): Promise<object>;
    };
    const registry = { say: { command: 'Write-Output {{{arguments}}}', arguments: { InputObject: {} } } };
    const service = new Service(
      openOurs({ ...pwsh, processCmdWhitelistRegex: [{ regex: '^Write-Output\\s.*' }] }),
      registry,
      () => {},
    );
    expect(await service.execute('say', { InputObject: "it's; $x" })).toMatchObject({
      commandName: 'say',
      command: "Write-Output -InputObject 'it''s; $x' ",
      stdout: "it's; $x",
      stderr: '',
    });
  });
});

describe('the arguments of PowerShell', () => {
  const refusalOf = (processCommand: string, processArgs: string[]): string => {
    try {
      void new StatefulProcessCommandProxy({ processCommand, processArgs }).shutdown();
      return 'none';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    ['C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe', ['-Command', '-']],
    ['pwsh', ['-NoLogo', '-noexit', '-ExecutionPolicy', 'Bypass', '-InputFormat', 'none', '-c', '-']],
    ['/usr/bin/pwsh-preview', ['-File', '-']],
    ['pwsh', []],
  ])('are taken: %s %j', (command, args) => {
    expect(refusalOf(command, args)).toBe('none');
  });

  test.each([
    ['pwsh', ['-Command', '. ./profile.ps1'], '`-command -` or none, and its script in `initCommands`'],
    ['pwsh', ['-File', 'start.ps1'], '`-file -` or none'],
    ['sudo', ['-u', 'other', 'pwsh', '-Command', '-'], 'pwsh or powershell themselves'],
  ])('are refused where they bring a script, or another program: %s %j', (command, args, said) => {
    expect(refusalOf(command, args)).toContain(said);
  });
});
