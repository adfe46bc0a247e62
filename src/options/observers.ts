import type { InspectionEvent } from 'xstate';
import type { Logger } from '../events/log.ts';
import { expects } from './check.ts';

/** Whether a value is an object with all of these methods. */
export function hasMethods(value: unknown, ...names: string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  );
}

const logMethods = ['debug', 'info', 'warn', 'error'];

export const logger = expects<Logger | false>(
  'false or a logger with the methods debug, info, warn and error',
  (value) => value === false || hasMethods(value, ...logMethods),
);

export const inspector = expects<(event: InspectionEvent) => void>(
  'a function or an observer',
  (value) => typeof value === 'function' || hasMethods(value, 'next'),
);
