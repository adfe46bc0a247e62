import { expect, test } from 'vitest';
import { rowsOf, sectionOf, textOf } from '../support/pages.ts';
import { filesUnder } from '../support/repo.ts';

const page = 'docs/migration.md';

test('docs/migration.md has every option of compat, and no other', () => {
  const [, body = ''] =
    /interface StatefulProcessCommandProxyConfig \{\n(.*?)^\}/ms.exec(textOf('src/compat/types.ts')) ?? [];
  const options = Array.from(body.matchAll(/^ {2}(\w+)\??:/gm), ([, name = '']) => name);
  expect(options.length).toBeGreaterThan(15);
  const documented = rowsOf(sectionOf(page, '## Every option')).map(([name = '']) => name);
  expect(documented.toSorted()).toEqual(options.toSorted());
});

test('docs/migration.md names tests that there are', () => {
  const tests = filesUnder('test/compat', '.test.ts').map(textOf).join('\n');
  const named = rowsOf(sectionOf(page, '## What went wrong there')).flatMap(([, , , names = '']) => names.split(', '));
  // A name may hold a comma.
  const known = named.filter((name) => tests.includes(name));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
