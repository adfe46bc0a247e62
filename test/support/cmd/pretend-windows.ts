import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * From now on this process takes its system for Windows, as far as a look at `process.platform` says so: to be called before anything is imported
 * that looks. Temporary files have names there that are not ASCII, and a stand-in for `taskkill` is where it would be. Returns what undoes the files.
 */
export function pretendWindows(): () => void {
  const root = mkdtempSync(join(tmpdir(), 'shellwright-windows-'));
  const temp = join(root, 'Jürgen & Söhne (100% ^)');
  const system = join(root, 'System32');
  mkdirSync(temp);
  mkdirSync(system);
  const script = fileURLToPath(new URL('taskkill.mjs', import.meta.url));
  writeFileSync(join(system, 'taskkill.exe'), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(join(system, 'taskkill.exe'), 0o755);
  Object.assign(process.env, { TEMP: temp, SystemRoot: root });
  Object.defineProperty(process, 'platform', { value: 'win32' });
  return () => rmSync(root, { recursive: true, force: true });
}
