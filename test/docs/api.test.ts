import { describe, expect, test } from 'vitest';
import { exportsOf } from '../reference/exports.ts';
import { entries, page, referencePage } from '../reference/page.ts';
import { textOf } from '../support/pages.ts';

test('docs/api.md is what `npm run api` makes of the doc comments', () => {
  expect(textOf(page)).toBe(referencePage());
});

describe.each(Object.entries(entries))('what %s exports', (_, entry) => {
  const all = exportsOf(entry);

  test('is there, and has a doc comment', () => {
    expect(all).not.toEqual([]);
    expect(all.filter(({ doc }) => doc === '').map(({ name }) => name)).toEqual([]);
  });

  test('has a doc comment, or a default that says it, on every option', () => {
    const options = all
      .filter(({ name }) => name.endsWith('Options'))
      .flatMap(({ name, members }) => members.map((member) => ({ of: name, ...member })));
    expect(
      options.filter(({ doc, defaults }) => doc === '' && defaults.length === 0).map(({ of, name }) => `${of}.${name}`),
    ).toEqual([]);
  });

  test('says of every time that it is in ms', () => {
    const times = all.flatMap(({ name, members }) =>
      members
        .filter((member) => /(?:[Tt]imeout|Grace|Lifetime|Ms|^cooldown|^interval|^period)$/.test(member.name))
        .map((member) => ({ of: name, ...member })),
    );
    expect(
      times.filter(({ doc }) => !/\b(?:[Mm]s|[Mm]illiseconds)\b/.test(doc)).map(({ of, name }) => `${of}.${name}`),
    ).toEqual([]);
  });

  test('has a doc comment on every method of a class, but those of promises and emitters', () => {
    const known = new Set(['then', 'catch', 'finally', 'once', 'off', 'toString', 'toJSON']);
    const methods = all
      .filter(({ kind }) => kind === 'class')
      .flatMap(({ name, members }) =>
        members
          .filter((member) => member.signatures.some((text) => text.startsWith(member.name) && /^\w+[(<]/.test(text)))
          .map((member) => ({ of: name, ...member })),
      );
    expect(
      methods.filter(({ doc, name }) => doc === '' && !known.has(name)).map(({ of, name }) => `${of}.${name}`),
    ).toEqual([]);
  });

  test('names an error code of each function and method that can throw', () => {
    const throwing = all
      .flatMap((exported) => [exported, ...exported.members])
      .filter(({ throws }) => throws.length > 0);
    expect(
      throwing.filter(({ throws }) => throws.some((text) => !/ERR_\w+|^as `/.test(text))).map(({ name }) => name),
    ).toEqual([]);
  });
});
