import { describe, expect, test } from 'vitest';
import type { Observer } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import { nextEvent, openPool } from '../support/pools.ts';
import { child, openTree } from '../support/trees.ts';
import { memoryLogger } from '../support/witness.ts';

const failing: [string, ((event: InspectionEvent) => void) | Observer<InspectionEvent>][] = [
  [
    'throws',
    () => {
      throw new Error('no view');
    },
  ],
  ['is async and rejects', async () => Promise.reject(new Error('no view'))],
  [
    'is an observer whose next throws',
    {
      next: () => {
        throw new Error('no view');
      },
      error: () => {},
      complete: () => {},
    },
  ],
];

describe('an inspect observer', () => {
  test.each(failing)('that %s breaks no pool, and is told of once', async (_, inspect) => {
    const lines: Record<string, unknown>[] = [];
    const pool = openPool({ max: 1, inspect, logger: memoryLogger(lines) });
    const replaced = nextEvent(pool, 'shell.destroyed');
    expect((await pool.exec('kill -9 $$')).signal).toBe('SIGKILL');
    await replaced;
    expect((await pool.exec('echo fine')).stdout).toBe('fine\n');
    await pool.close();
    const told = lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(told).toEqual(['The inspect observer failed: no view']);
  });

  test('that throws breaks no tree', async () => {
    const tree = openTree({
      children: [child('a')],
      inspect: () => {
        throw new Error('no view');
      },
    });
    expect((await tree.pool('a').exec('echo fine')).stdout).toBe('fine\n');
    await tree.close();
    expect(tree.status().state).toBe('closed');
  });

  test('that is slow breaks no pool', async () => {
    let seen = 0;
    const pool = openPool({
      max: 2,
      inspect: () => {
        seen++;
        const end = performance.now() + 2;
        while (performance.now() < end);
      },
    });
    const results = await Promise.all(
      ['echo 1', 'exit 3', 'echo 2', 'kill -9 $$', 'echo 3'].map((text) => pool.exec(text)),
    );
    expect(results.map(({ stdout, exitCode, signal }) => stdout || (signal ?? exitCode))).toEqual([
      '1\n',
      3,
      '2\n',
      'SIGKILL',
      '3\n',
    ]);
    expect(seen).toBeGreaterThan(20);
  });
});
