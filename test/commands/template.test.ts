import { bash, command, type CommandValue, type Pool } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from 'shellwright';
import { rejection } from '../support/run.ts';

const bad = (value: unknown): CommandValue => value as CommandValue;

describe('a template', () => {
  let pool: Pool;
  beforeAll(() => {
    pool = createPool({ shell: bash(), max: 1, logger: false });
  });
  afterAll(() => pool.close({ force: true }));

  it('quotes each value as one word', async () => {
    const value = 'a b; $(c) "d" \'e\' *';
    expect(await pool.$`printf '<%s>' ${value} ${1} ${2n} ${true} ${-0.5}`.text()).toBe(`<${value}><1><2><true><-0.5>`);
  });

  it('quotes an empty string as one word', async () => {
    expect(await pool.$`printf '<%s>' ${''} a`.text()).toBe('<><a>');
  });

  it('joins a value to the text that touches it', async () => {
    expect(await pool.$`printf '<%s>' pre${'a b'}post --name=${'c d'}`.text()).toBe('<prea bpost><--name=c d>');
  });

  it('spreads an array, one word an item, and an empty one to none', async () => {
    expect(await pool.$`printf '<%s>' ${['a b', 'c', 3, false]} end`.text()).toBe('<a b><c><3><false><end>');
    expect(await pool.$`printf '<%s>' ${[]} end`.text()).toBe('<end>');
  });

  it('takes a command as it is, with its own values quoted, also in an array', async () => {
    const inner = command`printf '<%s>' ${'a b'}`;
    expect(await pool.$`${inner} | cat; ${inner}`.text()).toBe('<a b><a b>');
    expect(await pool.$`printf '<%s>' ${[command`$((1+1))`, 'c d']}`.text()).toBe('<2><c d>');
  });

  it('is accepted wherever a command is', async () => {
    const echo = command`echo ${"it's"}`;
    expect((await pool.exec(echo)).stdout).toBe("it's\n");
    expect((await pool.execAll([echo, 'pwd', echo])).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(await pool.use((session) => session.exec(echo).text())).toBe("it's");
    expect(await pool.use((session) => session.$`${echo}`.text())).toBe("it's");
  });

  it('may be run twice', async () => {
    const echo = command`echo ${'a'}`;
    expect([await pool.exec(echo).text(), await pool.exec(echo).text()]).toEqual(['a', 'a']);
  });

  it('takes the text raw, and unescapes only a backtick and ${', async () => {
    expect((await pool.$`printf '%s' '\d\n\\'`).command).toBe(String.raw`printf '%s' '\d\n\\'`);
    expect(await pool.$`printf '%s' '\d\n\\ \u0041'`.text()).toBe(String.raw`\d\n\\ \u0041`);
    expect((await pool.$`echo \`echo a\` \${HOME:+b}`).stdout).toBe('a b\n');
  });

  it.each([
    ["'", "'"],
    ['"', '"'],
    ["it\\'s '", "'"],
    ['"a\'b', '"'],
  ])('refuses a value inside quotes: %s', async (before, after) => {
    const strings = Object.assign([`echo ${before}`, after], { raw: [`echo ${before}`, after] });
    const error = await rejection(pool.$(strings as unknown as TemplateStringsArray, 'value'));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toContain('inside quotes');
  });

  it('takes a value after quotes that are closed, or escaped', async () => {
    expect(await pool.$`printf '%s' 'a'${'b c'}"d"\'${'e'}`.text()).toBe("ab cd'e");
    expect(await pool.$`printf %s "it's"${' so'}`.text()).toBe("it's so");
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['a function', () => 'a'],
    ['a symbol', Symbol('a')],
    ['a date', new Date(0)],
    ['a Buffer', Buffer.from('a')],
    ['an array in an array', [['a']]],
    ['an array with a hole of undefined', ['a', undefined]],
    ['a promise', Promise.resolve('a')],
  ])('rejects %s as a value, and does not throw', async (_, value) => {
    for (const run of [
      pool.$`echo ${bad(value)}`,
      pool.exec(command`echo ${bad(value)}`),
      pool.$`echo ${command`${bad(value)}`}`,
    ]) {
      const error = await rejection(run);
      expect(error).toMatchObject({ name: 'ShellwrightError', code: 'ERR_OPTIONS', started: false });
      expect(run.state).toBe('ended');
    }
    expect(() => pool.quote(bad(value))).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a number', 7],
    ['an object', {}],
    ['null', null],
    ['an array', ['echo']],
  ])('rejects %s as a command, and does not throw', async (_, given) => {
    expect(await rejection(pool.exec(given as string))).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    const { error, stdout } = await pool.exec(given as string, { reject: false });
    expect([error?.code, stdout]).toEqual(['ERR_OPTIONS', '']);
  });

  it('quotes by itself: quote', async () => {
    expect((await pool.exec(`printf '<%s>' ${pool.quote("it's")} ${pool.quote(['a b', 1])}`)).stdout).toBe(
      "<it's><a b><1>",
    );
  });
});

describe('$', () => {
  let pool: Pool;
  beforeAll(() => {
    pool = createPool({ shell: bash(), max: 1, logger: false });
  });
  afterAll(() => pool.close({ force: true }));

  it('rejects when the command fails, with the result’s fields', async () => {
    const error = await rejection(pool.$`echo out; echo err >&2; exit_with() { return $1; }; exit_with ${3}`);
    expect(error).toMatchObject({
      code: 'ERR_COMMAND_FAILED',
      started: true,
      exitCode: 3,
      failed: true,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(error.message).toContain('err');
  });

  it('resolves when it does not', async () => {
    expect(await pool.$`echo out`).toMatchObject({ exitCode: 0, stdout: 'out\n', failed: false });
  });

  it('called with options is a $ bound to them', async () => {
    const bound = pool.$({ reject: false, encoding: 'buffer' });
    const result = await bound`printf ${'a b'}; false`;
    expect(result.exitCode).toBe(1);
    expect(result.error).toBeUndefined();
    expect(result.stdout.equals(Buffer.from('a b'))).toBe(true);
  });

  it('can be bound again, and each keeps its own options', async () => {
    const lenient = pool.$({ reject: false });
    const short = lenient({ maxBuffer: 2 });
    expect((await short`echo abc; false`).stdout).toBe('ab');
    expect((await lenient`echo abc; false`).stdout).toBe('abc\n');
    expect((await rejection(pool.$`echo abc; false`)).code).toBe('ERR_COMMAND_FAILED');
  });

  it('rejects bad bound options by name', async () => {
    const error = await rejection(pool.$({ timeout: -1 })`echo a`);
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toContain('timeout');
    expect((await rejection(pool.$({ nonsense: 1 } as object)`echo a`)).message).toContain('nonsense');
  });

  it.each([undefined, null, 'echo a', 3, ['echo a']])('refuses to be called with %j', (value) => {
    expect(() => (pool.$ as unknown as (value: unknown) => unknown)(value)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS' }),
    );
  });
});
