import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { whyMissing } from '../support/installed.ts';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';
import { compare, type Comparison } from './compare.ts';
import { sampleOf } from './sample.ts';
import { shells } from './shells.ts';
import { readSnippets, type Snippet } from './snippets.ts';

const own = join(repoRoot, 'test/parity/snippets.jsonl');
const corpus = join(repoRoot, '../shared/corpus/shell-snippets.jsonl');

/** As a report without its texts: what differs, by class. */
function summaryOf({ differing, left }: Comparison) {
  return { differing: differing.map(({ id, class: name }) => `${name}: ${id}`), left };
}

const snippet = (code: string): Snippet => ({ id: code, code, env: {}, dash: true });

describe.each(['bash', 'dash'] as const)('programs in %s', (name) => {
  const shell = shells[name];
  const missing = whyMissing(shell.dialect);
  const fitting = (snippets: Snippet[]): Snippet[] => snippets.filter(({ dash }) => dash || name === 'bash');

  test.skipIf(missing !== undefined)(
    `of our own give what ${name} -c gives`,
    async () => {
      const comparison = await compare(shell, fitting(readSnippets(own)), 30_000);
      const known = { bash: [], dash: ['own-options: own:special parameters'] };
      expect(summaryOf(comparison)).toEqual({ differing: known[name], left: [] });
      expect(comparison.total).toBeGreaterThan(100);
      expect(comparison.atExit).toEqual(['own:trap of EXIT']);
    },
    240_000,
  );

  test.skipIf(missing !== undefined || !existsSync(corpus))(
    'that nobody here wrote, a sample of them: what differs is known',
    async ({ annotate }) => {
      const sample = sampleOf(fitting(readSnippets(corpus)), 80);
      const comparison = await compare(shell, sample, 30_000);
      const { differing, left } = summaryOf(comparison);
      await annotate(`${comparison.agree} of ${comparison.total} agree`);
      expect(left).toEqual([]);
      expect(differing.filter((each) => /^(?:hang|pool-error|unknown):/.test(each))).toEqual([]);
      expect(comparison.agree).toBeGreaterThanOrEqual(comparison.total - 3);
    },
    240_000,
  );
});

test('a program that does not end, or fights its shell, hangs no pool and is named', async () => {
  const limit = 3_500;
  const { differing, left } = await compare(
    shells.bash,
    [
      'echo a; sleep 1000',
      'kill -STOP $$; echo on',
      'exec 251>&- 252>&-; echo gone',
      'kill -KILL $$',
      'sleep 1000 & sleep 1000 & echo jobs',
      'cd /; setsid env -i HOME="$HOME" sleep 1000 >/dev/null 2>&1 </dev/null & sleep 0.3; echo left',
      ': agrees',
    ].map(snippet),
    limit,
  );
  const classes = Object.fromEntries(differing.map((each) => [each.code, each.class]));
  expect(classes).toEqual({
    'echo a; sleep 1000': 'no-end',
    'kill -STOP $$; echo on': 'no-end',
    'exec 251>&- 252>&-; echo gone': 'pool-error',
  });
  expect(left).toEqual([expect.stringContaining('setsid')]);
}, 120_000);

describe('a file of programs', () => {
  const written = (...lines: unknown[]): string => {
    const path = join(temporaryFolder(), 'programs.jsonl');
    writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return path;
  };

  test('has one JSON object a line, with variables as a list or an object, or none', () => {
    const path = written({ id: 'a', code: 'x', env: ['A=1=2', 'B='] }, '', { code: 'y', env: { C: '3' }, dash: false });
    expect(readSnippets(path)).toEqual([
      { id: 'a', code: 'x', env: { A: '1=2', B: '' }, dash: true },
      { id: `${path}:3`, code: 'y', env: { C: '3' }, dash: false },
    ]);
  });

  test.each([
    ['not JSON', 'expected one JSON object a line, got not JSON'],
    [[1], 'expected one JSON object a line, got [1]'],
    [{ id: 'a' }, 'expected code to be a string, got undefined'],
    [{ code: '', env: [''] }, 'expected env to be a list of NAME=value, or an object of strings'],
    [{ code: '', env: { A: 1 } }, 'expected env to be a list of NAME=value, or an object of strings'],
  ])('is refused with its line: %j', (line, message) => {
    const path = written({ code: ':' }, line);
    expect(() => readSnippets(path)).toThrow(`${path}:2: ${message}`);
  });

  test('is run by `npm run parity -- FILE`, which prints how many agree and which do not, by class', async () => {
    const path = written(
      { id: 'same', code: 'echo a' },
      { id: 'stray', code: 'break; echo b' },
      { id: 'x', code: '(exit 3)' },
    );
    const parity = (...args: string[]) =>
      runToEnd(process.execPath, [tools.tsx, '--tsconfig', 'test/tsconfig.json', 'test/parity/main.ts', ...args]);
    expect(await parity(path)).toEqual({
      exitCode: 0,
      output: '2 of 3 agree (bash, 66.66 %)\n  stray-loop-control (1): stray\n',
    });
    const { exitCode, output } = await parity(path, '--json', '--min', '99');
    expect(exitCode).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      shell: 'bash',
      agree: 2,
      total: 3,
      classes: { 'stray-loop-control': ['stray'] },
    });
    expect(await parity(path, '--shell', 'fish')).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('got fish'),
    });
    expect(await parity('/nowhere')).toMatchObject({ exitCode: 2, output: expect.stringContaining('ENOENT') });
  }, 60_000);
});
