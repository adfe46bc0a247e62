import { createRequire } from 'node:module';

/** The version of this package. By its own name: the way to `package.json` differs between `src/` and `dist/`. */
export function version(): string {
  return (createRequire(import.meta.url)('shellwright/package.json') as { version: string }).version;
}
