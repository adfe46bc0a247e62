import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filesUnder, repoRoot, runToEnd, tools } from '../support/repo.ts';

describe('machines/', () => {
  const machines = filesUnder('machines', '.ts');

  test('has files', () => {
    expect(machines).not.toEqual([]);
  });

  test.each(machines)('%s imports only xstate and its own folder', (path) => {
    const foreign = importsOf(codeOf(path)).filter((specifier) => !isLawful(path, specifier));
    expect(foreign).toEqual([]);
  });

  test.each(machines)('%s has no timer, no global object and no node: name', (path) => {
    expect(codeOf(path)).not.toMatch(/\b(?:setTimeout|setInterval|setImmediate|globalThis|queueMicrotask)\b|node:/);
  });
});

describe('the linter', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shellwright-laws-'));
    cpSync(join(repoRoot, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ["import fs from 'node:fs';", 'no-restricted-imports'],
    ["import { Subject } from 'rxjs';", 'no-restricted-imports'],
    ["import type { Subject } from 'rxjs';", 'no-restricted-imports'],
    ["export * from '@xstate/store';", 'no-restricted-imports'],
    ["import { pool } from '../src/pool.ts';", 'no-restricted-imports'],
    ["export const late = import('../src/pool.ts');", 'no-restricted-imports'],
    ['export const timer = setTimeout(() => {}, 1);', 'no-restricted-globals'],
    ['export const everything = globalThis;', 'no-restricted-globals'],
  ])('rejects `%s` in machines/', async (code, rule) => {
    const { exitCode, output } = await lint({ 'machines/bad.ts': code });
    expect(output).toContain(rule);
    expect(exitCode).not.toBe(0);
  });

  test('accepts xstate and relative imports in machines/', async () => {
    const { exitCode, output } = await lint({
      'machines/good.ts':
        "import { setup } from 'xstate';\nimport { one } from './strategies/one.ts';\nexport const a = [setup, one];\n",
      'machines/strategies/one.ts': "import { b } from '../other.ts';\nexport const one = b;\n",
      'machines/other.ts': 'export const b = 1;\n',
    });
    expect(output).not.toContain('no-restricted');
    expect(exitCode).toBe(0);
  });

  test('rejects a cycle of imports that are only types', async () => {
    const { exitCode, output } = await lint({
      'src/a.ts': "import type { B } from './b.ts';\nexport type A = B | 1;\n",
      'src/b.ts': "import type { A } from './a.ts';\nexport type B = A[];\n",
    });
    expect(output).toContain('no-cycle');
    expect(exitCode).not.toBe(0);
  });

  function lint(files: Record<string, string>) {
    for (const [path, code] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), code);
    }
    return runToEnd(process.execPath, [tools.oxlint, '--deny-warnings', '.'], { cwd: folder });
  }
});

describe('the top level', () => {
  const allowed = new Set(
    'package.json package-lock.json tsconfig.json src machines test docs README.md LICENSE CHANGELOG.md'.split(' '),
  );

  test('holds what the design names and dotfiles, nothing else', async ({ skip }) => {
    const { exitCode, output: tracked } = await runToEnd('git', [
      'ls-files',
      '--cached',
      '--others',
      '--exclude-standard',
    ]);
    skip(exitCode !== 0, 'not a git work tree, or no git here');
    const entries = new Set(tracked.split('\n').map((path) => path.split('/', 1)[0] ?? ''));
    const surplus = [...entries].filter((entry) => entry !== '' && !entry.startsWith('.') && !allowed.has(entry));
    expect(surplus).toEqual([]);
  });
});

/** The file without its comments, which may well speak of timers. */
function codeOf(path: string): string {
  const text = readFileSync(join(repoRoot, path), 'utf8');
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

function importsOf(code: string): string[] {
  const specifiers = code.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"`])(.+?)\1/g);
  return Array.from(specifiers, ([, , specifier = '']) => specifier);
}

function isLawful(path: string, specifier: string): boolean {
  if (specifier === 'xstate' || specifier.startsWith('xstate/')) return true;
  if (!specifier.startsWith('.')) return false;
  return posix.join(posix.dirname(path), specifier).startsWith('machines/');
}
