import { join } from 'node:path';
import { cmd } from 'shellwright';
import { describe } from 'vitest';
import { repoRoot } from '../../support/repo.ts';
import { cmdContract } from './contract.ts';

const standIn = join(repoRoot, 'test/support/cmd/stand-in.mjs');

// It is no cmd.exe: test/support/cmd/stand-in.mjs. Where the real one is in doubt, both ways are tried.
describe.each([[[]], [['/stand-in:prompts']], [['/stand-in:prompts', '/stand-in:keeps-echo']]])(
  'cmd() with a stand-in for cmd.exe %j',
  (doubts) => {
    cmdContract(cmd({ path: process.execPath, args: [standIn, ...cmd().args, ...doubts] }));
  },
);
