import { createPool, type Pool, type Session } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { noPwsh, plainPwsh, skippedFor } from '../../support/pwsh.ts';
import { rejection, said, testPool } from '../../support/run.ts';
import { soaked } from '../../support/soak.ts';

const cancels = soaked(30, 200);

describe.skipIf(noPwsh !== undefined)(`stopping what a PowerShell runs${skippedFor}`, () => {
  let pool: Pool;
  beforeAll(() => {
    pool = createPool({ shell: plainPwsh(), max: 1, logger: false, killGrace: 20_000 });
  });
  afterAll(() => pool.close({ force: true }));
  /** One shell for all tests: a start takes longer than most of them. */
  const session = async (): Promise<Session> => {
    const shell = await pool.acquire();
    onTestFinished(() => shell.release());
    return shell;
  };

  const begun = "[Console]::WriteLine('begun')";

  it.each([
    ['a loop', `${begun}; while ($true) { }; 'not this'`],
    ['a wait', `${begun}; Start-Sleep 1000; 'not this'`],
    ['a pipeline', `${begun}; 1..1e9 | ForEach-Object { $_ } | Out-Null; 'not this'`],
    ['a function', `function Wait { ${begun}; while ($true) { Start-Sleep -Milliseconds 5 } }; Wait; 'not this'`],
    ['a program', `sh -c 'echo begun; exec sleep 1000'; 'not this'`],
    ['a program that is captured', `${begun}; $out = sleep 1000; 'not this'`],
    ['a program in a pipeline', `${begun}; sleep 1000 | ForEach-Object { $_ }; 'not this'`],
    ['a program that is given something', `${begun}; 1..1e9 | cat | Out-Null; 'not this'`],
    ['a program in a group of its own', `sh -c 'echo begun; exec timeout 1000 sleep 1000'; 'not this'`],
    ['what has a finally', `try { ${begun}; while ($true) { } } finally { $cleaned = $true }; 'not this'`],
  ])('ends %s, and keeps the session', async (_, text) => {
    const shell = await session();
    await shell.exec('$kept = 5');
    const run = shell.exec(text);
    await said(run, 'begun');
    run.abort('enough');
    const error = await rejection(run);
    expect(error).toMatchObject({
      code: 'ERR_ABORTED',
      stateLost: false,
      exitCode: 130,
      stdout: 'begun\n',
      stderr: '',
    });
    expect((await shell.exec("$kept; 'next'")).stdout).toBe('5\nnext\n');
  });

  it('by an interrupt resolves with 130, and hits no other command', async () => {
    const shell = await session();
    for (let round = 0; round < 20; round++) {
      const run = shell.exec(`${begun}; 1`);
      const next = shell.exec(`'next${round}'`);
      await said(run, 'begun');
      run.interrupt();
      expect([0, 130]).toContain((await run).exitCode);
      expect(await next).toMatchObject({ exitCode: 0, stdout: `next${round}\n`, stderr: '' });
    }
  });

  it('leaves older jobs alone', async () => {
    const shell = await session();
    const { stdout } = await shell.exec("$job = [Diagnostics.Process]::Start('sleep', '1000'); $job.Id");
    const run = shell.exec("sh -c 'echo begun; exec sleep 1000'");
    await said(run, 'begun');
    run.interrupt();
    expect((await run).exitCode).toBe(130);
    expect((await shell.exec('$job.HasExited')).stdout).toBe('False\n');
    expect((await shell.exec('$job.Kill(); $job.Id')).stdout).toBe(stdout);
  });

  it('where a program ignores an interrupt ends that program, and keeps the session', async () => {
    const own = testPool({ shell: plainPwsh(), killGrace: 2_000 });
    const shell = await own.acquire();
    await shell.exec('$kept = 5');
    const run = shell.exec(`sh -c 'trap "" INT; echo begun; while :; do sleep 0.1; done'; 'not this'`);
    await said(run, 'begun');
    run.abort();
    expect(await rejection(run)).toMatchObject({
      code: 'ERR_ABORTED',
      rung: 'kill',
      stateLost: false,
      stdout: 'begun\n',
    });
    expect((await shell.exec('$kept')).stdout).toBe('5\n');
  });

  it('that cannot be stopped kills it: a call into .NET', async () => {
    const own = testPool({ shell: plainPwsh(), killGrace: 500 });
    const shell = await own.acquire();
    const run = shell.exec(`${begun}; [Threading.Thread]::Sleep(1000000)`);
    await said(run, 'begun');
    run.abort();
    expect(await rejection(run)).toMatchObject({
      code: 'ERR_ABORTED',
      rung: 'kill',
      stateLost: true,
      stdout: 'begun\n',
    });
    expect((await rejection(shell.exec('1'))).code).toBe('ERR_SESSION_LOST');
    await shell.release();
    expect((await own.exec('1')).stdout).toBe('1\n');
  });

  it(`at random moments never confuses two commands: ${cancels} times`, { timeout: 600_000 }, async () => {
    const shell = await session();
    await shell.exec('$kept = 5');
    const texts = [
      "1..1000 | ForEach-Object { $_ }; 'end'",
      "while ($true) { 'x' }",
      "sh -c 'echo a; sleep 1000'; 'not this'",
      '$out = sleep 1000',
      'Start-Sleep 1000',
      "1..200 | cat; 'end'",
      "Write-Error 'e'; throw 't'",
      "'done at once'",
    ];
    for (let round = 0; round < cancels; round++) {
      const run = shell.exec(texts[round % texts.length] as string, { reject: false });
      setTimeout(() => run.abort(), Math.random() * 60);
      const result = await run;
      if (result.error) expect(result.error).toMatchObject({ code: 'ERR_ABORTED', stateLost: false });
      expect(result.stdout).not.toContain('not this');
      const next = await shell.exec(`'next${round}'; [Console]::Error.Write('e${round}'); $kept`);
      expect(next).toMatchObject({ exitCode: 0, stdout: `next${round}\n5\n`, stderr: `e${round}` });
    }
  });
});
