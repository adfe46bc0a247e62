import { fileURLToPath } from 'node:url';
import { fish, type ExecResult, type Session } from 'shellwright';
import { dialectContract } from 'shellwright/testing';
import { describe, expect, test } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { openPool } from '../support/pools.ts';
import { said } from '../support/run.ts';
import { fishScripts } from './scripts.ts';

const missing = whyMissing(fish());

describe.skipIf(missing)(`fish${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  for (const { name, run } of dialectContract(fish(), fishScripts)) test(name, run);

  const open = (): Promise<Session> => openPool({ shell: fish(), max: 1 }).acquire();
  const outcome = ({ exitCode, stdout, stderr }: ExecResult): unknown[] => [exitCode, stdout, stderr];

  test('keeps folder, variables, exports, functions and the status', async () => {
    await using shell = await open();
    await shell.exec('cd /usr; set one 1; set -x two "a b"; function give; return $argv[1]; end; give 7');
    expect(outcome(await shell.exec('echo $status $PWD $one; sh -c \'echo "$two"\'; give 9'))).toEqual([
      9,
      '7 /usr 1\na b\n',
      '',
    ]);
    for (const text of ['true', 'false', 'sh -c "exit 130"', '']) {
      const { exitCode } = await shell.exec(text);
      expect((await shell.exec('echo $status')).stdout).toBe(`${exitCode}\n`);
    }
  });

  test.each([
    ['break', 1],
    ['continue', 1],
    ['break; echo no', 1],
    ['for i in 1 2; break; end; continue; echo no', 1],
    ['source (echo "return 4" | psub); echo no', 0],
  ])('goes on behind what leaves a script: %s', async (text, exitCode) => {
    await using shell = await open();
    await shell.exec('set kept 1');
    const result = await shell.exec(text);
    expect(result).toMatchObject({ exitCode, shellExited: false });
    expect(result.stderr).toMatch(exitCode === 1 ? /^fish: break and continue are only meaningful in a loop/ : /^$/);
    if (!text.includes('source')) expect(result.stdout).toBe('');
    expect(outcome(await shell.exec('echo $status $kept'))).toEqual([0, `${exitCode} 1\n`, '']);
  });

  test('is interrupted again and again', async () => {
    await using shell = await open();
    for (let round = 0; round < 20; round++) {
      const run = shell.exec(round % 2 === 0 ? 'printf ready; sleep 100' : 'printf ready; while true; end');
      await said(run, 'ready');
      run.interrupt();
      expect(outcome(await run)).toEqual([130, 'ready', '']);
    }
    expect((await shell.exec('echo $status')).stdout).toBe('130\n');
  });

  test.each([
    'function printf; end; function test; return 1; end; function echo; end',
    'set IFS x; set -x LC_ALL C; set PATH /nowhere',
    'set -e status; set -g argv 1 2 3; set -g n 5',
  ])('does not mind what a command redefines: %s', async (text) => {
    await using shell = await open();
    await shell.exec(text);
    for (const code of [0, 3])
      expect(outcome(await shell.exec(`/bin/sh -c 'echo out; echo err >&2; exit ${code}'`))).toEqual([
        code,
        'out\n',
        'err\n',
      ]);
  });

  test('quotes in both kinds of quotes', () => {
    for (const text of ['"a', "'a", String.raw`'\'`, String.raw`"\"`])
      expect(fish().insideQuotes(text), text).toBe(true);
    for (const text of ['"a"', "'a'", String.raw`\'`, String.raw`'\\'`])
      expect(fish().insideQuotes(text), text).toBe(false);
  });

  test('sets up a keyed session: its folder, its variables', async () => {
    const pool = openPool({ shell: fish(), max: 1 });
    await using mine = await pool.session('me', { cwd: '/usr', env: { ONE: "it's", HOME: undefined } });
    expect((await mine.exec('echo $PWD; sh -c \'echo "$ONE ${HOME-none}"\'')).stdout).toBe("/usr\nit's none\n");
  });

  test('works behind a launcher that passes on stdio only', async () => {
    const relay = fileURLToPath(new URL('../support/relay.mjs', import.meta.url));
    const launcher = fish({ path: process.execPath, args: [relay, 'pieces', 'fish', '--no-config'] });
    await using shell = await openPool({ shell: launcher, max: 1 }).acquire();
    for (let count = 0; count < 30; count++)
      expect(outcome(await shell.exec(`echo ${count}; echo err >&2; sh -c "exit ${count}"`))).toEqual([
        count,
        `${count}\n`,
        'err\n',
      ]);
  });
});
