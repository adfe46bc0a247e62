import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocksOf, parseCodeBlocks, type CodeBlock } from '../support/code-blocks.ts';
import { filesUnder, repoRoot, runToEnd, tools } from '../support/repo.ts';

/**
 * Every TypeScript and JavaScript block of the README and the docs is type-checked, so an example cannot drift from the
 * code. The words after the language on the fence: `run` also executes it, `continued` puts it behind the block before
 * it on the page (so that examples need not repeat their set-up), `cjs` makes it CommonJS.
 */
const pages = ['README.md', ...filesUnder('docs', '.md')];
const programs = pages.flatMap((page) => programsOf(codeBlocksOf(page)));

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shellwright-docs-'));
  // Examples import what a user could: the packages of this repository.
  symlinkSync(join(repoRoot, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const tsconfig = {
    extends: join(repoRoot, 'test/tsconfig.json'),
    compilerOptions: { rootDir: '/', allowJs: true, checkJs: true },
    include: ['pages', join(repoRoot, 'test/support/dom-names.d.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const { path, code } of programs) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('code blocks of the README and docs', () => {
  test('are there', () => {
    expect(programs).not.toEqual([]);
  });

  test('pass the type check', { timeout: 120_000 }, async () => {
    const { exitCode, output } = await runToEnd(process.execPath, [tools.tsc, '-p', '.', '--pretty', 'false'], {
      cwd: folder,
      timeout: 110_000,
    });
    expect(output).toBe('');
    expect(exitCode).toBe(0);
  });

  test.each(programs.filter(({ language }) => language === 'js'))(
    '$name is JavaScript that Node 20 parses',
    ({ code }) => {
      expect(code).not.toMatch(/\bawait\s+using\b|^\s*using\s+\w+\s*=/m);
    },
  );

  test.each(programs.filter(({ run }) => run))(
    '$name runs to its end with status 0',
    { timeout: 120_000 },
    async ({ path }) => {
      const { exitCode, output } = await runToEnd(process.execPath, [tools.tsx, path], {
        cwd: folder,
        timeout: 110_000,
        env: { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') },
      });
      expect(exitCode, output).toBe(0);
    },
  );
});

describe('parseCodeBlocks', () => {
  test('finds the marked blocks with their lines, and leaves other languages alone', () => {
    const text = '# x\n```js run\nlet a;\n```\n\n```sh\nls\n```\n- item\n  ````ts\n  ```\n    b();\n  ````\n';
    expect(parseCodeBlocks('x.md', text)).toEqual([
      { page: 'x.md', line: 3, language: 'js', words: ['run'], code: 'let a;\n' },
      { page: 'x.md', line: 11, language: 'ts', words: [], code: '```\n  b();\n' },
    ]);
  });

  test('refuses a word it does not know', () => {
    expect(() => parseCodeBlocks('x.md', '```js runs\n```\n')).toThrow('x.md:1: unknown word after the language: runs');
  });

  test('refuses a block that is never closed', () => {
    expect(() => parseCodeBlocks('x.md', 'a\n```js\nb\n')).toThrow('x.md:2');
  });
});

interface Program {
  readonly name: string;
  readonly path: string;
  readonly language: 'ts' | 'js';
  readonly run: boolean;
  readonly code: string;
}

/** One program for each block with the `continued` ones that follow it; lines stay what they are on the page. */
function programsOf(blocks: readonly CodeBlock[]): Program[] {
  const chains: CodeBlock[][] = [];
  for (const block of blocks) {
    const last = chains.at(-1);
    if (block.words.includes('continued') && last !== undefined) last.push(block);
    else chains.push([block]);
  }
  return chains.map(toProgram);
}

function toProgram(chain: readonly CodeBlock[]): Program {
  const [first] = chain as readonly [CodeBlock, ...CodeBlock[]];
  const words = chain.flatMap((block) => block.words);
  const isCommonJs = words.includes('cjs');
  const language = chain.some((block) => block.language === 'ts') ? 'ts' : 'js';
  let code = '';
  for (const block of chain) {
    code = code + '\n'.repeat(block.line - code.split('\n').length) + block.code;
  }
  // Without an import or export it would be a script, and scripts share one scope.
  if (!isCommonJs) code += 'export {};\n';
  return {
    name: `${first.page}:${first.line}`,
    path: `pages/${first.page}.${first.line}.${isCommonJs ? 'c' : ''}${language}`,
    language,
    run: words.includes('run'),
    code,
  };
}
