import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { bash, type ExecResult, ksh, secret, sh, zsh } from '../../src/index.ts';
import { whyMissing } from '../support/installed.ts';
import { errorOf, openPool } from '../support/pools.ts';

const own = { input: 'in', cwd: '/usr', env: { A: 'a' }, merge: true } as const;
const text = 'cat; pwd; sh -c \'echo "$A" >&2\'';
const expected = 'in/usr\na\n';

describe.each([
  ['bash', bash],
  ['sh', sh],
  ['zsh', zsh],
  ['ksh', ksh],
] as const)('what a command has of its own, in %s', (_, dialect) => {
  const missing = whyMissing(dialect());
  beforeEach(({ skip }) => skip(missing !== undefined, missing));

  test('is given to exec, execAll and $ of the pool', async () => {
    const pool = openPool({ shell: dialect() });
    expect(await pool.exec(text, own)).toMatchObject({ stdout: expected, stderr: '' });
    const results = await pool.execAll([text, 'cat; cd /; pwd', text], own);
    expect(results.map(({ stdout }) => stdout)).toEqual([expected, 'in/\n', expected]);
    expect(await pool.$(own)`cat; pwd; sh -c 'echo "$A" >&2'; echo ${"it's"}`.text()).toBe(`${expected}it's`);
  });

  test('is given to exec, execAll and $ of a session', async () => {
    await openPool({ shell: dialect() }).use(async (session) => {
      await session.exec('cd /tmp; x=kept');
      expect((await session.exec(text, own)).stdout).toBe(expected);
      expect((await session.execAll(['cat', 'cat'], own)).map(({ stdout }) => stdout)).toEqual(['in', 'in']);
      const bound = session.$(own);
      expect([await bound`cat`.text(), await bound`cat`.text()]).toEqual(['in', 'in']);
      expect((await session.exec('cat; pwd; echo "$x [$A]"')).stdout).toBe('/tmp\nkept []\n');
    });
  });

  test('is given to the shell of an init function', async () => {
    const seen: ExecResult[] = [];
    const pool = openPool({
      shell: dialect(),
      max: 1,
      init: [
        async (shell) => {
          seen.push(await shell.exec(`${text}; x=kept`, own));
          seen.push(await shell.exec(text, { ...own, input: Readable.from(['stream']) }));
          seen.push(...(await shell.execAll(['cat', 'cat'], { input: 'all' })));
          const run = shell.exec('cat', { input: 'open' });
          run.stdin?.end('open');
          seen.push(await run);
          expect((await errorOf(shell.execAll(['cat'], { input: 'open' }))).message).toMatch(/shell\.execAll/);
        },
      ],
    });
    expect((await pool.exec('echo "$x"; pwd; cat')).stdout).toBe(`kept\n${process.cwd()}\n`);
    const outputs = seen.map(({ stdout }) => stdout);
    expect(outputs).toEqual([expected, 'stream/usr\na\n', 'all', 'all', 'open']);
  });

  test('stays apart in 16 shells at once', async () => {
    const pool = openPool({ shell: dialect(), max: 16 });
    const runs = Array.from({ length: 160 }, (_, n) => {
      const bytes = `${n} `.repeat(20_000);
      const input = n % 3 === 0 ? bytes : n % 3 === 1 ? Readable.from([bytes.slice(0, 9), bytes.slice(9)]) : 'open';
      const run = pool.exec('cat; pwd; echo "$A"', { input, cwd: n % 2 ? '/usr' : '/', env: { A: `${n}` } });
      run.stdin?.end(bytes);
      return run.then(({ stdout }) => stdout === `${bytes}${n % 2 ? '/usr' : '/'}\n${n}\n`);
    });
    expect((await Promise.all(runs)).filter((right) => !right)).toEqual([]);
  });

  test('is as it was when the command was given, not when it runs', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    const env = { A: '1' };
    const first = pool.exec('sleep 0.1');
    const run = pool.exec('echo "$A"', { env });
    env.A = '2';
    expect((await run).stdout).toBe('1\n');
    await first;
  });
});

test.each(['streamInput', 'localFiles'])('input is refused without %s, and nothing is started', async (lacking) => {
  const shell = { ...bash(), capabilities: { signals: true, streamInput: true, localFiles: true, [lacking]: false } };
  const pool = openPool({ shell });
  for (const input of ['x', Readable.from(['x']), 'open', secret('x')] as const) {
    const error = await errorOf(pool.exec('cat', { input }));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toMatch(new RegExp(`\`input\`.*pool\\.exec.*bash.*${lacking}`));
  }
  expect(pool.status().size).toBe(0);
});

test.each([{ input: 'x' }, { cwd: '/' }, { env: {} }, { merge: true }])(
  'a dialect that has nothing of the kind refuses %j',
  async (options) => {
    const { extras: _, ...shell } = bash();
    const pool = openPool({ shell });
    const error = await errorOf(pool.exec('cat', options));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toContain(
      `\`${Object.keys(options)[0]}\` option of pool.exec not to be given: bash has none`,
    );
    expect(pool.status().size).toBe(0);
  },
);

test('a long command is written to the shell as it is where that does not see the files of this host', async () => {
  const shell = { ...bash(), capabilities: { signals: true, streamInput: true, localFiles: false } };
  const value = "it's long ".repeat(2_000);
  expect((await openPool({ shell }).$`printf %s ${value}`).stdout).toBe(value);
});
