import { bash, createPool, type Pool } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPwsh, plainPwsh, skippedFor } from '../../support/pwsh.ts';
import { rejection, testPool } from '../../support/run.ts';

describe.skipIf(noPwsh !== undefined)(`output: 'json'${skippedFor}`, () => {
  let pool: Pool;
  beforeAll(() => {
    pool = createPool({ shell: plainPwsh(), max: 1, logger: false });
  });
  afterAll(() => pool.close({ force: true }));

  it.each<[string, unknown]>([
    ["[pscustomobject]@{ Name = 'a'; Sizes = 1, 2 }", [{ Name: 'a', Sizes: [1, 2] }]],
    ['5', [5]],
    ['1..3', [1, 2, 3]],
    ["'it''s', $null, $true, 1.5", ["it's", null, true, 1.5]],
    ['', []],
    ['$null | Out-Null', []],
    [', @(1, 2)', [[1, 2]]],
    ['@{ deep = @{ deeper = @{ deepest = 1 } } }', [{ deep: { deeper: 'System.Collections.Hashtable' } }]],
    ["sh -c 'echo one; echo two'", ['one', 'two']],
    ['"日本 😀 `0 \u2028 end"', ['日本 😀 \0 \u2028 end']],
  ])('gives what %j puts out as a list', async (text, expected) => {
    const result = await pool.exec(text, { output: 'json' });
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: '', value: expected });
  });

  it('leaves what is printed on the streams, and the status as it is', async () => {
    const text =
      "Write-Host 'hosted'; 1; Write-Warning 'warned'; [Console]::Error.WriteLine('straight'); Write-Error 'e'; sh -c 'echo 2; echo n >&2; exit 7'";
    expect(await pool.exec(text, { output: 'json' })).toMatchObject({
      exitCode: 7,
      stdout: 'hosted\nWARNING: warned\n',
      value: [1, '2'],
    });
    const { stderr } = await pool.exec(text, { output: 'json' });
    expect(stderr.split('\n').toSorted()).toEqual(['', 'Write-Error: e', 'n', 'straight']);
  });

  it('has what came before an error', async () => {
    const result = await pool.exec("1; throw 'no'; 2", { output: 'json' });
    expect(result).toMatchObject({ exitCode: 1, value: [1] });
    expect(result.stderr).toContain('no');
    expect(await pool.exec('if (', { output: 'json' })).toMatchObject({ exitCode: 1, value: [] });
  });

  it('goes as deep as jsonDepth', async () => {
    const deep = testPool({ shell: plainPwsh({ jsonDepth: 4 }) });
    const { value } = await deep.exec('@{ a = @{ b = @{ c = 1 } } }', { output: 'json' });
    expect(value).toEqual([{ a: { b: { c: 1 } } }]);
  });

  it('of what cannot be JSON is ERR_OUTPUT, and the session goes on', async () => {
    const cut = await rejection(pool.exec("'x' * 1000", { output: 'json', maxBuffer: 100 }));
    expect(cut).toMatchObject({ code: 'ERR_OUTPUT', started: true, exitCode: 0 });
    const text = "$o = [pscustomobject]@{}; $o | Add-Member ScriptProperty Bad { throw 'cannot be read' } -PassThru";
    const broken = await pool.exec(`function Microsoft.PowerShell.Utility\\ConvertTo-Json { throw 'barred' }; 1`, {
      output: 'json',
      reject: false,
    });
    expect(broken.error).toMatchObject({ code: 'ERR_OUTPUT', message: expect.stringContaining('barred') as string });
    await pool.exec("Get-Item 'Function:Microsoft.PowerShell.Utility\\ConvertTo-Json' | Remove-Item");
    expect((await pool.exec(text)).exitCode).toBeDefined();
  });

  it('of 2 MB is whole', async () => {
    const { value } = await pool.exec('1..40000 | ForEach-Object { "line $_ ' + 'x'.repeat(40) + '" }', {
      output: 'json',
    });
    expect((value as string[]).length).toBe(40_000);
    expect((value as string[])[39_999]).toBe(`line 40000 ${'x'.repeat(40)}`);
  });

  it('can be aborted like any other', async () => {
    const error = await rejection(pool.exec('1; while ($true) { }', { output: 'json', timeout: 300 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', stateLost: false });
  });
});

it("output: 'json' is refused by a shell without objects", async () => {
  const pool = testPool({ shell: bash() });
  expect(await rejection(pool.exec('echo', { output: 'json' }))).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  expect((await pool.exec('echo', { output: 'text' })).stdout).toBe('\n');
});
