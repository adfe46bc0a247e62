import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocksOf } from '../support/code-blocks.ts';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';
import { build } from './build.ts';

/** What a stranger gets: the packed package, installed in an empty folder, with the README's first example. */
let folder = '';
let consumer = '';
let installed = '';
let compilers = '';
let tarball = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shellwright-package-'));
  consumer = join(folder, 'consumer');
  installed = join(consumer, 'node_modules/shellwright');
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
  tarball = await pack(join(folder, 'stage'));
  const nodeTypes = String(readJson(join(repoRoot, 'node_modules/@types/node/package.json'))['version']);
  await install(consumer, [tarball, `@types/node@${nodeTypes}`]);
  // Not devDependencies: each brings a program `tsc`, and the last one installed would be the project's.
  const others = join(folder, 'compilers');
  mkdirSync(others);
  compilers = join(others, 'node_modules');
  await install(others, ['typescript-6@npm:typescript@6.0.3', 'typescript-5.9@npm:typescript@5.9.3']);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds code, types, the page of the inspector, README, LICENSE and CHANGELOG, and no tests', () => {
    const entries = readdirSync(installed).filter((entry) => entry !== 'node_modules');
    expect(entries.toSorted()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src'].toSorted(),
    );
    expect(existsSync(join(installed, 'dist/src/index.d.ts'))).toBe(true);
    expect(existsSync(join(installed, 'dist/machines/index.d.ts'))).toBe(true);
  });

  test('is less than 300 kB', () => {
    expect(statSync(tarball).size).toBeLessThan(300_000);
  });

  test('runs the README example as plain JavaScript', async () => {
    writeFileSync(join(consumer, 'example.js'), readmeExample());
    const { exitCode, output } = await runToEnd(process.execPath, ['example.js'], { cwd: consumer, timeout: 110_000 });
    expect(exitCode, output).toBe(0);
  });

  test.each([
    { name: 'TypeScript 7', compiler: '', resolution: 'node16' },
    { name: 'TypeScript 7', compiler: '', resolution: 'bundler' },
    { name: 'TypeScript 6', compiler: 'typescript-6', resolution: 'bundler' },
    { name: 'TypeScript 5.9', compiler: 'typescript-5.9', resolution: 'node16' },
  ])(
    'is type-checked with skipLibCheck off by $name under the module resolution $resolution',
    { timeout: 300_000 },
    async ({ compiler, resolution }) => {
      writeFileSync(join(consumer, 'example.ts'), readmeExample());
      writeFileSync(join(consumer, 'entries.ts'), everyEntry());
      const module = resolution === 'bundler' ? 'esnext' : resolution;
      const options =
        `--noEmit --strict --skipLibCheck false --module ${module} --moduleResolution ${resolution} ` +
        // The exact lib: a dependency on DOM types would otherwise go unnoticed.
        '--target es2023 --lib es2023,esnext.disposable --types node --pretty false';
      const tsc = compiler === '' ? tools.tsc : join(compilers, compiler, 'bin/tsc');
      const args = [tsc, ...options.split(' '), 'example.ts', 'entries.ts'];
      const { exitCode, output } = await runToEnd(process.execPath, args, { cwd: consumer, timeout: 110_000 });
      expect(output).toBe('');
      expect(exitCode).toBe(0);
    },
  );

  test('lets every entry be imported that its package.json names', async () => {
    const code = specifiers()
      .map((specifier) => `await import('${specifier}');`)
      .join('\n');
    const { exitCode, output } = await runToEnd(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: consumer,
    });
    expect(exitCode, output).toBe(0);
  });

  test('gives CommonJS the constructor of compat, without a warning', async () => {
    writeFileSync(join(consumer, 'compat.cjs'), migrationExample());
    const { exitCode, output } = await runToEnd(process.execPath, ['compat.cjs'], { cwd: consumer, timeout: 25_000 });
    expect(exitCode, output).toBe(0);
    expect(output).toContain("[ 'value1', 'test' ]");
    expect(output).not.toMatch(/warning/i);
  });

  test('has the types of compat, for CommonJS and for ES modules', { timeout: 60_000 }, async () => {
    const use = `
      const proxy = new Proxy({ processCommand: 'bash', processUid: null, initCommands: ['true'] });
      proxy.executeCommand('echo').then(({ stdout }) => stdout.trim()).done();
      const pids: number[] = proxy.getStatus().map(({ pid }) => pid);
      // @ts-expect-error: it is a string
      proxy.executeCommand(5);
    `;
    const files = {
      'compat.cts': `import Proxy = require('shellwright/compat');\n${use}`,
      'compat.mts': `import Proxy, { StatefulProcessCommandProxy, type ProcessStatus } from 'shellwright/compat';\n
        const same: typeof Proxy = StatefulProcessCommandProxy;\nconst status: ProcessStatus[] = [];\n${use}`,
    };
    for (const [name, code] of Object.entries(files)) writeFileSync(join(consumer, name), code);
    const options =
      '--noEmit --strict --skipLibCheck false --module nodenext --target es2023 --types node --pretty false';
    const args = [...options.split(' '), '--lib', 'es2023,esnext.disposable', ...Object.keys(files)];
    const { exitCode, output } = await runToEnd(process.execPath, [tools.tsc, ...args], {
      cwd: consumer,
      timeout: 50_000,
    });
    expect(output).toBe('');
    expect(exitCode).toBe(0);
  });

  test('has the command line as a program that answers --help', async () => {
    const main = join(consumer, 'node_modules/.bin/shellwright');
    const { exitCode, output } = await runToEnd(main, ['--help'], { cwd: consumer, timeout: 110_000 });
    expect(output).toContain('shellwright');
    expect(exitCode, output).toBe(0);
  });
});

/** A module that takes the types of every entry. */
function everyEntry(): string {
  return specifiers()
    .map((specifier, index) => `export * as entry${index} from '${specifier}';\n`)
    .join('');
}

/** What its package.json lets be imported. */
function specifiers(): string[] {
  return Object.keys(readJson(join(installed, 'package.json'))['exports'] as object)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => `shellwright${entry.slice(1)}`);
}

/** Packs a copy, built there: the work tree's own dist/ is not touched while other tests may be using it. */
async function pack(stage: string): Promise<string> {
  mkdirSync(stage);
  for (const entry of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'src/inspector/page']) {
    cpSync(join(repoRoot, entry), join(stage, entry), { recursive: true });
  }
  await build(join(stage, 'dist'));
  // Scripts are off because `prepack` would build again, and where no toolchain is installed.
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], stage);
  const tarball = readdirSync(folder).find((entry) => entry.endsWith('.tgz'));
  expect(tarball).toBeDefined();
  return join(folder, tarball ?? '');
}

function install(cwd: string, packages: readonly string[]): Promise<void> {
  return npm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], cwd);
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env };
  // Run by `npm test`, this process has npm's own settings for this repository in its environment.
  for (const name of Object.keys(env))
    if (/^npm_(?:package|lifecycle|command|execpath|config_local_prefix)/.test(name)) delete env[name];
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { exitCode, output } = await runToEnd(program, args, { cwd, env, timeout: 110_000 });
  expect(exitCode, output).toBe(0);
}

function readmeExample(): string {
  const [first] = codeBlocksOf('README.md');
  expect(first, 'the first ```js or ```ts block of README.md').toBeDefined();
  return first?.code ?? '';
}

/** The program of the ancestor's users, with the module swapped. */
function migrationExample(): string {
  const example = codeBlocksOf('docs/migration.md').find(({ words }) => words.includes('cjs'));
  expect(example, 'the first ```js cjs block of docs/migration.md').toBeDefined();
  return example?.code ?? '';
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}
