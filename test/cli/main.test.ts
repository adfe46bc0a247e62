import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repoRoot, runToEnd } from '../support/repo.ts';
import { testGate } from './run-cli.ts';

/** The program itself; without the `tsx` command, which would stand between us and its signals. */
const main = [
  process.execPath,
  '--import',
  join(repoRoot, 'node_modules/tsx/dist/loader.mjs'),
  join(repoRoot, 'src/cli/main.ts'),
];
const run = (...argv: string[]) => runToEnd(main[0] as string, [...main.slice(1), ...argv], { timeout: 25_000 });
/** Runs it inside a line of bash, as `"$@"`. */
const inBash = (line: string) => runToEnd('bash', ['-c', line, 'bash', ...main], { timeout: 25_000 });

test('ends with the status of its commands', async () => {
  const [fine, failed, wrong] = await Promise.all([run('exec', 'echo hi'), run('exec', 'false'), run('nope')]);
  expect(fine.output).toMatch(/^hi\nshellwright: 1 ok/);
  expect([fine.exitCode, failed.exitCode, wrong.exitCode]).toEqual([0, 1, 2]);
});

test('ends quietly when its reader leaves', async () => {
  expect(await inBash('set -o pipefail; "$@" exec yes | head -n 1')).toEqual({ exitCode: 0, output: 'y\n' });
});

test('reads its standard input, also from a pipe that stays open after a failure', async () => {
  const { exitCode, output } = await inBash(
    'exec {hold}> >("$@" run -; echo "status $?"); printf "echo a\nfalse\n" >&$hold; wait $!',
  );
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^a\n/);
  expect(output).toContain('status 1\n');
});

test('reads a process substitution', async () => {
  expect(await inBash('"$@" run <(echo echo hi)')).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^hi\n/),
  });
});

test('drains at SIGINT and ends with status 130', async () => {
  const gate = testGate();
  const child = spawn(
    main[0] as string,
    [...main.slice(1), 'exec', `echo begun; read x < ${gate.path}; echo finished`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    if (stdout === 'begun\n') child.kill('SIGINT');
  });
  child.stderr.once('data', () => gate.open());
  expect([await ended, stdout]).toEqual([130, 'begun\nfinished\n']);
});
