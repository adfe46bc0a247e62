import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { bash, command, sh } from '../../src/index.ts';
import { nested, refusalOf } from '../support/options.ts';
import { errorOf, openPool } from '../support/pools.ts';

/** A stream that was read to its end. */
function endedStream(): Readable {
  return Readable.from([]).destroy();
}

/** Option (a dot leads inside), bad value, how the message shows it, what it says was expected. */
const bad: [option: string, value: unknown, shown: string, expected: RegExp][] = [
  ['name', '', "`''` (string)", /non-empty string/],
  ['name', 'a/b', "`'a/b'` (string)", /without "\/"/],
  ['name', 7, '`7` (number)', /string/],
  ['shell', 'bash', "`'bash'` (string)", /a dialect/],
  ['shell', {}, '`{}` (object)', /a dialect/],
  ['min', -1, '`-1` (number)', /non-negative integer/],
  ['min', 1.5, '`1.5` (number)', /non-negative integer/],
  ['min', '1', "`'1'` (string)", /non-negative integer/],
  ['min', Infinity, '`Infinity` (number)', /non-negative integer/],
  ['max', 0, '`0` (number)', /positive integer/],
  ['max', NaN, '`NaN` (number)', /positive integer/],
  ['max', null, '`null` (null)', /positive integer/],
  ['spare', -1, '`-1` (number)', /non-negative integer/],
  ['idleTimeout', -1, '`-1` (number)', /milliseconds/],
  ['idleTimeout', NaN, '`NaN` (number)', /milliseconds/],
  ['maxQueue', -1, '`-1` (number)', /non-negative integer or Infinity/],
  ['maxQueue', 0.5, '`0.5` (number)', /non-negative integer or Infinity/],
  ['acquireTimeout', '5s', "`'5s'` (string)", /milliseconds/],
  ['cwd', '', "`''` (string)", /non-empty string/],
  ['cwd', 'a\0b', String.raw`a\x00b`, /string/],
  ['env', [], '`[]` (array)', /object of strings/],
  ['env', { A: 1 }, '`{ A: 1 }` (object)', /object of strings/],
  ['env', { 'A=B': '1' }, "`{ 'A=B': '1' }` (object)", /object of strings/],
  ['env', { A: 'a\0b' }, '(object)', /without NUL/],
  ['extendEnv', 1, '`1` (number)', /boolean/],
  ['uid', -1, '`-1` (number)', /integer from 0/],
  ['uid', 2 ** 32, '`4294967296` (number)', /integer from 0/],
  ['gid', 'nogroup', "`'nogroup'` (string)", /integer from 0/],
  ['init', 'true', "`'true'` (string)", /array/],
  ['init.0', 5, '`5` (number)', /a string without NUL/],
  ['init.1', 'a\0', '(string)', /without NUL/],
  ['destroy', {}, '`{}` (object)', /array/],
  ['destroy.0', 5, '`5` (number)', /a string without NUL, a command`…` or a function/],
  ['initTimeout', -5, '`-5` (number)', /milliseconds/],
  ['destroyTimeout', Infinity, '`Infinity` (number)', /finite/],
  ['maxUses', 0, '`0` (number)', /positive integer or Infinity/],
  ['maxUses', 1.5, '`1.5` (number)', /positive integer or Infinity/],
  ['maxLifetime', 0, '`0` (number)', /positive number of milliseconds/],
  ['maxLifetime', '1h', "`'1h'` (string)", /positive number of milliseconds/],
  ['validate', true, '`true` (boolean)', /a function/],
  ['healthCheck', [], '`[]` (array)', /object/],
  ['healthCheck.interval', 0, '`0` (number)', /positive number of milliseconds, at most 2147483647/],
  ['healthCheck.interval', Infinity, '`Infinity` (number)', /at most 2147483647/],
  ['healthCheck.timeout', -1, '`-1` (number)', /positive number of milliseconds/],
  ['healthCheck.timeout', NaN, '`NaN` (number)', /positive number of milliseconds/],
  ['healthCheck.commands', undefined, '`undefined` (undefined)', /non-empty array/],
  ['healthCheck.commands', 'true', "`'true'` (string)", /non-empty array of { command, invalidateOn, accept }/],
  ['healthCheck.commands', [], '`[]` (array)', /non-empty array of { command, invalidateOn, accept }/],
  ['healthCheck.commands.0', 'true', "`'true'` (string)", /an object/],
  ['healthCheck.commands.0.command', 5, '`5` (number)', /a string without NUL or a command/],
  ['reset', 'always', "`'always'` (string)", /'none', 'respawn' or a non-empty array of commands/],
  ['reset', [], '`[]` (array)', /'none', 'respawn' or a non-empty array of commands/],
  ['reset.0', () => {}, '(function)', /a string without NUL or a command/],
  ['history', 20, '`20` (number)', /object/],
  ['history.max', -1, '`-1` (number)', /non-negative integer/],
  ['history.output', 'yes', "`'yes'` (string)", /boolean/],
  ['redact', 'a', '', /an array of patterns and secrets, got string/],
  ['redact.0', 'a', '', /a RegExp.* or a secret\(\), got string/],
  ['restart', false, '`false` (boolean)', /object/],
  ['restart.attempts', 0, '`0` (number)', /positive integer/],
  ['restart.cooldown', -1, '`-1` (number)', /milliseconds/],
  ['restart.backoff', 100, '`100` (number)', /object/],
  ['restart.backoff.initial', Infinity, '`Infinity` (number)', /finite/],
  ['restart.backoff.max', -1, '`-1` (number)', /finite/],
  ['restart.backoff.factor', 0.5, '`0.5` (number)', /at least 1/],
  ['restart.backoff.jitter', 2, '`2` (number)', /from 0 to 1/],
  ['timeout', -1, '`-1` (number)', /milliseconds/],
  ['noOutputTimeout', 0, '`0` (number)', /positive number of milliseconds/],
  ['noOutputTimeout', '1s', "`'1s'` (string)", /positive number of milliseconds/],
  ['killGrace', Infinity, '`Infinity` (number)', /finite/],
  ['maxBuffer', 0, '`0` (number)', /positive integer/],
  ['overflow', 'drop', "`'drop'` (string)", /'head', 'tail', 'middle', 'kill'/],
  ['encoding', 'latin1', "`'latin1'` (string)", /'utf8', 'buffer'/],
  ['logger', true, '`true` (boolean)', /a logger/],
  ['logger', { warn() {} }, '(object)', /a logger/],
  ['inspect', 'yes', "`'yes'` (string)", /function or an observer/],
];

describe('createPool', () => {
  test.each(bad)(
    'refuses the option %s with the value %o by name, value and expectation',
    (option, value, shown, expected) => {
      const message = refusalOf(nested(option, value));

      expect(message).toContain(`\`${option}\``);
      expect(message).toContain(shown);
      expect(message).toMatch(expected);
    },
  );

  test.each(['noOutputTimeOut', 'Min', 'timeOut'])('refuses the unknown option %s by its name', (option) => {
    expect(refusalOf({ [option]: 1 })).toMatch(new RegExp(`Unknown option \`${option}\`.*\`1\` \\(number\\)`));
  });

  test.each([
    ['history', { history: { maximum: 1 } }, 'history.maximum'],
    ['healthCheck', { healthCheck: { every: 1, commands: [{ command: ':' }] } }, 'healthCheck.every'],
    ['healthCheck', { healthCheck: { commands: [{ command: ':', on: 1 }] } }, 'healthCheck.commands.0.on'],
    ['restart', { restart: { retries: 1 } }, 'restart.retries'],
    ['restart.backoff', { restart: { backoff: { initially: 1 } } }, 'restart.backoff.initially'],
  ])('refuses an unknown option inside %s by its path', (_, options, path) => {
    expect(refusalOf(options)).toContain(`\`${path}\``);
  });

  test.each([[5], ['bash'], [true], [[]]])('refuses %o in place of an object of options', (given) => {
    expect(refusalOf(given)).toMatch(/createPool to be an object of options/);
  });

  test('refuses a min above an explicit max', () => {
    const message = refusalOf({ min: 3, max: 2 });
    expect(message).toMatch(/`min`.*at most `max` \(2\), got `3`/);
  });

  test('refuses a spare above an explicit max', () => {
    expect(refusalOf({ spare: 3, max: 2 })).toMatch(/`spare`.*at most `max` \(2\), got `3`/);
  });

  test("refuses validate beside reset: 'respawn', which would never ask it", () => {
    expect(refusalOf({ validate: () => true, reset: 'respawn' })).toMatch(/`validate`.*`reset: 'respawn'`/);
  });

  test.each([
    ['healthCheck', { healthCheck: { commands: [{ command: command`echo ${{} as never}` }] } }],
    ['reset', { reset: ['echo \ud800'] }],
  ])('refuses a command of %s that cannot be rendered, before anything starts', (_, options) => {
    expect(refusalOf(options)).toMatch(/^Expected/);
  });

  test('takes an explicit undefined for the default', () => {
    const pool = openPool({ name: undefined, min: undefined, init: undefined, restart: undefined, cwd: undefined });
    openPool({ validate: undefined, healthCheck: undefined, reset: undefined });
    expect(pool.name).toBe('shell');
  });
});

describe('a dialect', () => {
  test.each([
    [() => bash({ path: '' }), /`path`.*bash\(\).*`''`/],
    [() => bash({ args: 'x' as never }), /`args`.*bash\(\).*`'x'`/],
    [() => sh({ path: 3 as never }), /`path`.*sh\(\).*`3`/],
    [() => sh({ nope: 1 } as never), /`nope`.*sh\(\)/],
  ])('refuses a bad option by name, value and expectation (%#)', (make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });
});

describe('a bad option of a call', () => {
  test.each([
    [{ timeout: -1 }, /`timeout`.*pool\.exec.*`-1`/],
    [{ acquireTimeout: 'x' }, /`acquireTimeout`.*pool\.exec/],
    [{ signal: {} }, /`signal`.*AbortSignal/],
    [{ reject: 'no' }, /`reject`.*boolean/],
    [{ priority: NaN }, /`priority`.*finite/],
    [{ meta: 'me' }, /`meta`.*object/],
    [{ maxBuffer: 0 }, /`maxBuffer`/],
    [{ overflow: 'x' }, /`overflow`/],
    [{ encoding: 'x' }, /`encoding`/],
    [{ noOutputTimeout: 0 }, /`noOutputTimeout`.*pool\.exec.*positive number of milliseconds.*`0`/],
    [{ input: 5 }, /`input`.*pool\.exec.*a string.*bytes.*Readable.*'open'.*`5`/],
    [{ input: null }, /`input`.*`null`/],
    [{ input: 'a\ud800' }, /`input`.*well-formed/],
    [{ input: endedStream() }, /`input`.*still to be read/],
    [{ cwd: '' }, /`cwd`.*pool\.exec.*non-empty string.*`''`/],
    [{ cwd: 'a\0b' }, /`cwd`.*without NUL/],
    [{ cwd: 'a\udc00' }, /`cwd`.*well-formed/],
    [{ env: 'A=1' }, /`env`.*pool\.exec.*object/],
    [{ env: ['A=1'] }, /`env`.*object/],
    [{ env: { A: 1 } }, /`env\.A`.*pool\.exec.*a string.*`1`/],
    [{ env: { A: undefined } }, /`env\.A`.*a string.*`undefined`/],
    [{ env: { A: 'a\0b' } }, /`env\.A`.*without NUL/],
    [{ env: { A: '\ud800' } }, /`env\.A`.*well-formed/],
    [{ env: { 'A-B': '1' } }, /`env\.A-B`.*the name of a variable.*`'A-B'`/],
    [{ env: { '1A': '1' } }, /`env\.1A`.*the name of a variable/],
    [{ env: { __sw_c: '1' } }, /`env\.__sw_c`.*the name of a variable/],
    [{ merge: 'yes' }, /`merge`.*pool\.exec.*boolean.*`'yes'`/],
    [{ stdin: 'x' }, /Unknown option `stdin`.*expected one of .*input/],
    ['fast', /pool\.exec.*`'fast'`/],
  ])('rejects exec with ERR_OPTIONS and starts nothing: %o', async (options, message) => {
    const pool = openPool();
    const error = await errorOf(pool.exec('echo hi', options as never));

    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toMatch(message);
    expect(pool.status().size).toBe(0);
  });

  test('resolves exec with the error in the result with reject: false', async () => {
    const result = await openPool().exec('echo hi', { reject: false, timeout: -1 });
    expect(result.error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  });

  test.each([
    ['acquire', { timeout: 1 }],
    ['acquire', { priority: 'high' }],
    ['ready', { signal: 5 }],
    ['ready', { timeout: 5 }],
    ['close', { timeout: -1 }],
    ['close', { force: 'yes' }],
    ['close', { wait: 1 }],
  ] as const)('rejects %s with ERR_OPTIONS: %o', async (method, options) => {
    const error = await errorOf(openPool()[method](options as never));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(`\`${Object.keys(options)[0]}\``);
    expect(error.message).toContain(`pool.${method}`);
  });

  test('of close leaves the pool open', async () => {
    const pool = openPool();
    await errorOf(pool.close({ timeout: -1 }));
    expect((await pool.exec('echo open')).stdout).toBe('open\n');
  });

  test('of use does not call the function', async () => {
    let called = false;
    const error = await errorOf(
      openPool().use(
        () => {
          called = true;
        },
        { priority: 'x' } as never,
      ),
    );
    expect(error.code).toBe('ERR_OPTIONS');
    expect(called).toBe(false);
  });

  test('of execAll rejects and starts nothing', async () => {
    const pool = openPool();
    expect((await errorOf(pool.execAll('pwd' as never))).message).toMatch(/array/);
    expect((await errorOf(pool.execAll(['pwd'], { timeout: -1 }))).message).toMatch(/`timeout`.*pool\.execAll/);
    for (const input of ['open', Readable.from(['x'])] as const)
      expect((await errorOf(pool.execAll(['cat'], { input }))).message).toMatch(
        /`input`.*pool\.execAll.*string or bytes/,
      );
    expect(pool.status().size).toBe(0);
  });
});

describe('a bad command', () => {
  test.each([[undefined], [5], [null], [{}], ['a\0b'], ['\ud800']])(
    'rejects with ERR_OPTIONS and starts nothing: %o',
    async (given) => {
      const pool = openPool();
      const error = await errorOf(pool.exec(given as never));
      expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
      expect(pool.status().size).toBe(0);
    },
  );

  test('in execAll rejects before any command of it runs', async () => {
    const pool = openPool();
    const error = await errorOf(pool.execAll(['echo first', 'bad\0']));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(pool.metrics().commands.finished).toBe(0);
  });
});
