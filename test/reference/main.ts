/** Writes the API reference anew: `npm run api`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { page, referencePage } from './page.ts';

writeFileSync(join(repoRoot, page), referencePage());
