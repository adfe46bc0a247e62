import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPool, isShellwrightError, powershell } from 'shellwright';

/**
 * What a pool is for: PowerShell with a module that is slow to import, as those that sign in to a remote service are. Warm shells import it
 * once each, in `init`; a process per command imports it every time.
 */
const amount = Number(process.argv[2] ?? 100);
const processes = Math.max(2, Math.round(amount / 100));

const folder = mkdtempSync(join(tmpdir(), 'warm-up-'));
const file = join(folder, 'Remote.psm1');
writeFileSync(
  file,
  `Start-Sleep -Milliseconds 800   # signing in
$accounts = 1..1000 | ForEach-Object { [pscustomobject]@{ Id = $_; Name = "user$_" } }
function Get-Account([int] $Id) { $accounts[$Id - 1] }
Export-ModuleMember -Function Get-Account
`,
);

const shell = powershell();
const pool = createPool({ shell, max: 2, init: [`Import-Module '${file}'`], logger: false });

try {
  const began = performance.now();
  await pool.ready();
  const ready = performance.now();

  const ids = Array.from({ length: amount }, (_, index) => index + 1);
  const results = await Promise.all(ids.map((id) => pool.exec(`Get-Account ${id}`, { output: 'json' })));
  const warm = performance.now() - ready;
  const wrong = results.filter(({ value }, index) => (value as { Id: number }[])[0]?.Id !== ids[index]);

  const alone = await secondsOf(async () => {
    for (const id of ids.slice(0, processes)) {
      const text = `Import-Module '${file}'; Get-Account ${id} | ConvertTo-Json -Compress`;
      await promisify(execFile)(shell.path, ['-NoProfile', '-NonInteractive', '-Command', text]);
    }
  });

  const each = { warm: warm / amount, alone: (alone * 1_000) / processes };
  console.log(`two shells ready after       ${((ready - began) / 1_000).toFixed(1)} s, the module imported`);
  console.log(
    `${amount} commands in them       ${(warm / 1_000).toFixed(1)} s: ${each.warm.toFixed(1)} ms each, ${wrong.length} wrong`,
  );
  console.log(`${processes} commands, a process each   ${alone.toFixed(1)} s: ${each.alone.toFixed(0)} ms each`);
  const saved = (amount * each.alone - warm - (ready - began)) / 1_000;
  console.log(
    `saved over ${amount} commands    ${saved.toFixed(0)} s, of ${((amount * each.alone) / 1_000).toFixed(0)} s`,
  );
} catch (error) {
  if (!isShellwrightError(error) || !String(error.cause).includes('no such program')) throw error;
  console.log(`${shell.path} is not installed here: see https://aka.ms/powershell`);
} finally {
  await pool.close();
  rmSync(folder, { recursive: true });
}

async function secondsOf(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1_000;
}
