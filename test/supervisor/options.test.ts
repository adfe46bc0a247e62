import { describe, expect, test } from 'vitest';
import { createSupervisor, type SupervisorOptions } from '../../src/index.ts';
import { errorOf } from '../support/pools.ts';
import { child, openTree } from '../support/trees.ts';

/** The message of the one error; nothing is made. */
function refusalOf(options: unknown): string {
  try {
    createSupervisor(options as SupervisorOptions);
  } catch (error) {
    expect(error).toMatchObject({ name: 'ShellwrightError', code: 'ERR_OPTIONS', started: false });
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

const ofChild = (options: object): object => ({ children: [child('ok'), { id: 'git', pool: {}, ...options }] });
const nested = (options: object): object => ({ children: [{ id: 'o365', supervisor: options }] });
const circular: { children: object[] } = { children: [] };
circular.children.push({ id: 'a', supervisor: { children: [{ id: 'b', supervisor: circular }] } });

describe('createSupervisor refuses', () => {
  test.each<[what: string, options: unknown, message: RegExp]>([
    ['no object', 5, /Expected createSupervisor to be an object, got `5` \(number\)/],
    ['a list', [], /Expected createSupervisor to be an object of options, got `\[\]` \(array\)/],
    ['a RegExp', /x/, /Expected createSupervisor to be an object, got `\/x\/`/],
    ['a name with a slash', { name: 'a/b' }, /`name` option of createSupervisor .*"\/".*got `'a\/b'`/],
    [
      'an unknown strategy',
      { strategy: 'simple_one_for_one' },
      /`strategy` .*'rest_for_one', got `'simple_one_for_one'`/,
    ],
    ['intensity Infinity', { intensity: Infinity }, /`intensity` .*a non-negative integer, got `Infinity` \(number\)/],
    ['intensity -1', { intensity: -1 }, /`intensity` .*got `-1`/],
    ['intensity 0.5', { intensity: 0.5 }, /`intensity` .*got `0.5`/],
    ['period 0', { period: 0 }, /`period` .*a positive, finite number of milliseconds, got `0` \(number\)/],
    ['period Infinity', { period: Infinity }, /`period` .*got `Infinity`/],
    ['period as text', { period: '5s' }, /`period` .*got `'5s'` \(string\)/],
    ['children that are no list', { children: { git: {} } }, /`children` option of createSupervisor to be an array/],
    [
      'auto_shutdown',
      { auto_shutdown: 'any' },
      /Unknown option `auto_shutdown` of createSupervisor.*expected one of name/,
    ],
    ['a logger that is none', { logger: {} }, /`logger` option of createSupervisor to be false or a logger/],
    ['a child that is no object', { children: ['git'] }, /Expected children\.0 of createSupervisor to be an object/],
    ['a child without id', { children: [{ pool: {} }] }, /`id` option of children\.0 of createSupervisor to be given/],
    ['an id with a slash', ofChild({ id: 'a/b' }), /`id` option of children\.1 of createSupervisor .*got `'a\/b'`/],
    ['an empty id', ofChild({ id: '' }), /`id` option of children\.1 .*got `''`/],
    ['an id with a line break', ofChild({ id: 'a\nb' }), /`id` option of children\.1 .*control characters/],
    ['the id __proto__', ofChild({ id: '__proto__' }), /`id` option of children\.1 .*Object\.prototype/],
    ['the id constructor', ofChild({ id: 'constructor' }), /`id` option of children\.1 .*Object\.prototype/],
    ['a number for an id', ofChild({ id: 7 }), /`id` option of children\.1 .*got `7` \(number\)/],
    [
      'an id twice',
      ofChild({ id: 'ok' }),
      /ids of the children of createSupervisor to be unique, got `'ok'` .*children\.0 and children\.1/,
    ],
    [
      'neither pool nor supervisor',
      ofChild({ pool: undefined }),
      /child root\/git in createSupervisor .*`pool` and `supervisor`, got neither/,
    ],
    [
      'both pool and supervisor',
      ofChild({ supervisor: {} }),
      /child root\/git in createSupervisor .*`pool` and `supervisor`, got both/,
    ],
    [
      'an unknown restart',
      ofChild({ restart: 'always' }),
      /`restart` option of child root\/git .*'permanent', 'transient', 'temporary', got `'always'`/,
    ],
    ['a negative shutdown', ofChild({ shutdown: -1 }), /`shutdown` option of child root\/git .*got `-1`/],
    [
      'shutdown Infinity',
      ofChild({ shutdown: Infinity }),
      /`shutdown` option of child root\/git .*'infinity', got `Infinity`/,
    ],
    [
      'significant',
      ofChild({ significant: true }),
      /Unknown option `significant` of child root\/git .*expected one of id, pool/,
    ],
    [
      'a pool that is no object',
      ofChild({ pool: true }),
      /Expected pool root\/git in createSupervisor to be an object/,
    ],
    [
      'a bad option of a pool',
      ofChild({ pool: { max: 0 } }),
      /`max` option of pool root\/git in createSupervisor .*got `0`/,
    ],
    [
      'a contradiction in a pool',
      ofChild({ pool: { min: 2, max: 1 } }),
      /`min` option of pool root\/git .*at most `max` \(1\), got `2`/,
    ],
    ['an unknown option of a pool', ofChild({ pool: { maxx: 1 } }), /Unknown option `maxx` of pool root\/git/],
    [
      'inspect of a pool',
      ofChild({ pool: { inspect() {} } }),
      /`inspect` option of pool root\/git .*absent.*whole tree/,
    ],
    ['inspect of a subtree', nested({ inspect() {} }), /`inspect` option of supervisor root\/o365 .*absent/],
    [
      'a bad option of a subtree',
      nested({ period: 0 }),
      /`period` option of supervisor root\/o365 in createSupervisor/,
    ],
    ['a bad child of a subtree', nested({ children: [{}] }), /`id` option of children\.0 of supervisor root\/o365/],
    [
      'a bad pool of a subtree',
      nested({ children: [child('mail', { pool: { min: -1 } })] }),
      /`min` option of pool root\/o365\/mail/,
    ],
    [
      'an id twice in a subtree',
      nested({ children: [child('m'), child('m')] }),
      /children of supervisor root\/o365 in createSupervisor to be unique/,
    ],
    ['a supervisor below itself', circular, /child root\/a\/b in createSupervisor not to be a child of itself/],
  ])('%s', (_, options, message) => {
    expect(refusalOf(options)).toMatch(message);
  });

  test('a bad child anywhere before anything is started', () => {
    let asked = 0;
    const logger = { debug: () => asked++, info: () => asked++, warn: () => asked++, error: () => asked++ };
    refusalOf({ logger, children: [child('a'), { id: 'o365', supervisor: { children: [child('b'), { id: 'c' }] } }] });
    expect(asked).toBe(0);
  });
});

describe('startChild refuses', () => {
  test.each<[unknown, RegExp]>([
    [undefined, /Expected the child of startChild to be an object/],
    [{ id: 'x' }, /child root\/x in startChild .*got neither/],
    [{ id: 'a/b', pool: {} }, /`id` option of the child of startChild/],
    [{ id: 'x', pool: { max: 0 } }, /`max` option of pool root\/x in startChild/],
    [{ id: 'x', supervisor: { intensity: Infinity } }, /`intensity` option of supervisor root\/x in startChild/],
    [{ id: 'x', pool: {}, type: 'worker' }, /Unknown option `type` of child root\/x in startChild/],
  ])('%o', async (given, message) => {
    const tree = openTree();
    const error = await errorOf(tree.startChild(given as never));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toMatch(message);
    expect(tree.count().specs).toBe(0);
  });
});

test.each([
  ['close', { timeout: -1 }, /`timeout` option of supervisor\.close/],
  ['close', { force: 'yes' }, /`force` option of supervisor\.close/],
  ['close', { wait: 1 }, /Unknown option `wait` of supervisor\.close/],
  ['ready', { signal: 5 }, /`signal` option of supervisor\.ready/],
] as const)('%s refuses %o, and the tree goes on', async (method, options, message) => {
  const tree = openTree({ children: [child('a')] });
  const error = await errorOf(tree[method](options as never));
  expect(error.code).toBe('ERR_OPTIONS');
  expect(error.message).toMatch(message);
  await tree.ready();
  expect(tree.count().active).toBe(1);
});

test('ready can be aborted', async () => {
  const tree = openTree({ children: [child('a', { pool: { min: 1, init: ['sleep 5'] } })] });
  const controller = new AbortController();
  const waiting = errorOf(tree.ready({ signal: controller.signal }));
  controller.abort();
  expect((await waiting).code).toBe('ERR_ABORTED');
  expect((await errorOf(tree.ready({ signal: AbortSignal.abort() }))).code).toBe('ERR_ABORTED');
});

test('everything has a default', async () => {
  const tree = createSupervisor();
  await tree.ready();
  expect(tree.tree()).toMatchObject({
    name: 'root',
    strategy: 'one_for_one',
    intensity: 3,
    period: 5_000,
    children: [],
  });
  await tree.startChild({ id: 'git', pool: {} });
  await tree.startChild({ id: 'o365', supervisor: {} });
  expect(tree.children()).toMatchObject([
    { restart: 'permanent', shutdown: 5_000 },
    { restart: 'permanent', shutdown: 'infinity' },
  ]);
  expect([tree.pool('git').name, tree.supervisor('o365').name]).toEqual(['git', 'o365']);
  await tree.close();
});
