import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { pretendWindows } from '../../support/cmd/pretend-windows.ts';
import { repoRoot } from '../../support/repo.ts';

const isPossible = process.platform !== 'win32';
if (isPossible) afterAll(pretendWindows());

// Now, and not above: what they import looks at the platform.
const { cmd } = await import('shellwright');
const { cmdContract } = await import('./contract.ts');

// Sockets in place of FIFOs, both fences from the shell, no process group: the way that is taken on Windows.
describe.skipIf(!isPossible)('cmd() with a stand-in for cmd.exe, on a Windows that is pretended', () => {
  cmdContract(cmd({ path: process.execPath, args: [join(repoRoot, 'test/support/cmd/stand-in.mjs'), ...cmd().args] }));

  test('leaves no file behind', () => {
    expect(readdirSync(tmpdir())).toEqual([]);
  });
});
