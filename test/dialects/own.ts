import type { Dialect } from 'shellwright';
import { describe } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { harness } from './harness.ts';
import { environmentContract } from './own-environment.ts';
import { folderContract } from './own-folder.ts';
import { inputContract } from './own-input.ts';
import { outputContract } from './own-output.ts';

/**
 * What a command can have of its own, in every dialect: input, a folder, an environment, merged output.
 * @param limits `foregroundOnly` as in `Harness`
 */
export function ownContract(
  name: string,
  make: () => Dialect,
  { foregroundOnly = false }: { foregroundOnly?: boolean } = {},
): void {
  const missing = whyMissing(make());
  describe.skipIf(missing !== undefined)(
    `${name}, what a command has of its own${missing === undefined ? '' : ` (skipped: ${missing})`}`,
    () => {
      const given = harness(make, foregroundOnly);
      describe('input', () => inputContract(given));
      describe('cwd', () => folderContract(given));
      describe('env', () => environmentContract(given));
      describe('merge, traces and long commands', () => outputContract(given));
    },
  );
}
