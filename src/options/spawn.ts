import { expects } from './check.ts';
import { variables } from './variables.ts';

export const cwd = expects<string>(
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);

export const env = variables('an object of strings without NUL', (name) => /^[^=\0]+$/.test(name));

/** Of a user or a group. */
export const id = expects<number>(
  'an integer from 0 to 4294967295',
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
);
