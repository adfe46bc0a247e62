import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as buildPackage } from '../package/build.ts';
import { repoRoot } from '../support/repo.ts';

let building: Promise<{ folder: string }> | undefined;

/** A folder in which Node finds this package as users get it, built from what is here; it is gone when this process ends. */
export function built(): Promise<{ folder: string }> {
  building ??= build();
  return building;
}

/** The names of the packages that this one needs. */
export function dependencies(): string[] {
  const { dependencies: needed } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.keys(needed);
}

async function build(): Promise<{ folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-package-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  copyFileSync(join(repoRoot, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(repoRoot, 'node_modules'), join(folder, 'node_modules'));
  await buildPackage(join(folder, 'dist'));
  return { folder };
}
