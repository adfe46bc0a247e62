import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessProxy } from 'shellwright/compat';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { isRunning } from '../support/processes.ts';
import { eventually, logLines, open, openOurs, packages, type Config, type Proxy } from './packages.ts';

const pidOf = async (proxy: Proxy): Promise<string> => (await proxy.executeCommand('echo $$')).stdout;
const isValid = (proxy: Proxy): boolean[] => proxy.getStatus().map((status) => status.isValid);

describe.each(packages)('%s', (name) => {
  const invalidating: [what: string, regexes: Config['processInvalidateOnRegex'], command: string][] = [
    ['stdout', { stdout: [{ regex: '^session (lost|gone)$' }] }, 'echo session gone'],
    ['any', { any: [{ regex: 'GONE', flags: 'gi' }] }, 'echo gone'],
  ];

  test.each(invalidating)(
    'output on %s that matches has the shell replaced at the next call',
    async (_, regexes, command) => {
      const proxy = open(name, { processInvalidateOnRegex: regexes });
      const pid = await pidOf(proxy);
      expect(isValid(proxy)).toEqual([true]);
      expect((await proxy.executeCommand(command)).command).toBe(command);
      expect(isValid(proxy)).toEqual([false]);
      expect(proxy.getStatus()[0]!.pid).toBe(Number(pid));
      expect(await pidOf(proxy)).not.toBe(pid);
      expect(isValid(proxy)).toEqual([true]);
    },
  );

  test('the rest of a call still runs in a shell that has become invalid', async () => {
    const proxy = open(name, { processInvalidateOnRegex: { any: [{ regex: 'gone' }] } });
    const results = await proxy.executeCommands(['echo $$', 'echo gone', 'echo $$']);
    expect(results[2]!.stdout).toBe(results[0]!.stdout);
  });

  test('output that does not match, and none, leave the shell alone', async () => {
    const proxy = open(name, { processInvalidateOnRegex: { any: [{ regex: '^$' }], stdout: [{ regex: '^a$' }] } });
    const pid = await pidOf(proxy);
    await proxy.executeCommands(['true', 'echo ab']);
    expect(await pidOf(proxy)).toBe(pid);
  });

  test('validateFunction gets the process, and has it replaced by what is not true', async () => {
    const asked: unknown[] = [];
    let answer: unknown = 'yes';
    const proxy = open(name, {
      validateFunction: (process: ProcessProxy) => {
        asked.push([process.isValid(), process.getPid(), process.getStatus().pid]);
        return answer;
      },
    });
    const pid = await pidOf(proxy);
    expect(await pidOf(proxy)).toBe(pid);
    expect(asked).toEqual([[true, Number(pid), Number(pid)]]);
    answer = undefined;
    expect(await pidOf(proxy)).not.toBe(pid);
  });

  test('autoInvalidationConfig has a shell replaced at the call after its check', async () => {
    const proxy = open(name, {
      min: 1,
      processRetainMaxCmdHistory: 50,
      processCmdWhitelistRegex: [{ regex: '^(echo|STATE=)' }],
      autoInvalidationConfig: {
        checkIntervalMS: 50,
        commands: [
          { command: 'CHECKED=$STATE' },
          { command: 'printf "$CHECKED\\n"', regexes: { stdout: [{ regex: 'lost$', invalidOn: 'match' }] } },
        ],
      },
    });
    const pid = await pidOf(proxy);
    await eventually('a check', () => checksOf(proxy)[1]);
    expect(isValid(proxy)).toContain(true);
    await proxy.executeCommand('STATE=lost');
    await eventually('the verdict', () => isValid(proxy).includes(false) || undefined);
    expect(await pidOf(proxy)).not.toBe(pid);
  });

  test('autoInvalidationConfig finds what does not match, in the trimmed output', async () => {
    const proxy = open(name, {
      autoInvalidationConfig: {
        checkIntervalMS: 50,
        commands: [{ command: 'echo "ready $N"', regexes: { stdout: [{ regex: '^ready 1$', invalidOn: 'noMatch' }] } }],
      },
      initCommands: ['N=1'],
      processRetainMaxCmdHistory: 50,
    });
    await proxy.executeCommand('echo');
    await eventually('a check', () => checksOf(proxy)[1]);
    expect(isValid(proxy)).toEqual([true]);
    await proxy.executeCommand('N=2');
    await eventually('the verdict', () => isValid(proxy).includes(false) || undefined);
  });

  test('an idle shell above min is ended after preDestroyCommands', async () => {
    const file = join(temporaryFolder(), 'log');
    const proxy = open(name, {
      idleTimeoutMS: 50,
      processCmdWhitelistRegex: [{ regex: '^(WHO=|echo \\$\\$)' }],
      preDestroyCommands: [`echo "bye $WHO" >>${file}`, `echo last >>${file}`],
    });
    const pid = Number(await pidOf(proxy));
    await proxy.executeCommand('WHO=me');
    await eventually('the reaping', () => (isRunning(pid) ? undefined : true));
    expect(readFileSync(file, 'utf8')).toBe('bye me\nlast\n');
    expect(proxy.getStatus()).toEqual([]);
  });
});

function checksOf(proxy: Proxy): string[] {
  const [status] = proxy.getStatus();
  return (status?.commandHistory ?? [])
    .map(({ command }) => command)
    .filter((command) => /CHECKED|ready/.test(command));
}

describe('shellwright/compat alone', () => {
  test('sees stderr at the end of a command, and looks at it first', async () => {
    const { lines, logFunction } = logLines();
    const proxy = openOurs({ logFunction, processInvalidateOnRegex: { any: [{ regex: 'gone' }] } });
    const pid = await pidOf(proxy);
    await proxy.executeCommand('echo gone 1; echo gone 2 >&2');
    expect(lines).toContain(
      `error ProcessProxy[${pid}] ProcessProxy: stderr matches invalidation regex: /gone/ stderr: gone 2`,
    );
    expect(await pidOf(proxy)).not.toBe(pid);
  });

  test('replaces an invalid shell at once, with its preDestroyCommands, and shows it until the next call', async () => {
    const file = join(temporaryFolder(), 'log');
    const proxy = openOurs({
      min: 1,
      processInvalidateOnRegex: { any: [{ regex: 'gone' }] },
      preDestroyCommands: [`echo bye $$ >>${file}`],
    });
    const { stdout } = await proxy.executeCommand('echo $$ gone');
    const pid = Number.parseInt(stdout, 10);
    await eventually('its end', () => (isRunning(pid) ? undefined : true));
    expect(readFileSync(file, 'utf8')).toBe(`bye ${pid}\n`);
    expect(proxy.getStatus()).toMatchObject([{ pid, isValid: false }]);
    const next = await pidOf(proxy);
    expect(proxy.getStatus()).toMatchObject([{ pid: Number(next), isValid: true }]);
  });

  test('never shows more than there were, however often successors are found invalid', async () => {
    const { lines, logFunction } = logLines();
    const proxy = openOurs({
      logFunction,
      min: 2,
      max: 4,
      autoInvalidationConfig: {
        checkIntervalMS: 20,
        commands: [{ command: 'echo bad', regexes: { any: [{ regex: 'bad', invalidOn: 'match' }] } }],
      },
    });
    await eventually('both', () => isValid(proxy).join() === 'false,false' || undefined);
    const shown = proxy.getStatus().map(({ pid }) => pid);
    const verdicts = (): number => lines.filter((line) => line.includes('auto-invalidation determined')).length;
    await eventually('four more verdicts', () => verdicts() >= 6 || undefined);
    expect(proxy.getStatus().map(({ pid }) => pid)).toEqual(shown);
  });

  test('a shell whose init commands match serves one call, as there, and is then replaced', async () => {
    const proxy = openOurs({ initCommands: ['echo gone >&2'], processInvalidateOnRegex: { any: [{ regex: 'gone' }] } });
    const pid = await pidOf(proxy);
    expect(isValid(proxy)).toEqual([false]);
    expect(await pidOf(proxy)).not.toBe(pid);
  });

  test('a validateFunction that throws says no, and its promise is waited for', async () => {
    const answers: (() => unknown)[] = [
      () => Promise.resolve(true),
      () => Promise.resolve(false),
      () => {
        throw new Error('cannot tell');
      },
      () => Promise.reject(new Error('cannot tell either')),
    ];
    const { lines, logFunction } = logLines();
    const proxy = openOurs({ logFunction, validateFunction: () => answers.shift()?.() });
    const first = await pidOf(proxy);
    expect(await pidOf(proxy)).toBe(first);
    const second = await pidOf(proxy);
    expect(second).not.toBe(first);
    const third = await pidOf(proxy);
    expect(third).not.toBe(second);
    expect(await pidOf(proxy)).not.toBe(third);
    expect(lines.filter((line) => line.includes('validateFunction threw error'))).toHaveLength(2);
  });

  test('any with noMatch speaks against a shell when neither stream matches', async () => {
    const proxy = openOurs({
      processRetainMaxCmdHistory: 50,
      autoInvalidationConfig: {
        checkIntervalMS: 20,
        commands: [{ command: 'echo "ready $N"', regexes: { any: [{ regex: 'ready 1', invalidOn: 'noMatch' }] } }],
      },
      initCommands: ['N=1'],
    });
    await proxy.executeCommand('echo');
    await eventually('a check', () => checksOf(proxy)[2]);
    expect(isValid(proxy)).toEqual([true]);
    await proxy.executeCommand('N=2');
    await eventually('the verdict', () => isValid(proxy).includes(false) || undefined);
  });

  test('takes idleTimeoutMillis, too', async () => {
    const proxy = openOurs({ idleTimeoutMillis: 50 });
    const pid = Number(await pidOf(proxy));
    await eventually('the reaping', () => (isRunning(pid) ? undefined : true));
    expect(proxy.getStatus()).toEqual([]);
  });
});
