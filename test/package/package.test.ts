import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocksOf } from '../support/code-blocks.ts';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';

/** What a stranger gets: the packed package, installed in an empty folder, with the README's first example. */
let folder = '';
let consumer = '';
let installed = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shellwright-package-'));
  consumer = join(folder, 'consumer');
  installed = join(consumer, 'node_modules/shellwright');
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
  const tarball = await pack(join(folder, 'stage'));
  const nodeTypes = String(readJson(join(repoRoot, 'node_modules/@types/node/package.json'))['version']);
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, `@types/node@${nodeTypes}`], consumer);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds code, types, sources, README, LICENSE and CHANGELOG, and no tests', () => {
    const entries = readdirSync(installed).filter((entry) => entry !== 'node_modules');
    expect(entries.toSorted()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'machines', 'package.json', 'src'].toSorted(),
    );
    expect(existsSync(join(installed, 'dist/src/index.d.ts'))).toBe(true);
    expect(existsSync(join(installed, 'dist/machines/index.d.ts'))).toBe(true);
  });

  test('runs the README example as plain JavaScript', async () => {
    writeFileSync(join(consumer, 'example.js'), readmeExample());
    const { exitCode, output } = await runToEnd(process.execPath, ['example.js'], { cwd: consumer, timeout: 25_000 });
    expect(exitCode, output).toBe(0);
  });

  test('type-checks the README example with skipLibCheck off', { timeout: 60_000 }, async () => {
    writeFileSync(join(consumer, 'example.ts'), readmeExample());
    writeFileSync(
      join(consumer, 'machines.ts'),
      "import * as machines from 'shellwright/machines';\nexport { machines };\n",
    );
    const options =
      '--noEmit --strict --skipLibCheck false --module nodenext --target es2023 --types node --pretty false';
    // The exact lib: a dependency on DOM types would otherwise go unnoticed.
    const lib = '--lib es2023,esnext.disposable';
    const args = [...options.split(' '), ...lib.split(' '), 'example.ts', 'machines.ts'];
    const { exitCode, output } = await runToEnd(process.execPath, [tools.tsc, ...args], {
      cwd: consumer,
      timeout: 50_000,
    });
    expect(output).toBe('');
    expect(exitCode).toBe(0);
  });

  test('is imported by every entry that its package.json names', async () => {
    const entries = Object.keys(readJson(join(installed, 'package.json'))['exports'] as object);
    const specifiers = entries
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry) => `shellwright${entry.slice(1)}`);
    const code = specifiers.map((specifier) => `await import('${specifier}');`).join('\n');
    const { exitCode, output } = await runToEnd(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: consumer,
    });
    expect(exitCode, output).toBe(0);
  });

  test('has the command line as a program that answers --help', async () => {
    const main = join(consumer, 'node_modules/.bin/shellwright');
    const { exitCode, output } = await runToEnd(main, ['--help'], { cwd: consumer, timeout: 20_000 });
    expect(output).toContain('shellwright');
    expect(exitCode, output).toBe(0);
  });
});

/** Packs a copy, built there: the work tree's own dist/ is not touched while other tests may be using it. */
async function pack(stage: string): Promise<string> {
  mkdirSync(stage);
  for (const entry of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'src', 'machines']) {
    cpSync(join(repoRoot, entry), join(stage, entry), { recursive: true });
  }
  const build = await runToEnd(process.execPath, [
    tools.tsc,
    '-p',
    join(repoRoot, 'tsconfig.json'),
    '--outDir',
    join(stage, 'dist'),
  ]);
  expect(build.exitCode, build.output).toBe(0);
  // Scripts are off because `prepack` would build again, and where no toolchain is installed.
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], stage);
  const tarball = readdirSync(folder).find((entry) => entry.endsWith('.tgz'));
  expect(tarball).toBeDefined();
  return join(folder, tarball ?? '');
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env };
  // Run by `npm test`, this process has npm's own settings for this repository in its environment.
  for (const name of Object.keys(env))
    if (/^npm_(?:package|lifecycle|command|execpath|config_local_prefix)/.test(name)) delete env[name];
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { exitCode, output } = await runToEnd(program, args, { cwd, env, timeout: 55_000 });
  expect(exitCode, output).toBe(0);
}

function readmeExample(): string {
  const [first] = codeBlocksOf('README.md');
  expect(first, 'the first ```js or ```ts block of README.md').toBeDefined();
  return first?.code ?? '';
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}
