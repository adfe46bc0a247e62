import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { whyMissing } from '../support/installed.ts';
import { rowsOf, sectionOf } from '../support/pages.ts';
import { soaked } from '../support/soak.ts';
import { attemptAll, dialects, isKnown } from './attempt.ts';
import { readExpected, rowsFor } from './expected.ts';
import { outcomes, shellNames } from './hazard.ts';
import { table } from './table.ts';

const page = 'docs/hazards.md';
const hazards = Object.values(table).flat();
const expected = readExpected();
/** In bash all are tried each time, in the others one of so many. */
const share = soaked(3, 1);

describe.each(shellNames)('%s', (shell) => {
  const missing = whyMissing(dialects[shell]);

  test.skipIf(missing !== undefined)(
    `has its right answer, or a loss that is said, after every hazard${missing === undefined ? '' : ` (skipped: ${missing})`}`,
    async () => {
      const some = hazards.filter((_, index) => shell === 'bash' || index % share === shell.length % share);
      const folder = join(temporaryFolder(), shell);
      mkdirSync(folder);
      const tried = await attemptAll(shell, some, folder);
      const wrong = tried.filter(
        ({ hazard, attempt }) =>
          attempt.wrong !== undefined || !isKnown(attempt.outcome, expected[hazard.name]?.[shell]),
      );
      expect(wrong.map(({ hazard, attempt }) => ({ name: hazard.name, ...attempt }))).toEqual([]);
      expect(tried.length).toBeGreaterThan(shell === 'bash' ? 200 : 50);
    },
    300_000,
  );
});

describe(page, () => {
  test.each(Object.keys(table))('has every hazard with what comes of it: %s', (name) => {
    const plain = (row: string[]): string[] =>
      row.map((cell) =>
        cell
          .replaceAll('`', '')
          .replaceAll(String.raw`\|`, '|')
          .trim(),
      );
    expect(rowsOf(sectionOf(page, `## ${name}`)).map(plain)).toEqual(
      rowsFor(table[name] ?? [], expected).map((row) => row.map((cell) => cell.replaceAll('`', '').trim())),
    );
  });

  test('explains every outcome', () => {
    const explained = rowsOf(sectionOf(page, '# Hazards')).map(([name, what]) => [name, what]);
    expect(explained.slice(0, 4)).toEqual(
      Object.entries(outcomes).map(([name, what]) => [name, what.replaceAll('`', '')]),
    );
  });
});
