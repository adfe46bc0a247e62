import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { textOf } from '../support/pages.ts';
import { filesUnder, repoRoot, runToEnd, tools } from '../support/repo.ts';

/** What an example needs beyond Node and bash. The examples assert for themselves that they did what they say. */
const needs: Readonly<Record<string, string>> = { 'repositories.ts': 'git', 'log-tail.ts': 'tail' };

/** What each says at its end, or nearly so. */
const says: Readonly<Record<string, RegExp>> = {
  'agent-tools.ts': /\[stopped after 500 ms; the shell is as it was\].*\[exit status 1\]/s,
  'http-sessions.ts': /200 .*"stdout":"\[\]\\n".*"fresh":true/,
  'log-tail.ts': /\{"disk full":2,"no route":1\}/,
  'powershell-warm-up.ts': /0 wrong\n.*saved over 100 commands|pwsh is not installed here/s,
  'repositories.ts': /24 repositories, 120 commands/,
  'tour.ts': /no process is left/,
  'two-pools.ts': /vault .*restarted once.*jobs .*restarted once.*supervisor\.closed: normal/s,
};

describe('docs/examples', () => {
  const examples = filesUnder('docs/examples', '.ts');

  test('has what is expected, and each is on the page of recipes', () => {
    expect(examples.map((path) => basename(path))).toEqual(Object.keys(says));
    const page = textOf('docs/recipes.md');
    expect(examples.filter((path) => !page.includes(`](examples/${basename(path)})`))).toEqual([]);
  });

  // The tour has a test of its own, in test/cli.
  test.for(examples.filter((path) => !path.endsWith('/tour.ts')))(
    '%s ends with status 0',
    { timeout: 120_000 },
    async (path, { skip }) => {
      const missing = whyMissing({ path: needs[basename(path)] ?? 'bash' });
      skip(missing !== undefined, missing);
      const { exitCode, output } = await runToEnd(
        process.execPath,
        [tools.tsx, '--tsconfig', join(repoRoot, 'test/tsconfig.json'), join(repoRoot, path)],
        { timeout: 110_000 },
      );
      expect(exitCode, output).toBe(0);
      expect(output).toMatch(says[basename(path)] ?? /$^/);
    },
  );
});
