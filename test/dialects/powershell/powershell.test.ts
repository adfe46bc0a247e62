import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createPool, type ExecResult, type Pool } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPwsh, plainPwsh, skippedFor } from '../../support/pwsh.ts';
import { rejection } from '../../support/run.ts';
import { naughty } from '../../../src/testing/naughty.ts';

describe.skipIf(noPwsh !== undefined)(`powershell()${skippedFor}`, () => {
  // One shell for all tests but those that end it: a start takes longer than most of them.
  let pool: Pool;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'shellwright-powershell-'));
    pool = createPool({ shell: plainPwsh(), max: 1, logger: false, cwd: folder });
  });
  afterAll(async () => {
    await pool.close({ force: true });
    rmSync(folder, { recursive: true, force: true });
  });
  const outcome = ({ exitCode, stdout, stderr }: ExecResult): unknown[] => [exitCode, stdout, stderr];
  const out = async (text: string): Promise<string> => (await pool.exec(text)).stdout;

  describe('keeps', () => {
    it.each([
      ['variables', '$name = "value"', '$name', 'value\n'],
      ['variables of a block', '& { $global:made = 1 }', '$made', '1\n'],
      ['functions', 'function Greet($who) { "hello $who" }', 'Greet you', 'hello you\n'],
      ['classes', 'class Pair { [int]$A; [int]$B }', '[Pair]@{ A = 1; B = 2 } | % { $_.A + $_.B }', '3\n'],
      ['aliases', 'Set-Alias hey Write-Output', 'hey you', 'you\n'],
      ['the environment', '$env:MADE_HERE = "yes"', 'sh -c \'printf "$MADE_HERE"\'', 'yes'],
      ['the folder', 'cd /', '$PWD.Path; sh -c pwd', '/\n/\n'],
      ['preferences', "$OFS = '-'", '"$(1, 2)"; $OFS = $null', '1-2\n'],
      ['an object', '$list = [Collections.Generic.List[int]]::new(); $list.Add(4)', '$list[0]', '4\n'],
      ['the last native status', "sh -c 'exit 5'", '$LASTEXITCODE', '5\n'],
      ['a module', 'New-Module -Name Made -ScriptBlock { function Made { "made" } } | Import-Module', 'Made', 'made\n'],
    ])('%s', async (_, make, use, expected) => {
      await pool.exec(make);
      expect(outcome(await pool.exec(use))).toEqual([0, expected, '']);
    });
  });

  describe('the status', () => {
    it.each([
      ['1', 0],
      ["Write-Error 'e'", 1],
      ["Write-Error 'e'; 1", 0],
      ["throw 't'", 1],
      ['if (', 1],
      ["sh -c 'exit 7'", 7],
      ["sh -c 'exit 7'; 1", 0],
      ["sh -c 'exit 7'; Get-Item /no/such", 7],
      ["sh -c 'kill -TERM $$'", 143],
      ['Get-Item /no/such', 1],
      ["function Fail { sh -c 'exit 9' }; Fail", 0],
      ['', 0],
      ['# nothing', 0],
    ])('of %j is %i, whatever came before', async (text, status) => {
      for (const before of ["sh -c 'exit 3'", '1']) {
        await pool.exec(before);
        const result = await pool.exec(text);
        expect([result.exitCode, result.failed, result.shellExited]).toEqual([status, status !== 0, false]);
      }
    });

    it('does not see the status before: an error is no error of the next command', async () => {
      await pool.exec("sh -c 'exit 3'");
      expect((await pool.exec('Get-Item /no/such')).exitCode).toBe(1);
      expect(await out('$?')).toBe('True\n');
    });
  });

  it('runs commands one after the other: 300 of cmdlets, programs and the console', async () => {
    const kinds = [
      "'out'; Write-Error 'err'",
      'sh -c "echo out; echo err >&2"',
      "[Console]::WriteLine('out'); [Console]::Error.WriteLine('err')",
    ];
    const runs = Array.from({ length: 300 }, (_, index) =>
      pool.exec((kinds[index % 3] as string).replaceAll(/out|err/g, (word) => `${word}${index}`)),
    );
    for (const [index, { stdout, stderr }] of (await Promise.all(runs)).entries()) {
      expect(stdout).toBe(`out${index}\n`);
      expect(stderr).toBe(index % 3 === 0 ? `Write-Error: err${index}\n` : `err${index}\n`);
    }
  });

  it('gives large output whole, of cmdlets and of programs', async () => {
    const { stdout } = await pool.exec("'x' * 2000000; 1..20000; sh -c 'head -c 2000000 /dev/zero'; 'end'");
    const numbers = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(stdout === `${'x'.repeat(2_000_000)}\n${numbers}${'\0'.repeat(2_000_000)}end\n`).toBe(true);
  });

  it('takes a command of 1 MB', async () => {
    const text = `$text = '${'日本 it‘‘s '.repeat(80_000)}'; $text.Length\n`;
    expect(await out(text)).toBe(`${80_000 * 8}\n`);
  });

  it('runs a text of many lines, with CRLF too, as one', async () => {
    const text = '$sum = 0\nforeach ($n in 1..4)\n{\n  $sum += $n\n}\n\n@"\nsum\n$sum\n"@';
    expect(await out(text)).toBe('sum\n10\n');
    expect(await out(text.replaceAll('\n', '\r\n'))).toBe('sum\r\n10\n');
  });

  it('gives the commands no stdin', async () => {
    expect(outcome(await pool.exec("cat; [Console]::In.ReadLine(); 'end'"))).toEqual([0, 'end\n', '']);
    const asked = await pool.exec('Read-Host');
    expect([asked.exitCode, asked.stdout]).toEqual([1, '']);
    expect(asked.stderr).toContain('NonInteractive');
  });

  it('does not stop at Wait-Debugger', async () => {
    const { stdout } = await pool.exec("Wait-Debugger 2>$null; 'after'", { timeout: 10_000 });
    expect(stdout).toContain('after\n');
  });

  it('is not led astray by what a command defines or redirects', async () => {
    const hostile = [
      "function Out-Default { 'mine' }; function prompt { 'mine' }",
      '[Console]::SetOut([IO.StringWriter]::new()); [Console]::SetError([IO.StringWriter]::new())',
      "$ErrorActionPreference = 'Stop'; Set-StrictMode -Version Latest",
      "$? = 5; $LASTEXITCODE = 'text'",
    ];
    for (const text of hostile) await pool.exec(text);
    await pool.exec("$ErrorActionPreference = 'Continue'; Set-StrictMode -Off; Remove-Item Function:Out-Default");
    await pool.exec(
      '$o = [IO.StreamWriter]::new([Console]::OpenStandardOutput()); $o.AutoFlush = $true; [Console]::SetOut($o); ' +
        '$e = [IO.StreamWriter]::new([Console]::OpenStandardError()); $e.AutoFlush = $true; [Console]::SetError($e)',
    );
    expect(outcome(await pool.exec("'out'; sh -c 'echo err >&2; exit 9'"))).toEqual([9, 'out\n', 'err\n']);
  });

  it('shows commands no variable, job or environment of its own', async () => {
    const { stdout } = await pool.exec(
      'Get-ChildItem Env: | Where-Object { $_.Name -like "SHELLWRIGHT*" }; Get-Variable | Where-Object { $_.Name -in "control", "orders", "token", "session" }',
    );
    expect(stdout).toBe('');
  });

  describe('a command that ends its shell', () => {
    it.each([
      ["'a'; exit 3", { exitCode: 3, stdout: 'a\n' }],
      ['[Environment]::Exit(4)', { exitCode: 4, stdout: '' }],
      ["[Console]::Write('a'); Stop-Process -Id $PID -Force", { signal: 'SIGKILL', stdout: 'a' }],
    ])('resolves with how, and its output: %s', async (text, expected) => {
      const result = await pool.exec(text);
      expect(result).toMatchObject({ ...expected, shellExited: true, failed: true });
      expect(await out("'next'")).toBe('next\n');
    });
  });

  describe('quoting', () => {
    it('gives every string back, as one argument and as one value', async () => {
      const value = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\0', ''));
      await fc.assert(
        fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), async (values) => {
          const texts = [...values, ...naughty, "'", '’', '‘‛‚', '"“”„', '`$(1)', "@'\n", '#', '\r\n', ''];
          const parts = texts.map((text) => pool.quote(text)).join(', ');
          const script = `foreach ($one in @(${parts})) { [Console]::Out.Write($one); [Console]::Out.Write([char]0) }`;
          expect(await out(script)).toBe(`${texts.join('\0')}\0`);
        }),
        { numRuns: 20 },
      );
    });

    it('in a template gives values to programs', async () => {
      const values = ["it's", 'a "b"', '$HOME', '-n', 'two words', '', '日本'];
      expect(await pool.$`sh -c 'printf "[%s]" "$@"' sh ${values}`.text()).toBe(
        values.map((text) => `[${text}]`).join(''),
      );
    });

    it('refuses a value inside a string, and takes one after a string, a comment or a here-string', async () => {
      for (const run of [
        () => pool.$`'a ${'x'}'`,
        () => pool.$`"a ${'x'}"`,
        () => pool.$`@'
${'x'}
'@`,
      ])
        expect(await rejection(run())).toMatchObject({ code: 'ERR_OPTIONS', started: false });
      expect(
        await pool.$`'it''s'; "a ""b"" \`"c"; # it's
@'
don't
'@; ${'x'}`.text(),
      ).toBe('it\'s\na "b" "c\ndon\'t\nx');
    });
  });
});
