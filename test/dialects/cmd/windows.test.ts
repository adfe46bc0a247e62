import { cmd } from 'shellwright';
import { describe } from 'vitest';
import { cmdContract } from './contract.ts';

const isThere = process.platform === 'win32';

describe.skipIf(!isThere)(`cmd() with cmd.exe${isThere ? '' : ' (skipped: it is on Windows only)'}`, () => {
  cmdContract(cmd());
});
