import { expect, test } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { rowsOf, sectionOf } from '../support/pages.ts';

test('docs/errors.md says of every code what it means, what to do, and whether to try again', () => {
  const rows = rowsOf(sectionOf('docs/errors.md', '## The codes'));
  expect(rows.map(([code = '']) => code).toSorted()).toEqual(Object.keys(errorCodes).toSorted());
  const incomplete = rows.filter((cells) => cells.length !== 4 || cells.includes(''));
  expect(incomplete).toEqual([]);
});
