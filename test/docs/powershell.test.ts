import { expect, test } from 'vitest';
import { commands, differences } from '../dialects/powershell/commands.ts';
import { rowsOf, sectionOf, textOf } from '../support/pages.ts';

const page = 'docs/powershell.md';

test(`${page} has every option of powershell(), and no other`, () => {
  const [, body = ''] =
    /interface PowerShellOptions \{\n(.*?)^\}/ms.exec(textOf('src/dialects/powershell/options.ts')) ?? [];
  const names = Array.from(body.matchAll(/^ {2}(\w+)\?:/gm), ([, name]) => name);
  expect(rowsOf(sectionOf(page, '## Options')).map(([name]) => name)).toEqual(names);
});

test(`${page} names every difference from pwsh -Command, and how many commands were compared`, () => {
  const section = sectionOf(page, '## What is otherwise than in `pwsh -Command`');
  for (const difference of Object.values(differences)) expect(section).toContain(`- ${difference}\n`);
  expect(section).toContain(`Of ${commands.length} commands of every kind`);
  expect(commands.length).toBeGreaterThanOrEqual(50);
});
