import { command, type Dialect } from 'shellwright';
import { dialectContract, type ContractScripts } from 'shellwright/testing';
import { describe, expect, test } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { textOf } from '../support/pages.ts';
import { openPool } from '../support/pools.ts';
import { sqlite } from './sqlite.ts';

const write = (value: string): string =>
  `WITH done AS MATERIALIZED (SELECT writefile('/dev/stdout', ${value}) AS n) SELECT n FROM done WHERE n < 0;`;

const scripts: ContractScripts = {
  write,
  keep: (quoted) =>
    `CREATE TEMP TABLE IF NOT EXISTS kept(value); DELETE FROM kept; INSERT INTO kept VALUES (${quoted});`,
  recall: write('(SELECT value FROM kept)'),
  fail: 'SELECT * FROM no_such_table;',
  failsByStderr: true,
  broken: ['SELECT', '(', "SELECT 'x", '.nosuch', 'SELECT (1', 'CREATE TABLE t(', ')', 'SELECT "x', '/* x */ SELECT'],
  exit: (status) => (status === 0 ? '.shell kill $PPID' : `.exit ${status}`),
  killed: '.shell kill -9 $PPID',
  everyByte: write(`x'${Buffer.from([...Array(256).keys()]).toString('hex')}'`),
  large: (bytes) => write(`zeroblob(${bytes})`),
};

const missing = whyMissing({ path: 'sqlite3' });

describe.skipIf(missing)(
  `sqlite, as docs/defining-dialects.md has it${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    for (const { name, run } of dialectContract(sqlite(), scripts)) test(name, run);

    test.each<[string, (dialect: Dialect) => Dialect]>([
      ['both fences', (dialect) => ({ ...dialect, capabilities: { ...dialect.capabilities, localFiles: false } })],
      ['the fence on stdout', (dialect) => dialect],
    ])('answers when it writes %s', async (_, change) => {
      const pool = openPool({
        shell: change(sqlite()),
        max: 1,
        init: ['CREATE TABLE t(a); INSERT INTO t VALUES (1), (2);'],
      });
      await using session = await pool.acquire();
      for (let round = 0; round < 20; round++) {
        const sum = await session.exec(command`SELECT sum(a), ${"it's"} FROM t;`);
        expect([sum.exitCode, sum.stdout, sum.stderr]).toEqual([0, "3|it's\n", '']);
        const failed = await session.exec('SELECT missing FROM t;');
        expect([failed.exitCode, failed.stdout, failed.stderr]).toEqual([
          1,
          '',
          expect.stringContaining('no such column'),
        ]);
      }
    });
  },
);

test('docs/defining-dialects.md has the whole of it', () => {
  expect(textOf('docs/defining-dialects.md')).toContain(textOf('test/dialects/sqlite.ts'));
});
