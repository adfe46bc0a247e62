import { growth } from './growth.ts';
import { help, readArguments, type Options } from './arguments.ts';
import { writeDocs } from './docs.ts';
import { readRecorded, record, regressed, writeRecorded } from './recorded.ts';
import { allRight, asJson, asTable } from './report.ts';
import { nameOf, voidRow, type Row } from './row.ts';
import type { Effort, Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const full: Effort = { quick: false, rounds: 21, slice: 200 };
const quick: Effort = { quick: true, rounds: 7, slice: 50 };

/** ms. A scenario that takes longer hangs: an answer is missing. */
const limit = { full: 600_000, quick: 60_000 };

const known = scenarios.map(({ name }) => name);
const options = readArguments(process.argv.slice(2), known);
// What hangs would keep this process.
process.exit(typeof options === 'string' ? usage(options) : options.help ? print(help(known)) : await main(options));

/** The exit code: 0, or 1 when an answer was wrong, or a ratio is under half of its recorded value. */
async function main(wanted: Options): Promise<number> {
  if (wanted.growth) return print(await growth());
  const rows: Row[] = [];
  for (const name of wanted.scenarios) rows.push(...(await measure(name, wanted)));
  const lost = wanted.check ? await regressed(rows, readRecorded(), (name) => measure(name, wanted)) : [];
  print(wanted.json ? asJson(rows) : asTable(rows));
  for (const row of lost) note(`REGRESSED: ${nameOf(row)} is under half of what was recorded`);
  if (!allRight(rows)) return 1;
  if (wanted.record) writeRecorded(record(rows, wanted.scenarios.length === known.length ? {} : readRecorded()));
  if (wanted.docs) writeDocs(rows, wanted.quick);
  return lost.length > 0 ? 1 : 0;
}

async function measure(name: string, wanted: Options): Promise<Row[]> {
  const scenario = scenarios.find((one) => one.name === name) as Scenario;
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const ms = wanted.quick ? limit.quick : limit.full;
  const tooLong = new Promise<Row[]>((resolve) => {
    timer = setTimeout(() => resolve([failed(name, `no end within ${ms / 1_000} s`)]), ms);
  });
  const measured = scenario
    .measure(wanted.quick ? quick : full)
    .catch((error: unknown) => [failed(name, error instanceof Error ? error.message : String(error))]);
  const rows = await Promise.race([measured, tooLong]);
  clearTimeout(timer);
  note(`${name}: ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  return rows;
}

function failed(scenario: string, why: string): Row {
  return voidRow({ scenario, quantity: 'commands/s', peer: 'all' }, why);
}

function usage(problem: string): number {
  note(`bench: ${problem}\n\n${help(known)}`);
  return 2;
}

/** What is to be read, and nothing else: JSON must stay JSON. */
function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
