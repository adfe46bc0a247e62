import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bash, command, createPool, secret, sh, type Dialect, type Pool, type Secret } from '../../src/index.ts';
import { errorOf, openPool } from '../support/pools.ts';
import { textsOf } from '../support/witness.ts';

const shells: [name: string, shell: Dialect][] = [
  ['bash', bash()],
  ['sh', sh()],
];

describe('secret', () => {
  const token = secret('hunter2');

  test('is *** wherever it is printed', () => {
    expect(String(token)).toBe('***');
    expect(`<${token as unknown as string}>`).toBe('<***>');
    expect([token, 'x'].join()).toBe('***,x');
    expect((token as unknown as string) + 'x').toBe('***x');
    expect(JSON.stringify({ token, list: [token] })).toBe('{"token":"***","list":["***"]}');
    expect(inspect(token)).toBe('***');
    expect(inspect({ deep: { list: [token] } }, { showHidden: true, depth: null })).not.toContain('hunter2');
    expect(inspect(command`curl -u ${token}`, { showHidden: true, depth: null })).not.toContain('hunter2');
    expect(textsOf(token)).toEqual([]);
    expect(Object.keys(token)).toEqual([]);
    expect(JSON.stringify(structuredClone({ token }))).not.toContain('hunter2');
  });

  test.each<[string, unknown, RegExp]>([
    ['an empty string, which stands everywhere', '', /non-empty string, got an empty one/],
    ['undefined', undefined, /got undefined/],
    ['a number', 1234567, /got number/],
    ['a Buffer', Buffer.from('hunter2'), /got object/],
    ['a secret', token, /got object/],
    ['a NUL', 'hunter2\0', /no NUL/],
    ['a lone surrogate', 'hunter2\ud800', /well-formed/],
  ])('refuses %s, and does not show it', (_, value, message) => {
    const make = (): Secret => secret(value as string);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', started: false }));
    expect(make).not.toThrow(/hunter2|1234567/);
  });
});

describe.each(shells)('a secret as a value, in %s', (_, shell) => {
  let pool: Pool;
  beforeAll(() => {
    pool = createPool({ shell, max: 1, logger: false });
  });
  afterAll(() => pool.close({ force: true }));

  test.each([
    ['plain', 'hunter2'],
    ['with quotes', `it's "so" \`so\``],
    ['with what a shell expands', '$HOME $(id) \\ * ~ ! #'],
    ['of many lines', '-----BEGIN-----\nabc\r\n\ndef\n'],
    ['beyond ASCII', 'pässwörd 日本 😀'],
    ['with control characters', 'a\x01\x1b[31m\tb'],
  ])('reaches the shell as it is, and shows as ***: %s', async (_, value) => {
    const run = await pool.$`printf '<%s>' ${secret(value)} end`;
    expect(run.stdout).toBe(`<${value}><end>`);
    expect(run.command).toBe(`printf '<%s>' *** end`);
  });

  test('is one among others in an array, and in a command within a command', async () => {
    const inner = command`printf '<%s>' ${[secret('one'), 'b c', 3]}`;
    const run = await pool.exec(command`${inner}; ${[command`echo ${secret('two')}`, 'x']}`);
    expect(run.stdout).toBe('<one><b c><3>two x\n');
    expect(run.command).toBe(`printf '<%s>' *** 'b c' '3'; echo *** 'x'`);
  });

  test('is taken wherever a command is', async () => {
    const echo = command`echo ${secret('hunter2')}`;
    const results = await pool.execAll([echo, 'true', echo]);
    results.push(await pool.use((session) => session.exec(echo)), await pool.use((session) => session.$`${echo}`));
    expect(results.map(({ command }) => command)).toEqual(['echo ***', 'true', 'echo ***', 'echo ***', 'echo ***']);
    expect(results.map(({ stdout }) => stdout)).toEqual(['hunter2\n', '', 'hunter2\n', 'hunter2\n', 'hunter2\n']);
  });

  test('is masked where its value stands in the text of the command as well', async () => {
    const run = await pool.$`echo hunter2 ${'hunter2'} ${secret('hunter2')}`;
    expect(run.stdout).toBe('hunter2 hunter2 hunter2\n');
    expect(run.command).toBe(`echo *** '***' ***`);
  });
});

describe('a secret where it cannot be', () => {
  const token = secret('hunter2');

  test('inside quotes is refused, and none of the template is shown', async () => {
    const pool = openPool();
    for (const run of [pool.$`echo ${token} "${token}"`, pool.$`echo ${token} "${'plain'}"`]) {
      const error = await errorOf(run);
      expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
      expect(error.message).toContain('echo *** "');
      expect(textsOf(error).join()).not.toContain('hunter2');
    }
  });

  test('in a text with a NUL is refused, and not shown', async () => {
    const strings = Object.assign(['echo ', ' \0'], { raw: ['echo ', ' \0'] });
    const error = await errorOf(openPool().$(strings as unknown as TemplateStringsArray, token));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS' });
    expect(error.message).toContain('echo ***');
    expect(textsOf(error).join()).not.toContain('hunter2');
  });

  test('beside a bad value is refused, and not shown', async () => {
    const error = await errorOf(openPool().$`echo ${[token, {} as string]}`);
    expect(error.message).toContain('[ ***, {} ]');
  });

  test('as a plain string, by quote, is refused: it would be none any more', () => {
    const pool = openPool();
    for (const value of [token, ['a', token], command`echo ${token}`])
      expect(() => pool.quote(value)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });

  test('as a whole command is refused', async () => {
    const error = await errorOf(openPool().exec(token as unknown as string));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS' });
    expect(textsOf(error).join()).not.toContain('hunter2');
  });

  test('which its dialect cannot quote is refused, and not shown', async () => {
    const quote = (value: string): string => {
      throw new Error(`cannot quote ${value}`);
    };
    const error = await errorOf(openPool({ shell: { ...bash(), quote } }).$`echo ${token}`);
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(textsOf(error).join()).not.toContain('hunter2');
  });
});

describe('the policy', () => {
  const token = secret("rm -rf '/'");

  test('looks at the text that the shell would get, and its error shows the other', async () => {
    const pool = openPool({ max: 1, policy: { deny: [/\brm\b/] } });
    for (const run of [pool.$`echo ${token}`, pool.execAll(['true', command`echo ${token}`])]) {
      const error = await errorOf(run);
      expect(error.code).toBe('ERR_POLICY');
      expect(error.message).toBe('The command is denied by the policy (/\\brm\\b/): echo ***');
      expect(textsOf(error).join()).not.toContain('-rf');
    }
    expect(pool.metrics().shells.spawned).toBe(0);
  });

  test('allows by that text, too', async () => {
    const pool = openPool({ max: 1, policy: { allow: [/^echo '[a-z0-9]*'$/] } });
    expect(await pool.$`echo ${secret('hunter2')}`.text()).toBe('hunter2');
    expect((await errorOf(pool.$`echo ${secret('Hunter')}`)).message).toMatch(/allows .*: echo \*\*\*$/);
  });
});
