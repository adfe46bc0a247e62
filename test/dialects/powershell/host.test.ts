import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { powershell } from 'shellwright';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folders.ts';
import { isRunning } from '../../support/processes.ts';
import { noPwsh, plainPwsh, skippedFor } from '../../support/pwsh.ts';
import { rejection, testPool } from '../../support/run.ts';

/** A program that runs pwsh with something done first, in the same PowerShell. */
function pwshAfter(folder: string, first: string): string {
  const path = join(folder, 'pwsh');
  const script = `#!/bin/sh
for last; do :; done
exec pwsh -NoLogo -NoProfile -NonInteractive -Command "${first.replaceAll('$', '\\$')}; $last"
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

/** The compiler is started, several times. ms */
const slow = 120_000;

describe.skipIf(noPwsh !== undefined)(`the host in a PowerShell${skippedFor}`, () => {
  const cacheFolder = join(mkdtempSync(join(tmpdir(), 'shellwright-powershell-')), 'cache');
  afterAll(() => rmSync(dirname(cacheFolder), { recursive: true }));

  it('is compiled once into a folder of ours, also by shells that start at once', { timeout: slow }, async () => {
    const pool = testPool({ shell: plainPwsh({ cacheFolder }), min: 2, max: 2 });
    await pool.ready();
    const shells = await Promise.all([pool.acquire(), pool.acquire()]);
    for (const shell of shells) expect((await shell.exec('1+1')).stdout).toBe('2\n');
    await Promise.all(shells.map((shell) => shell.release()));
    expect(readdirSync(cacheFolder).filter((name) => name.endsWith('.dll'))).toHaveLength(1);
  });

  it('is not loaded from a folder that others may write to', { timeout: slow }, async () => {
    const [file = ''] = readdirSync(cacheFolder).filter((name) => name.endsWith('.dll'));
    writeFileSync(join(cacheFolder, file), 'not an assembly');
    chmodSync(cacheFolder, 0o777);
    const open = testPool({ shell: plainPwsh({ cacheFolder }) });
    expect((await open.exec('1+1')).stdout).toBe('2\n');
    // Nor is it written to.
    expect(readdirSync(cacheFolder).filter((name) => name.endsWith('.dll'))).toEqual([file]);
    chmodSync(cacheFolder, 0o700);
    // Ours again, what is broken is made anew.
    const mended = testPool({ shell: plainPwsh({ cacheFolder }) });
    expect((await mended.exec('1+1')).stdout).toBe('2\n');
  });

  it('that may not be compiled is a clear error: another language mode', async () => {
    const path = pwshAfter(temporaryFolder(), "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'");
    const pool = testPool({ shell: plainPwsh({ path }), restart: { attempts: 1 } });
    const error = await rejection(pool.exec('1'));
    expect(error.code).toBe('ERR_POOL_FAILED');
    expect(String(error.cause)).toContain(
      'powershell() needs the language mode FullLanguage, and this is ConstrainedLanguage',
    );
  });

  it('that cannot be compiled is a clear error: no Add-Type', async () => {
    const path = pwshAfter(
      temporaryFolder(),
      "function Microsoft.PowerShell.Utility\\Add-Type { throw 'it is barred here' }",
    );
    const pool = testPool({
      shell: plainPwsh({ path, cacheFolder: join(temporaryFolder(), 'none') }),
      restart: { attempts: 1 },
    });
    const error = await rejection(pool.exec('1'));
    expect(error.code).toBe('ERR_POOL_FAILED');
    expect(String(error.cause)).toContain('powershell() could not compile its host: it is barred here');
  });

  it('ends with its channel, and with it the process', async () => {
    const pool = testPool({ shell: plainPwsh() });
    const pid = Number((await pool.exec('$PID')).stdout);
    expect(pool.status().shells[0]?.pid).toBe(pid);
    await pool.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('takes colour and width by option', async () => {
    const text = "Write-Error 'e'; 'x' * 200 | Format-Table; [pscustomobject]@{ A = 'a' * 90; B = 'b' * 90 }";
    const wide = await testPool({ shell: plainPwsh({ width: 300 }) }).exec(text);
    expect(wide.stdout).toContain(`${'a'.repeat(90)} ${'b'.repeat(90)}`);
    expect(wide.stderr).not.toContain('\u001b[');
    const coloured = await testPool({ shell: powershell({ color: true }), env: { NO_COLOR: '1', TERM: 'dumb' } }).exec(
      text,
    );
    expect(coloured.stdout).not.toContain(`${'a'.repeat(90)} b`);
    expect(coloured.stderr).toContain('\u001b[');
  });
});

describe('powershell()', () => {
  it.each<[string, unknown]>([
    ['path', ''],
    ['args', 'x'],
    ['edition', '7'],
    ['color', 'red'],
    ['width', 0],
    ['jsonDepth', 101],
    ['jsonDepth', -1],
    ['cacheFolder', 5],
    ['colour', true],
  ])('refuses the option %s: %j', (name, value) => {
    expect(() => powershell({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', message: expect.stringContaining(`\`${name}\``) as string }),
    );
  });

  it('starts Windows PowerShell by option', () => {
    expect(powershell({ edition: 'desktop' }).path).toBe('powershell.exe');
    expect(powershell({ edition: 'desktop', path: '/x/powershell' }).path).toBe('/x/powershell');
    expect(powershell().path).toBe('pwsh');
  });
});
