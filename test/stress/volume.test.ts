import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repoRoot, runToEnd } from '../support/repo.ts';
import { shown, soaked } from '../support/soak.ts';

interface Told {
  bytes: number;
  wrong: number;
  /** Bytes that the result does not have. */
  omitted: number | false;
  /** Bytes of memory in use at each sixteenth of the way. */
  held: number[];
  seconds: number;
}

const mebibyte = 2 ** 20;

async function read(how: 'stream' | 'lines' | 'slow', mebibytes: number): Promise<Told> {
  const loader = join(repoRoot, 'node_modules/tsx/dist/loader.mjs');
  const { exitCode, output } = await runToEnd(
    process.execPath,
    ['--expose-gc', '--import', loader, 'test/stress/volume.ts', how, `${mebibytes}`],
    { timeout: 590_000, env: { ...process.env, TSX_TSCONFIG_PATH: 'test/tsconfig.json' } },
  );
  expect(exitCode, output).toBe(0);
  const told = JSON.parse(output) as Told;
  expect(told.wrong).toBe(0);
  return told;
}

/** What was read and dropped may wait for its collection: how much of it does not depend on how much was read. */
function expectFlat({ held }: Told): void {
  const [first = 0] = held;
  expect(held.length).toBeGreaterThanOrEqual(15);
  expect(Math.max(...held) - first, `bytes in use: ${held.join(', ')}`).toBeLessThan(64 * mebibyte);
}

const streamed = soaked(1_024, 10_240);

test(
  `${shown(streamed)} MiB of output are streamed, every byte right, in memory that stays flat`,
  { timeout: 600_000 },
  async () => {
    const told = await read('stream', streamed);
    expect(told.bytes).toBe(streamed * mebibyte);
    expect(told.omitted).toBe((streamed - 1) * mebibyte);
    expectFlat(told);
  },
);

const asLines = soaked(32, 512);

test(`${shown(asLines)} MiB of lines are read by a loop, in memory that stays flat`, { timeout: 600_000 }, async () => {
  const told = await read('lines', asLines);
  expect(told.bytes).toBeGreaterThan(asLines * mebibyte - 100);
  expectFlat(told);
});

const sipped = soaked(4, 32);

test(
  `yes is slowed by a loop that takes ${shown(sipped)} MiB of it slowly, in memory that stays flat`,
  { timeout: 600_000 },
  async () => {
    const told = await read('slow', sipped);
    expect(told.bytes).toBeGreaterThanOrEqual(sipped * mebibyte);
    expect(told.seconds).toBeGreaterThan(sipped * 0.3);
    expectFlat(told);
  },
);
