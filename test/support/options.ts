import { expect } from 'vitest';
import { createPool, isShellwrightError, type PoolOptions } from '../../src/index.ts';

/** What `createPool` says of options that it must refuse. */
export function refusalOf(options: unknown): string {
  try {
    const pool = createPool(options as PoolOptions);
    void pool.close({ force: true });
  } catch (error) {
    if (!isShellwrightError(error)) throw error;
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.started).toBe(false);
    return error.message;
  }
  throw new Error(`createPool took ${JSON.stringify(options)}`);
}

/** `a.b.0` and a value as `{ a: { b: [value] } }`; an index above 0 gets valid items before it. */
export function nested(path: string, value: unknown): unknown {
  const [key = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : nested(rest.join('.'), value);
  if (!/^\d+$/.test(key)) return { [key]: inner };
  return [...Array.from({ length: Number(key) }, () => ':'), inner];
}
