import { parseArgs } from 'node:util';

/** What a run is to do. */
export interface Options {
  quick: boolean;
  json: boolean;
  check: boolean;
  record: boolean;
  docs: boolean;
  growth: boolean;
  help: boolean;
  /** All of them unless some are named. */
  scenarios: readonly string[];
}

/** The options in these arguments; a sentence where they cannot be meant. */
export function readArguments(args: readonly string[], known: readonly string[]): Options | string {
  try {
    const { scenario = known, ...flags } = parseArgs({ args: [...args], options }).values;
    const unknown = scenario.find((name) => !known.includes(name));
    if (unknown !== undefined) return `there is no scenario "${unknown}"`;
    if (flags.docs && scenario.length < known.length) return '--docs writes all rows: it goes without --scenario';
    if (flags.check && flags.record) return '--check and --record do not go together';
    return { ...flags, scenarios: known.filter((name) => scenario.includes(name)) };
  } catch (error) {
    return (error as Error).message;
  }
}

/** The text of `--help`. */
export function help(known: readonly string[]): string {
  return `npm run bench -- [--quick] [--json] [--check | --record] [--docs] [--scenario NAME]…
npm run bench -- --growth

Measures us beside the ancestor, a bare cat, child-shell, child_process.exec and execa, round by round in one run, with every answer checked.

  --quick           fewer and shorter rounds: less than a minute where nothing else runs
  --json            one JSON document instead of the table
  --check           fails when a ratio is under half of what test/bench/recorded.json has
  --record          writes that file
  --docs            writes the tables of docs/performance.md and README.md
  --growth          instead of that, how one pool grows with its shells, callers and queue: a table in Markdown, in about a minute
  --scenario NAME   only this one; may be given again. One of:
                      ${known.join('\n                      ')}
`;
}

const flag = { type: 'boolean', default: false } as const;
const options = {
  quick: flag,
  json: flag,
  check: flag,
  record: flag,
  docs: flag,
  growth: flag,
  help: { ...flag, short: 'h' },
  scenario: { type: 'string', multiple: true },
} as const;
