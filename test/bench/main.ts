import { parseArgs } from 'node:util';
import { measure, type Effort, type Figures } from './measure.ts';
import { allRight, asJson, asTable, legend } from './report.ts';
import { scenarios } from './scenarios.ts';

const help = `npm run bench -- [--quick] [--json] [--scenario NAME]…

Measures us against the ancestor and the raw pipe limit, and with an inspector, slice by slice in one run, with every answer checked.

  --quick           fewer and shorter slices, under 40 s in all
  --json            one JSON document instead of tables
  --scenario NAME   only this one; may be given again. One of:
                      ${scenarios.map(({ name }) => name).join('\n                      ')}
`;

const full: Effort = { rounds: 31, slice: 250 };
const quick: Effort = { rounds: 11, slice: 80 };

process.exitCode = await main();

/** The exit code: 0, 1 when an answer was wrong, 2 when the arguments are. */
async function main(): Promise<number> {
  const options = readArguments();
  if (typeof options === 'string') return usage(options);
  if (options.help) return print(help);
  const { scenario: wanted = scenarios.map(({ name }) => name), json } = options;
  const unknown = wanted.find((name) => scenarios.every((scenario) => scenario.name !== name));
  if (unknown !== undefined) return usage(`there is no scenario "${unknown}"`);

  const figures: Figures[] = [];
  for (const scenario of scenarios.filter(({ name }) => wanted.includes(name))) {
    const measured = await measure(scenario, options.quick ? quick : full);
    figures.push(measured);
    if (!json) print(asTable(measured));
  }
  print(json ? asJson(figures) : legend);
  return allRight(figures) ? 0 : 1;
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        scenario: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

function usage(problem: string): number {
  process.stderr.write(`bench: ${problem}\n\n${help}`);
  return 2;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
