import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from '../support/pages.ts';
import { filesUnder, repoRoot } from '../support/repo.ts';

test.each(['README.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')])(
  'every relative link of %s leads somewhere',
  (page) => {
    const links = Array.from(
      textOf(page).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g),
      ([, path = '', anchor]) => ({
        path: path === '' ? page : join(dirname(page), path),
        anchor,
      }),
    );
    const dead = links.filter(({ path, anchor }) => !existsSync(join(repoRoot, path)) || !hasAnchor(path, anchor));
    expect(dead).toEqual([]);
  },
);

test('the README names every page of the docs', () => {
  const readme = textOf('README.md');
  expect(filesUnder('docs', '.md').filter((page) => !readme.includes(`](${page}`))).toEqual([]);
});

test.each(['README.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')])('every other link of %s is https', (page) => {
  const links = Array.from(textOf(page).matchAll(/\]\((\w+:[^)\s]*)\)/g), ([, link = '']) => link);
  expect(links.filter((link) => !link.startsWith('https://') || !URL.canParse(link))).toEqual([]);
});

/** The anchor of a heading as GitHub makes it. */
function hasAnchor(path: string, anchor: string | undefined): boolean {
  if (anchor === undefined) return true;
  const headings = textOf(path).matchAll(/^#+ (.*)$/gm);
  const slugs = Array.from(headings, ([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return slugs.includes(anchor);
}
