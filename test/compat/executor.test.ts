import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { openOurs, type Config } from './packages.ts';

/** As much of `powershell-command-executor` as is used here: it has no types of its own. */
interface PSCommandService {
  execute(name: string, values: object): Promise<Record<string, unknown>>;
  executeAll(list: { commandName: string; argMap: object }[]): Promise<Record<string, unknown>[]>;
  getStatus(): { commandHistory: { command: string }[] }[];
}

const require = createRequire(import.meta.url);
const Service = require('powershell-command-executor/psCommandService.js') as new (
  proxy: unknown,
  registry: object,
  log: () => void,
) => PSCommandService;

/** Its commands are templates and its quotes are those that bash has too. */
const registry = {
  say: {
    command: 'echo said {{{arguments}}}',
    arguments: { Text: {}, Force: { valued: false } },
    return: { type: 'text' },
  },
  complain: { command: 'ls /nonexistent/{{{arguments}}}', arguments: { Name: { quoted: false } } },
};

/** The options that its README passes, also what the ancestor never had (`log`) and init commands that fail. */
const config: Config = {
  max: 1,
  min: 1,
  idleTimeoutMS: 120_000,
  log: () => {},
  processRetainMaxCmdHistory: 20,
  processInvalidateOnRegex: { any: [], stdout: [], stderr: [{ regex: '.*nomatch.*' }] },
  processCwd: null,
  processEnvMap: null,
  processUid: null,
  processGid: null,
  initCommands: ['Import-Module MSOnline', 'READY=1'],
  validateFunction: (process: { isValid(): boolean }) => process.isValid(),
  preDestroyCommands: ['Get-PSSession | Remove-PSSession'],
  processCmdWhitelistRegex: [{ regex: '^echo said\\s.*', flags: 'i' }, { regex: '^ls ' }],
  processCmdBlacklistRegex: [{ regex: '.*Invoke-Expression.*', flags: 'i' }],
  autoInvalidationConfig: {
    checkIntervalMS: 30_000,
    commands: [{ command: 'echo $READY', regexes: { stdout: [{ regex: '.*1.*', flags: 'i', invalidOn: 'noMatch' }] } }],
  },
};

describe('powershell-command-executor on shellwright/compat', () => {
  test('executes commands of its registry, and adds their names to the results', async () => {
    const service = new Service(openOurs(config), registry, () => {});
    expect(await service.execute('say', { Text: "it's" })).toEqual({
      commandName: 'say',
      command: "echo said -Text 'it''s' -Force ",
      stdout: 'said -Text its -Force',
      stderr: '',
    });
    const all = await service.executeAll([
      { commandName: 'say', argMap: { Text: 'a' } },
      { commandName: 'complain', argMap: { Name: 'x' } },
    ]);
    expect(all.map(({ commandName }) => commandName)).toEqual(['say', 'complain']);
    expect(all[1]!['stderr']).toContain('No such file');
  });

  test('shows the status, and hears of what the lists refuse', async () => {
    const service = new Service(openOurs(config), registry, () => {});
    await service.execute('say', { Text: 'a' });
    expect(service.getStatus()[0]!.commandHistory.map(({ command }) => command)).toEqual([
      'Import-Module MSOnline',
      'READY=1',
      "echo said -Text 'a' -Force ",
    ]);
    await expect(service.execute('say', { Text: 'invoke-expression' })).rejects.toThrow('blacklist regex pattern');
  });
});
