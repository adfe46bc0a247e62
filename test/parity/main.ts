import { parseArgs } from 'node:util';
import { whyMissing } from '../support/installed.ts';
import { compare } from './compare.ts';
import { asJson, asText } from './report.ts';
import { shells, type ShellName } from './shells.ts';
import { readSnippets } from './snippets.ts';

const help = `npm run parity -- FILE [--shell NAME] [--json]

Runs every program of a file of JSON lines { id, code, env } in a fresh shell of a pool and as \`<shell> -c code\`, each in
an empty folder and for 10 s at most, compares stdout and status, and prints how many agree and which do not, by class
(docs/parity.md). Programs do what they say: nothing keeps them from the rest of the machine.

  --shell NAME   ${Object.keys(shells).join(', ')} (default: bash)
  --min PERCENT  fail when less agree
  --json         one JSON document, with both runs of every program that differs

Exit status: 0, 1 when a program made its pool hang or left a process, or too few agree, 2 when the arguments are wrong.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const given = readArguments();
  if (typeof given === 'string') return usage(given);
  const { values, positionals } = given;
  if (values.help) return print(help);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return usage(`expected one file, got ${positionals.length}`);
  if (!isShell(values.shell))
    return usage(`expected --shell to be one of ${Object.keys(shells).join(', ')}, got ${values.shell}`);
  const least = Number(values.min);
  if (!(least >= 0 && least <= 100)) return usage(`expected --min to be a percentage, got ${values.min}`);
  const shell = shells[values.shell];
  const missing = whyMissing(shell.dialect);
  if (missing !== undefined) return usage(missing);

  let snippets;
  try {
    snippets = readSnippets(file);
  } catch (error) {
    return usage((error as Error).message);
  }
  const fitting = snippets.filter(({ dash }) => dash || values.shell !== 'dash');
  const comparison = await compare(shell, fitting);
  print((values.json ? asJson : asText)(values.shell, comparison));
  const { total, agree, differing, left } = comparison;
  const isBad = left.length > 0 || differing.some((each) => each.class === 'hang') || agree < (total * least) / 100;
  return isBad ? 1 : 0;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        shell: { type: 'string', default: 'bash' },
        min: { type: 'string', default: '0' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return (error as Error).message;
  }
}

function isShell(name: string): name is ShellName {
  return Object.hasOwn(shells, name);
}

function usage(problem: string): number {
  process.stderr.write(`parity: ${problem}\n\n${help}`);
  return 2;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
