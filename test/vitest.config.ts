import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Where `.ci/run` wants the totals as JSON; unset everywhere else. */
const reportFile = process.env['TEST_REPORT_FILE'];

export default defineConfig({
  root: fromRoot('.'),
  resolve: {
    alias: [
      { find: /^shellwright$/, replacement: fromRoot('src/index.ts') },
      { find: /^shellwright\/testing$/, replacement: fromRoot('src/testing/index.ts') },
      { find: /^shellwright\/inspector$/, replacement: fromRoot('src/inspector/index.ts') },
      { find: /^shellwright\/machines$/, replacement: fromRoot('machines/index.ts') },
      { find: /^shellwright\/compat$/, replacement: fromRoot('src/compat/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Shells are real child processes with groups and signals of their own: worker threads would share one parent.
    pool: 'forks',
    // Most of the time goes into waiting: as many files at once as there are processors, and never so many that times mean nothing.
    maxWorkers: Math.min(availableParallelism(), 4),
    // What hangs is found, and a machine that is busy with others is given time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Where nobody watches, a test that failed is tried once more, and the report says so (`retry x1`): it is to be mended all the same.
    retry: process.env['CI'] ? 1 : 0,
    reporters: reportFile ? ['default', ['json', { outputFile: reportFile }]] : ['default'],
    coverage: { provider: 'v8', include: ['src/**', 'machines/**'], reportsDirectory: 'coverage' },
  },
});
