import { build as bundle } from 'esbuild';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';

/** Builds the package's code, without comments, and its types, with them, into a folder. @throws {Error} with what the compilers say */
export async function build(folder: string): Promise<void> {
  const { exports, bin } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
    bin: Record<string, string>;
  };
  const modules = (paths: Record<string, string>): string[] =>
    Object.values(paths).flatMap((path) => /^\.\/dist\/(.+)\.js$/.exec(path)?.[1] ?? []);
  const exported = modules(exports);
  rmSync(folder, { recursive: true, force: true });
  await writeCode(folder, [...exported, ...modules(bin)]);
  await writeTypes(folder);
  prune(folder, exported);
}

/** In few files, since each costs whoever imports it: what several entries share is in chunks. */
async function writeCode(folder: string, entries: readonly string[]): Promise<void> {
  await bundle({
    absWorkingDir: repoRoot,
    entryPoints: Object.fromEntries(entries.map((entry) => [entry, `${entry}.ts`])),
    outdir: folder,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    logLevel: 'silent',
  });
}

async function writeTypes(folder: string): Promise<void> {
  const project = join(repoRoot, 'tsconfig.json');
  const args = [tools.tsc, '-p', project, '--outDir', folder, '--emitDeclarationOnly'];
  const { exitCode, output } = await runToEnd(process.execPath, args);
  if (exitCode !== 0) throw new Error(output);
}

/** Takes the declarations away that no exported type leads to: more than half of them. */
function prune(folder: string, entries: readonly string[]): void {
  const reached = new Set<string>();
  for (const entry of entries) reach(join(folder, `${entry}.d.ts`), reached);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

function reach(file: string, reached: Set<string>): void {
  if (reached.has(file)) return;
  if (!existsSync(file)) throw new Error(`No declarations: ${file}`);
  reached.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\(|import)\s*['"](\.[^'"]+)['"]/g))
    reach(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')), reached);
}
