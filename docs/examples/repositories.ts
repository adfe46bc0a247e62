/**
 * Maintenance of many repositories at once: a command each for every one, on as many shells as there are processors. Give it the
 * folder that they are in, or it makes some.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from 'shellwright';

const [, , given] = process.argv;
const root = given ?? (await mkdtemp(join(tmpdir(), 'repositories-')));

const pool = createPool({
  name: 'git',
  init: ['export GIT_TERMINAL_PROMPT=0 LC_ALL=C'],
  timeout: 60_000,
  logger: false,
});
// Rejects when a command fails, and the shell survives: `git` is a child of it.
const $ = pool.$({ timeout: 30_000 });

if (given === undefined) await Promise.all(Array.from({ length: 24 }, (_, index) => makeRepository(`repo-${index}`)));

const names = (await readdir(root, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const started = performance.now();
const reports = await Promise.all(names.map(maintain));
for (const { name, branch, changes, size, problem } of reports.toSorted((a, b) => a.name.localeCompare(b.name))) {
  process.stdout.write(`${name.padEnd(20)} ${problem ?? `${branch.padEnd(8)} ${changes} changed  ${size}`}\n`);
}
const { run } = pool.metrics();
process.stdout.write(
  `${names.length} repositories, ${run.count} commands, ${Math.round(performance.now() - started)} ms\n`,
);
await pool.close();

if (given === undefined) {
  assert.equal(reports.length, 24);
  assert.deepEqual(
    reports.filter(({ changes }) => changes !== 1),
    [],
  );
  await rm(root, { recursive: true });
}

interface Report {
  readonly name: string;
  readonly branch: string;
  readonly changes: number;
  readonly size: string;
  readonly problem?: string;
}

async function maintain(name: string): Promise<Report> {
  const folder = join(root, name);
  try {
    await $`git -C ${folder} gc --auto --quiet`;
    const [branch, status, size] = await Promise.all([
      $`git -C ${folder} symbolic-ref --short HEAD`.text(),
      $`git -C ${folder} status --porcelain`.lines(),
      $`git -C ${folder} count-objects -H`.text(),
    ]);
    return { name, branch, changes: status.length, size };
  } catch (error) {
    return { name, branch: '', changes: 0, size: '', problem: (error as Error).message };
  }
}

/** With a commit, and a file that is not in it. */
async function makeRepository(name: string): Promise<void> {
  const folder = join(root, name);
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  await $`git init -q -b main ${folder} && cd ${folder} && echo ${name} >README && git add . && git ${who} commit -qm ${"It's new"} && echo more >new`;
}
