import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createPool, type Pool } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPwsh, plainPwsh, skippedFor } from '../../support/pwsh.ts';
import { rejection } from '../../support/run.ts';

describe.skipIf(noPwsh !== undefined)(`a PowerShell command of its own${skippedFor}`, () => {
  let pool: Pool;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'shellwright-powershell-'));
    mkdirSync(join(folder, 'in [here]'));
    pool = createPool({ shell: plainPwsh(), max: 1, logger: false, cwd: folder });
  });
  afterAll(async () => {
    await pool.close({ force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('input is $input, a line an object, where the text names it', async () => {
    const text = '$input | ForEach-Object { "<$_>" }';
    for (const input of ['one\ntwo\n', Buffer.from('one\ntwo'), Readable.from(['on', 'e\ntwo\n'])])
      expect((await pool.exec(text, { input })).stdout).toBe('<one>\n<two>\n');
    expect((await pool.exec("$input | ForEach-Object { $_.Length }; 'end'", { input: '' })).stdout).toBe('end\n');
    expect((await pool.exec('$input', { input: '日本 😀' })).stdout).toBe('日本 😀\n');
  });

  it('input is the stdin of its programs, byte for byte, where it does not', async () => {
    const input = Buffer.from([...Array(256).keys()]);
    const { stdout } = await pool.exec('cat', { input, encoding: 'buffer' });
    expect(stdout.equals(input)).toBe(true);
    expect((await pool.exec("cat; 'end'")).stdout).toBe('end\n');
    const large = 'x'.repeat(3_000_000);
    expect(
      (
        await pool.exec('(cat | Measure-Object).Count; cat', {
          input: Readable.from([large]),
        })
      ).stdout,
    ).toBe('1\n');
  });

  it("input may be 'open': what is written while it runs", async () => {
    const run = pool.exec("sh -c 'read one; echo got $one'", { input: 'open' });
    run.stdin?.end('this\n');
    expect((await run).stdout).toBe('got this\n');
  });

  it('input that nobody reads keeps nothing from ending', async () => {
    const { stdout } = await pool.exec("'done'; if ($false) { $input }", {
      input: Readable.from(['x'.repeat(3_000_000)]),
    });
    expect(stdout).toBe('done\n');
  });

  it('cwd is where it runs, and no other', async () => {
    const before = (await pool.exec('$PWD.Path')).stdout;
    const inside = join(folder, 'in [here]');
    expect((await pool.exec('$PWD.Path; sh -c pwd; cd /', { cwd: inside })).stdout).toBe(`${inside}\n${inside}\n`);
    expect((await pool.exec('$PWD.Path')).stdout).toBe(before);
  });

  it('cwd that is none keeps it from being run', async () => {
    const error = await rejection(pool.exec("'ran'", { cwd: '/no/such' }));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toContain('/no/such');
    expect((await pool.exec("'next'")).stdout).toBe('next\n');
  });

  it('env is its own, and put back', async () => {
    await pool.exec('$env:KEPT = "before"');
    const env = { KEPT: 'other', MADE: "it's 日本" };
    expect((await pool.exec("$env:MADE; sh -c 'echo $KEPT'", { env })).stdout).toBe("it's 日本\nother\n");
    expect((await pool.exec('$env:KEPT; Test-Path Env:MADE')).stdout).toBe('before\nFalse\n');
  });

  it('merge is one stream in the order of writing', async () => {
    const text =
      '1..20 | ForEach-Object { "o$_"; [Console]::Error.WriteLine("e$_"); sh -c "echo n$_; echo m$_ >&2" }; Write-Error \'last\'';
    const lines = Array.from({ length: 20 }, (_, index) =>
      ['o', 'e', 'n', 'm'].map((kind) => `${kind}${index + 1}\n`).join(''),
    );
    const { stdout, stderr } = await pool.exec(text, { merge: true });
    expect(stderr).toBe('');
    expect(stdout).toBe(`${lines.join('')}Write-Error: last\n`);
    expect(await pool.exec("sh -c 'echo o; echo e >&2'")).toMatchObject({ stdout: 'o\n', stderr: 'e\n' });
  });
});
