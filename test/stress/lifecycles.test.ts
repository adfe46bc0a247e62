import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repoRoot, runToEnd } from '../support/repo.ts';
import { shown, soaked } from '../support/soak.ts';

const lives = soaked(50_000, 200_000);

test(`${shown(lives)} lives of shells (simulated processes) leave the heap flat`, { timeout: 900_000 }, async () => {
  const { exitCode, output } = await runToEnd(
    process.execPath,
    [
      '--expose-gc',
      '--import',
      join(repoRoot, 'node_modules/tsx/dist/loader.mjs'),
      'test/stress/lifecycles.ts',
      `${lives}`,
    ],
    { timeout: 880_000, env: { ...process.env, TSX_TSCONFIG_PATH: 'test/tsconfig.json' } },
  );
  expect(exitCode, output).toBe(0);
  const told = JSON.parse(output) as { lives: number; heap: number[]; children: string[] };
  expect(told.lives).toBeGreaterThanOrEqual(lives);
  expect(told.children).toEqual(Array.from({ length: 8 }, (_, index) => `shell.${index}`));
  // The first tenth is for the code to be compiled; what comes and goes is not in the least of several.
  const grown = Math.min(...told.heap.slice(5)) - Math.min(...told.heap.slice(1, 5));
  // A leak of the smallest of objects for each life would be more.
  expect(grown, `bytes of heap after each tenth: ${told.heap.join(', ')}`).toBeLessThan(0.4 * lives * 12);
});
