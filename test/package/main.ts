import { join } from 'node:path';
import { repoRoot } from '../support/repo.ts';
import { build } from './build.ts';

// npm run build
await build(join(repoRoot, 'dist'));
