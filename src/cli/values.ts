import { UsageError } from './usage-error.ts';

/** @throws {UsageError} */
export function parseCount(flag: string, value: string, least: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`Expected ${flag} to be a whole number of at least ${least}, got '${value}'`);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds: `500`, `500ms`, `1.5s`, `2m`, `1h`.
 * @throws {UsageError}
 */
export function parseDuration(flag: string, value: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value) ?? [];
  const ms = Number(digits) * (unitMs[unit || 'ms'] ?? Number.NaN);
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new UsageError(`Expected ${flag} to be a time above 0 like 500 (milliseconds), 5s, 2m or 1h, got '${value}'`);
}
