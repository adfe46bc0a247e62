import { expect, test } from 'vitest';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';

interface Told {
  answers: Record<string, number>;
  failed: string[];
  ready: number;
  invalid: number;
  lastError?: string;
}

/** What the program of that name tells when it may have so many open files. */
async function withFiles(limit: number, ...args: (string | number)[]): Promise<Told> {
  const program = [process.execPath, tools.tsx, `${repoRoot}test/process/few-descriptors.ts`, ...args.map(String)];
  const { exitCode, output } = await runToEnd('/bin/bash', ['-c', `ulimit -n ${limit}; exec "$@"`, 'bash', ...program]);
  // Nothing else is said: no crash, no warning, no unhandled rejection.
  expect(exitCode, output).toBe(0);
  return JSON.parse(output) as Told;
}

test.each([
  ['bash', 300, 100, ''],
  ['sh', 256, 70, ''],
  // Here not even the shells of one turn can be opened together, nor `mkfifo` be started each time.
  ['sh', 256, 10, 18],
])(
  'a pool of %s with %i open files for max: %i answers all, with what shells can be had, and each alike (%s left)',
  async (dialect, limit, max, left) => {
    const { answers, ready, invalid, lastError } = await withFiles(limit, dialect, max, 0, left);
    expect(answers).toEqual({ right: 2 * max });
    expect(ready).toBeGreaterThan(1);
    expect(invalid).toBeGreaterThan(0);
    expect(lastError).toMatch(/EMFILE/);
  },
);

test('a pool that cannot have more shells fails without failing what the others can serve', async () => {
  // Each command outlasts the attempts, of which there are three.
  const { answers, failed, lastError } = await withFiles(128, 'sh', 30, 1);
  expect(answers).toEqual({ right: 60 });
  expect(failed.length).toBeGreaterThan(0);
  expect(failed[0]).toMatch(/EMFILE/);
  expect(lastError).toMatch(/EMFILE/);
});

test('bash() where its descriptors are above the limit fails and says what it needs and found', async () => {
  const { answers, failed } = await withFiles(252, 'bash', 2, 0);
  expect(answers).toEqual({ ERR_POOL_FAILED: 4 });
  expect(failed[0]).toContain('ulimit -n must be at least 253, and is 252');
  expect((await withFiles(253, 'bash', 2, 0)).answers).toEqual({ right: 4 });
});
