import type * as v from 'valibot';
import { Secret } from '../commands/secret.ts';
import { expects } from './check.ts';

/** Variables by name; `undefined` drops one. */
export type Variables = Record<string, string | Secret | undefined>;

/** @param expected completes "Expected … to be" */
export function variables(expected: string, isName: (name: string) => boolean): v.GenericSchema<Variables> {
  return expects<Variables>(
    expected,
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.entries(value).every(([name, item]) => isName(name) && isVariable(item)),
  );
}

function isVariable(value: unknown): boolean {
  return value === undefined || value instanceof Secret || (typeof value === 'string' && !value.includes('\0'));
}
