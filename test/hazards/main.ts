import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyMissing } from '../support/installed.ts';
import { repoRoot } from '../support/repo.ts';
import { attemptAll, dialects } from './attempt.ts';
import { readExpected, rowsFor, writeExpected, type Expected } from './expected.ts';
import { shellNames } from './hazard.ts';
import { table } from './table.ts';

// npm run hazards: tries every hazard, adds what came of it to expected.json, and writes the tables of docs/hazards.md; with --docs only that.
const known = process.argv.includes('--fresh') ? {} : readExpected();
const page = join(repoRoot, 'docs/hazards.md');
const hazards = Object.values(table).flat();
const folder = mkdtempSync(join(tmpdir(), 'hazards-'));
let wrong = 0;
for (const shell of process.argv.includes('--docs')
  ? []
  : shellNames.filter((name) => whyMissing(dialects[name]) === undefined)) {
  const here = join(folder, shell);
  mkdirSync(here);
  for (const { hazard, attempt } of await attemptAll(shell, hazards, here)) {
    const before = (known[hazard.name] ??= {})[shell] ?? [];
    if (!before.includes(attempt.outcome))
      known[hazard.name] = { ...known[hazard.name], [shell]: [...before, attempt.outcome].toSorted() };
    if (attempt.wrong === undefined) continue;
    wrong++;
    console.log(`${shell}: ${hazard.name}: ${attempt.outcome}: ${attempt.wrong}`);
  }
}
rmSync(folder, { recursive: true, force: true });
const expected: Expected = Object.fromEntries(hazards.map(({ name }) => [name, known[name] ?? {}]));
writeExpected(expected);
writeFileSync(page, withTables(readFileSync(page, 'utf8'), expected));
process.exitCode = wrong === 0 ? 0 : 1;

function withTables(text: string, all: Expected): string {
  const head = text.slice(0, text.indexOf(`\n## ${Object.keys(table)[0]}\n`));
  const sections = Object.entries(table).map(([name, group]) =>
    [
      `\n## ${name}\n`,
      `| | command | ${shellNames.join(' | ')} |`,
      `| --- | --- | ${shellNames.map(() => '---').join(' | ')} |`,
      ...rowsFor(group, all).map(([title = '', command = '', ...rest]) => {
        const code = command.replaceAll('|', '\\|');
        return `| ${title} | ${code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``} | ${rest.join(' | ')} |`;
      }),
    ].join('\n'),
  );
  return `${head}${sections.join('\n')}\n`;
}
