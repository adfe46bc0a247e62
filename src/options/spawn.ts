import { expects } from './check.ts';

export const cwd = expects<string>(
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);

export const env = expects<Record<string, string | undefined>>(
  'an object of strings without NUL',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([key, item]) =>
        /^[^=\0]+$/.test(key) && (item === undefined || (typeof item === 'string' && !item.includes('\0'))),
    ),
);

/** Of a user or a group. */
export const id = expects<number>(
  'an integer from 0 to 4294967295',
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
);
