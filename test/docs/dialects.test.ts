import * as shellwright from 'shellwright';
import { expect, test } from 'vitest';
import { differences } from '../dialects/differences.ts';
import { rowsOf, sectionOf } from '../support/pages.ts';

const page = 'docs/dialects.md';

test(`${page} has every dialect with its command line`, () => {
  const rows = rowsOf(sectionOf(page, '# Dialects')).slice(0, 6);
  const dialects = [
    shellwright.bash(),
    shellwright.sh(),
    shellwright.zsh(),
    shellwright.ksh(),
    shellwright.python(),
    shellwright.node(),
  ];
  expect(rows.map(([name, , line]) => [name, line])).toEqual(
    dialects.map(({ name, path, args }) => [`${name}()`, [path, ...args.map(shown)].join(' ')]),
  );
});

/** The driver that an interpreter runs is long. */
const shown = (arg: string): string => (arg.includes('\n') ? '…' : arg);

test.each(Object.entries(differences))(`${page} names what is excepted from the contract: %s`, (_, { why }) => {
  expect(sectionOf(page, '## What is otherwise in one shell')).toContain(`- ${why}\n`);
});
