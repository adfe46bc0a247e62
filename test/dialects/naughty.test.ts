import naughty from 'big-list-of-naughty-strings' with { type: 'json' };
import { bash, fish, ksh, node, powershell, python, sh, zsh, type Dialect } from 'shellwright';
import { describe, expect, test } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { openPool } from '../support/pools.ts';
import { fishScripts, nodeScripts, pythonScripts } from './scripts.ts';

const printed = (quoted: string): string => `printf %s ${quoted}`;
const dialects: readonly [name: string, Dialect, write: (quoted: string) => string][] = [
  ['bash', bash(), printed],
  ['sh', sh(), printed],
  ['dash', sh({ path: 'dash' }), printed],
  ['busybox', sh({ path: 'busybox', args: ['sh'] }), printed],
  ['zsh', zsh(), printed],
  ['ksh', ksh(), printed],
  ['fish', fish(), (quoted) => fishScripts.write(quoted, 'stdout')],
  ['python', python(), (quoted) => pythonScripts.write(quoted, 'stdout')],
  ['node', node(), (quoted) => nodeScripts.write(quoted, 'stdout')],
  ['powershell', powershell(), (quoted) => `[Console]::Out.Write(${quoted})`],
];

describe('quote gives every string of a published list of naughty ones back, byte for byte', () => {
  for (const [name, dialect, write] of dialects) {
    const missing = whyMissing(dialect);
    test.skipIf(missing !== undefined)(`${name}${missing === undefined ? '' : ` (skipped: ${missing})`}`, async () => {
      expect(naughty.length).toBeGreaterThan(400);
      await using session = await openPool({ shell: dialect, max: 1 }).acquire();
      for (const text of naughty) {
        const { stdout, stderr } = await session.exec(write(session.quote(text)));
        expect([stdout, stderr]).toEqual([text, '']);
      }
    });
  }
});
