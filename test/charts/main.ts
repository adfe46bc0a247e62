/** Draws the machines' charts anew: `npm run charts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { chartFiles } from './files.ts';

for (const [path, text] of await chartFiles()) {
  mkdirSync(dirname(join(repoRoot, path)), { recursive: true });
  writeFileSync(join(repoRoot, path), text);
  process.stdout.write(`${path}\n`);
}
