import { defineDialect, isShellwrightError, type DialectDefinition, type Driver } from 'shellwright';
import { expect, test } from 'vitest';
import { openPool } from '../support/pools.ts';

const driver = (secret: string, fences: 'both' | 'stdout'): Driver => ({
  boot: 'exec 3>&2\n',
  frame: (tag, text) =>
    `{ ${text === '' ? ':' : text}\n} </dev/null; printf '\\001${secret}${tag} %s\\n' "$?"${fences === 'both' ? `; printf '\\001${secret}${tag} \\n' >&3` : ''}\n`,
  marker: (tag) => Buffer.from(`\x01${secret}${tag} `),
  report: (payload) => (/^\d+$/.test(payload) ? { exitCode: Number(payload) } : undefined),
  afterInterrupt: (tag) => tag,
});

const definition: DialectDefinition = { name: 'mine', path: '/bin/sh', driver, quote: (value) => `'${value}'` };

test('is a dialect with what was left out', async () => {
  const dialect = defineDialect(definition);
  expect(dialect).toMatchObject({ args: [], capabilities: { signals: false, streamInput: false, localFiles: false } });
  expect(dialect.insideQuotes("'")).toBe(false);
  const pool = openPool({ shell: dialect, max: 1 });
  const { exitCode, stdout, stderr } = await pool.exec('echo out; echo err >&2; (exit 7)');
  expect([exitCode, stdout, stderr]).toEqual([7, 'out\n', 'err\n']);
  expect((await pool.$`echo ${['a b', 'c']}`).stdout).toBe('a b c\n');
});

test('is asked for nothing that cannot reach a program', () => {
  const dialect = defineDialect(definition);
  for (const value of ['a\0', '\ud800', 5 as never]) expect(() => dialect.quote(value)).toThrow(/a value to quote/);
});

const broken = (change: Partial<Record<keyof Driver, unknown>>): object => ({
  ...definition,
  driver: (secret: string, fences: 'both' | 'stdout') => ({ ...driver(secret, fences), ...change }),
});

test.each<[unknown, RegExp]>([
  [undefined, /Expected defineDialect\(\) to be an object of options/],
  [[], /Expected defineDialect\(\) to be an object of options/],
  [{ ...definition, name: '' }, /`name` option of defineDialect\(\) to be a non-empty string/],
  [{ ...definition, path: undefined }, /`path` option/],
  [{ ...definition, args: 'x' }, /`args` option .* an array of strings/],
  [{ ...definition, argument: [] }, /Unknown option `argument` of defineDialect\(\)/],
  [{ ...definition, capabilities: { signal: true } }, /`capabilities.signal`/],
  [{ ...definition, env: { A: 1 } }, /`env` option/],
  [{ ...definition, stdin: 'file' }, /`stdin` option .* 'pipe' or 'socket'/],
  [{ ...definition, quote: 'x' }, /`quote` option .* a function/],
  [{ ...definition, phrases: { nothing: '' } }, /`phrases.changeFolder` option/],
  [{ ...definition, driver: {} }, /`driver` option .* a function/],
  [{ ...definition, driver: () => undefined }, /what is made of the driver .* an object/],
  [broken({ boot: 1 }), /`boot` of the driver .* a string/],
  [broken({ frame: undefined }), /`frame` of the driver .* a function/],
  [broken({ frame: () => 5 }), /`frame` of the driver .* gives a string/],
  [broken({ marker: () => 'text' }), /`marker` of the driver .* a Buffer/],
  [broken({ marker: () => Buffer.from('\0always the same') }), /the secret in it/],
  [broken({ report: () => ({ exitCode: 0 }) }), /`report` of the driver .* undefined/],
  [broken({ afterInterrupt: () => 1 }), /`afterInterrupt` of the driver/],
])('refuses %j by name', (given, message) => {
  let error: unknown;
  try {
    defineDialect(given as DialectDefinition);
  } catch (thrown) {
    error = thrown;
  }
  expect(isShellwrightError(error) && error.code).toBe('ERR_OPTIONS');
  expect(String(error)).toMatch(message);
});

test('refuses a marker that could not be found', () => {
  for (const marker of [
    (tag: string, secret: string) => `s${secret}${tag} `,
    (tag: string, secret: string) => `\n${secret}${tag}\n`,
  ])
    expect(() =>
      defineDialect({
        ...definition,
        driver: (secret, fences) => ({ ...driver(secret, fences), marker: (tag) => Buffer.from(marker(tag, secret)) }),
      }),
    ).toThrow(/whose first byte does not come again/);
});
