import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { cmd } from 'shellwright';
import { describe, expect, test, vi } from 'vitest';
import { errorOf, openPool } from '../../support/pools.ts';
import { repoRoot } from '../../support/repo.ts';
import { cmdContract } from './contract.ts';

const standIn = join(repoRoot, 'test/support/cmd/stand-in.mjs');

// It is no cmd.exe: test/support/cmd/stand-in.mjs. Where the real one is in doubt, both ways are tried.
describe.each([[[]], [['/stand-in:prompts', '/stand-in:keeps-echo']]])(
  'cmd() with a stand-in for cmd.exe %j',
  (doubts) => {
    cmdContract(cmd({ path: process.execPath, args: [standIn, ...cmd().args, ...doubts] }));
  },
);

test('a text that cannot be put into a file is not run, and the shell lives', async () => {
  const pool = openPool({ shell: cmd({ path: process.execPath, args: [standIn, ...cmd().args] }), max: 1 });
  await pool.ready();
  const refusing = vi.spyOn(fs, 'mkdtempSync').mockImplementation(() => {
    throw new Error('EROFS: read-only file system');
  });
  syncBuiltinESMExports();
  try {
    const error = await errorOf(pool.exec('echo no'));
    expect(error).toMatchObject({ code: 'ERR_ABORTED', started: false });
  } finally {
    refusing.mockRestore();
    syncBuiltinESMExports();
  }
  expect((await pool.exec('echo yes')).stdout).toBe('yes\r\n');
  expect(pool.metrics().shells.spawned).toBe(1);
});
