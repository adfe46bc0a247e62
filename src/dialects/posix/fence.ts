import type { Report } from '../dialect.ts';
import { ownReport } from './extras.ts';

/** Marker, status, last background job, flags: `\0<secret><tag> <status> <$!> <flags>\n`. The secret starts with a letter, since printf reads digits after \0 as octal. */
export function markerOf(secret: string, tag: string): Buffer {
  return Buffer.from(`\0${secret}${tag} `, 'latin1');
}

/** Whether a command may set an EXIT trap. What such a trap writes belongs to the command that ends the shell. */
export function mayTrapExit(text: string): boolean {
  return text.includes('trap') && /\b(?:EXIT|exit|0)\b/i.test(text);
}

/** Reads `<status> <$!> <flags>`. @param highest status that the shell has, one less than a power of 2 */
export function parseReport(payload: string, highest = 255): Report | undefined {
  const match = /^(\d{1,4}) (\d*) (x?)$/.exec(payload);
  if (!match) return undefined;
  const status = Number(match[1]);
  const rest = { job: Number(match[2]), left: match[3] === 'x' };
  return status <= highest
    ? { exitCode: status, ...rest }
    : { exitCode: status & highest, ...rest, ...ownReport(status) };
}
