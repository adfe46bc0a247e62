import * as shellwright from 'shellwright';
import { expect, test } from 'vitest';
import { differences } from '../dialects/differences.ts';
import { rowsOf, sectionOf } from '../support/pages.ts';

const page = 'docs/dialects.md';

test(`${page} has every dialect with its command line`, () => {
  const rows = rowsOf(sectionOf(page, '# Dialects')).slice(0, 9);
  const dialects = [
    shellwright.bash(),
    shellwright.sh(),
    shellwright.zsh(),
    shellwright.ksh(),
    shellwright.fish(),
    shellwright.python(),
    shellwright.node(),
    shellwright.powershell(),
    shellwright.cmd(),
  ];
  expect(rows.map(([name, , line]) => [name, line])).toEqual(
    dialects.map((dialect) => [`${dialect.name}()`, commandLine(dialect)]),
  );
});

/** Up to the code that brings a driver in. */
function commandLine({ path, args }: shellwright.Dialect): string {
  const code = args.findIndex((arg) => /\s/.test(arg));
  return [path, ...(code === -1 ? args : [...args.slice(0, code), '…'])].join(' ');
}

test.each(Object.entries(differences))(`${page} names what is excepted from the contract: %s`, (_, { why }) => {
  expect(sectionOf(page, '## What is otherwise in one shell')).toContain(`- ${why}\n`);
});
