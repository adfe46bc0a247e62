import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';

/** Builds the package's code, without comments, and its types, with them, into a folder. @throws {Error} with what the compiler says */
export async function build(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await compile(folder, '--declaration', 'false', '--removeComments');
  await compile(folder, '--emitDeclarationOnly');
  prune(folder);
}

async function compile(folder: string, ...options: string[]): Promise<void> {
  const project = join(repoRoot, 'tsconfig.json');
  const { exitCode, output } = await runToEnd(process.execPath, [
    tools.tsc,
    '-p',
    project,
    '--outDir',
    folder,
    ...options,
  ]);
  if (exitCode !== 0) throw new Error(output);
}

/** Takes the declarations away that no exported type leads to: more than half of them. */
function prune(folder: string): void {
  const { exports } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const entries = Object.values(exports).filter((path) => path.endsWith('.js'));
  const reached = new Set<string>();
  for (const entry of entries) reach(join(folder, entry.replace('./dist/', '').replace(/\.js$/, '.d.ts')), reached);
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
