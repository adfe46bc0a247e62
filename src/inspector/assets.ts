import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

/** One file of the page. */
export interface Asset {
  type: string;
  content: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** The files of the page by their names, read once: no request ever names a file of the disk. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = pageFolder();
  const names = readdirSync(folder).filter((name) => extname(name) in types);
  return new Map(
    names.map((name) => [name, { type: types[extname(name)] ?? '', content: readFileSync(join(folder, name)) }]),
  );
}

/** By the package's own name: the way to `src/` differs between `src/` and `dist/`. */
function pageFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('shellwright/package.json')), 'src/inspector/page');
}
