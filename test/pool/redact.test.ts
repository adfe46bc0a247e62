import { describe, expect, test } from 'vitest';
import { command, createPool, secret, sh, type PoolOptions } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, record } from '../support/pools.ts';
import { textsOf, witnessedPool } from '../support/witness.ts';

const hasKey = (text: string): boolean => /AKIA[0-9]/.test(text);

describe('redact', () => {
  test('masks what matches in all that is stored or sent, but not in stdout and stderr of the result', async () => {
    const { pool, seen } = witnessedPool({ redact: [/AKIA\d+/] });
    const result = await pool.exec('echo AKIA123 x; echo AKIA456 >&2', { meta: { key: 'AKIA789', list: ['AKIA1'] } });
    expect(result).toMatchObject({
      stdout: 'AKIA123 x\n',
      stderr: 'AKIA456\n',
      command: 'echo *** x; echo *** >&2',
      meta: { key: 'AKIA789', list: ['AKIA1'] },
    });
    expect(seen().filter(hasKey)).toEqual([]);
    expect(pool.status().shells[0]!.history).toMatchObject([
      { command: 'echo *** x; echo *** >&2', stdout: '*** x\n', stderr: '***\n', meta: { key: '***', list: ['***'] } },
    ]);
  });

  test('masks errors: message, command and the output in them', async () => {
    const { pool, seen } = witnessedPool({ redact: [/AKIA\d+/], policy: { deny: [/deny/] }, maxQueue: 0 });
    const lease = await pool.acquire();
    const errors = [
      await errorOf(lease.exec('echo AKIA123; echo AKIA456 >&2; false', { reject: true })),
      await errorOf(lease.exec('echo AKIA123; sleep 600', { timeout: 1_000 })),
      await errorOf(pool.exec('deny AKIA123')),
      await errorOf(pool.execAll(['deny AKIA123'])),
      await errorOf(pool.exec('echo AKIA123\0')),
      await errorOf(pool.execAll(['echo AKIA123\0'])),
      await errorOf(pool.exec('echo AKIA123', { signal: AbortSignal.abort() })),
      await errorOf(lease.exec('echo AKIA123 [').json()),
    ];
    await lease.release();
    errors.push(await errorOf(lease.exec('echo AKIA123')));
    expect(errors.map(({ code }) => code)).toEqual([
      'ERR_COMMAND_FAILED',
      'ERR_TIMEOUT',
      'ERR_POLICY',
      'ERR_POLICY',
      'ERR_OPTIONS',
      'ERR_OPTIONS',
      'ERR_ABORTED',
      'ERR_OUTPUT',
      'ERR_SESSION_RELEASED',
    ]);
    expect([...textsOf(errors), ...seen()].filter(hasKey)).toEqual([]);
    for (const { message } of errors) expect(message).toContain('***');
  });

  test.each([[/AKIA/g], [/AKIA/y], [/AKIA/gy], ['/akia/gi'], [/()AKIA|x*/gu]])(
    'masks every match of %s, and remembers nothing from one text to the next',
    async (pattern) => {
      const { pool } = witnessedPool({ redact: [pattern] });
      for (let n = 0; n < 3; n++) await pool.exec('echo 😀 AKIA AKIA, AKIA');
      const history = pool.status().shells[0]!.history;
      expect(history.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 3 }, () => '😀 *** ***, ***\n'));
    },
  );

  test('masks the whole of what several patterns and secrets match together', async () => {
    const { pool } = witnessedPool({ redact: [/key=\w+/, secret('abc-def'), /\d{3}-abc/] });
    await pool.exec('echo key=abc-def 1234-abc-def');
    expect(pool.status().shells[0]!.history[0]?.stdout).toBe('*** 1***\n');
  });

  test('is left as it is by changes of its array and patterns later', async () => {
    const redact = [/AKIA\d+/g];
    const { pool, seen } = witnessedPool({ redact });
    redact[0]!.lastIndex = 5;
    redact.pop();
    await pool.exec('echo AKIA123');
    expect(seen().filter(hasKey)).toEqual([]);
  });

  test.each<[redact: unknown, message: RegExp]>([
    [['hunter2'], /`redact\.0`.*'\/source\/flags'.*secret\(\), got string$/],
    [[/a/, 'hunter2'], /`redact\.1`/],
    [['/hunter2(/'], /`redact\.0`.*got string$/],
    [[undefined], /`redact\.0`.*got undefined$/],
    ['hunter2', /`redact`.*array of patterns and secrets, got string$/],
    [/hunter2/, /`redact`.*array of patterns and secrets, got object$/],
    [null, /`redact`.*got null$/],
  ])('refuses %o, and does not show it', (redact, message) => {
    const make = () => createPool({ redact } as PoolOptions);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
    expect(make).not.toThrow(/hunter2/);
  });
});

describe('the secrets of a pool', () => {
  const token = secret('hunter2-tok');
  const leaks = (text: string): boolean => text.includes('hunter2');

  test('in env reach its shells, and are masked in all', async () => {
    const { pool, seen } = witnessedPool({ env: { TOKEN: token, OTHER: 'plain' } });
    expect(await pool.exec('echo $TOKEN $OTHER').text()).toBe('hunter2-tok plain');
    expect((await pool.exec('echo hunter2-tok')).command).toBe('echo ***');
    expect(seen().filter(leaks)).toEqual([]);
  });

  test('in env are not shown where another entry is wrong', () => {
    const make = () => createPool({ env: { TOKEN: token, 'A=B': 'x' } });
    expect(make).toThrow(/TOKEN: \*\*\*/);
  });

  test.each<[string, PoolOptions]>([
    ['a command that fails', { init: [command`T=${token}; echo "$T" >&2; false`] }],
    ['a command that ends the shell', { init: [command`T=${token}; echo "$T" >&2; exit 3`] }],
    [
      'a function that throws it',
      { init: [async (shell) => Promise.reject(new Error(await shell.$`echo ${token}`.text()))] },
    ],
    ['a template that is wrong', { init: [command`echo ${token} "${'x'}"`] }],
    ['a shell that prints its environment', { env: { TOKEN: token }, init: ['env | grep TOKEN >&2; false'] }],
  ])('in init are masked where a start fails: %s', async (_, options) => {
    const { pool, seen } = witnessedPool({ restart: { attempts: 1 }, ...options });
    const failed = nextEvent(pool, 'pool.failed');
    const error = await errorOf(pool.exec('true'));
    expect(error.code).toBe('ERR_POOL_FAILED');
    expect(error.message).toContain('***');
    expect([...textsOf(error), ...textsOf((await failed).error), ...seen()].filter(leaks)).toEqual([]);
  });

  test('given in init are masked in what later commands write', async () => {
    const { pool, seen } = witnessedPool({ init: [command`T=${token}`], destroy: [command`: ${token}`] });
    expect(await pool.exec('echo $T').text()).toBe('hunter2-tok');
    await pool.close();
    expect(seen().filter(leaks)).toEqual([]);
  });
});

describe('a shell', () => {
  test('masks the secrets that it was given in what later commands say, and in their text', async () => {
    const { pool, seen } = witnessedPool();
    await pool.$`T=${secret('hunter2-tok')}`;
    expect(await pool.exec('echo $T').text()).toBe('hunter2-tok');
    const { command: shown, stdout } = await pool.exec('echo hunter2-tok');
    expect([shown, stdout]).toEqual(['echo ***', 'hunter2-tok\n']);
    await pool.use((session) => session.invalidate('hunter2-tok is no good'));
    const texts = seen().filter((text) => text !== 'echo hunter2-tok');
    expect(texts.filter((text) => text.includes('hunter2'))).toEqual([]);
  });

  test('remembers the last 100 of them, and always those of the pool', async () => {
    const { pool } = witnessedPool({ redact: [secret('fixed-tok')], history: { max: 1, output: true } });
    const tokens = Array.from({ length: 101 }, (_, n) => `hunter-${n}-tok`);
    for (const value of tokens) await pool.$`: ${secret(value)}`;
    await pool.exec(`echo ${tokens[0]} ${tokens[1]} ${tokens[100]} fixed-tok`);
    expect(pool.status().shells[0]!.history[0]?.stdout).toBe('hunter-0-tok *** *** ***\n');
    // One command may bring more of them.
    await pool.$`echo ${tokens.map((value) => secret(value))}`;
    expect(pool.status().shells[0]!.history[0]?.stdout).toMatch(/^(\*\*\* )+\*\*\*\n$/);
  });

  test.each([undefined, sh()])('masks what background jobs write later, however it comes', async (shell) => {
    const { pool } = witnessedPool({ shell, redact: [/AKIA\d+/] });
    const late = record(pool, 'shell.late_output');
    const done = nextEvent(pool, 'shell.late_output', ({ data }) => data.includes('done'));
    const job =
      '{ sleep 0.1; for part in "<hun" ter2 "-tok> hun" "<AKI" "A12" "3> hunter2-" done "\\n"; do printf -- "$part"; sleep 0.02; done; printf "hunter2"; } &';
    await pool.exec(command`: ${secret('hunter2-tok')}; ${command(Object.assign([job], { raw: [job] }))}`);
    await done;
    const text = (): string => late.map(({ data }) => data.toString()).join('');
    expect(text()).toContain('<***> hun<***> hunter2-done\n');
    expect(text()).not.toMatch(/hunter2-tok|AKIA/);
  });

  test('gives what it held back of late output before the next command, and when it ends', async () => {
    const pool = openPool({ max: 1 });
    const late = record(pool, 'shell.late_output', 'command.started', 'shell.destroyed');
    const parts = nextEvent(pool, 'shell.late_output', ({ data }) => data.includes('x'));
    await pool.$`: ${secret('hunter2-tok')}; { sleep 0.1; printf 'xhunter2'; sleep 0.3; printf 'yhunter2'; } &`;
    await parts;
    const ended = nextEvent(pool, 'shell.destroyed');
    await pool.exec('wait');
    await pool.exec('{ sleep 0.1; printf zhunter2; sleep 0.1; kill -9 $$; } & true');
    await ended;
    const seen = late.map((event) => ('data' in event ? event.data.toString() : event.type));
    expect(seen.slice(0, 4)).toEqual(['command.started', 'x', 'hunter2', 'command.started']);
    expect(seen.slice(-3)).toEqual(['z', 'hunter2', 'shell.destroyed']);
  });
});
