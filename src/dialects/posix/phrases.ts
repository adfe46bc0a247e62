import type { Dialect, Phrases } from '../dialect.ts';

export function phrasesOf({ phrases = posix }: Pick<Dialect, 'phrases'>): Phrases {
  return phrases;
}

const posix: Phrases = {
  nothing: ':',
  changeFolder: ['cd -- ', ''],
  setVariable: (name) => [`export ${name}=`, ''],
  unsetVariable: (name) => `unset -v ${name}`,
  and: ' && ',
};
