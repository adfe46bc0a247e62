import { expect, test } from 'vitest';
import { secret } from '../../src/index.ts';
import { errorOf } from '../support/pools.ts';
import { witnessedPool } from '../support/witness.ts';

const value = 'hunter2-correct-horse';
const token = secret(value);

test.each([
  ['a variable', { env: { TOKEN: token } }, 'printf %s "$TOKEN"'],
  ['the input', { input: token }, 'cat'],
  ['both', { input: token, env: { TOKEN: token, OTHER: 'seen' } }, '[ "$(cat)" = "$TOKEN" ] && printf %s "$TOKEN"'],
])('a secret that is %s reaches the command, and nobody else sees it', async (_, options, print) => {
  const { pool, seen } = witnessedPool();
  await pool.use(async (session) => {
    const { stdout, command } = await session.exec(`: ${value}; ${print}`, options);
    expect([stdout, command]).toEqual([value, `: ***; ${print}`]);
    expect(seen().filter((text) => text.includes(value))).toEqual([]);
    expect(pool.status().shells[0]!.history).toMatchObject([{ command: `: ***; ${print}`, stdout: '***' }]);
    // The shell may still know it.
    await session.exec(`echo ${value}`);
    expect(seen().filter((text) => text.includes(value))).toEqual([]);
  });
});

test.each([
  ['fails', { reject: true }, 'sh -c \'echo "$TOKEN" >&2; exit 3\''],
  ['is stopped', { timeout: 50 }, 'echo "$TOKEN"; sleep 100'],
  ['is stopped for its silence', { noOutputTimeout: 50 }, 'echo "$TOKEN"; sleep 100'],
  ['cannot have its folder', { cwd: `/nowhere/${value}` }, 'echo ran'],
  ['cannot have its variables', {}, 'echo ran'],
])('a command that %s shows no secret of its own in its error', async (_, options, text) => {
  const { pool, seen } = witnessedPool();
  await pool.use(async (session) => {
    const isRefused = text === 'echo ran' && Object.keys(options).length === 0;
    if (isRefused) await session.exec('readonly TOKEN');
    const error = await errorOf(session.exec(`${text} # ${value}`, { ...options, env: { TOKEN: token } }));
    expect([error.message, error.stack, error.command, error.stdout, error.stderr].join(' ')).not.toContain(value);
    expect(seen().filter((line) => line.includes(value))).toEqual([]);
  });
});

test('a secret of a command that is refused is not shown either', async () => {
  const { pool, seen } = witnessedPool({ policy: { deny: [/rm/] } });
  for (const options of [{ input: token }, { env: { TOKEN: token } }]) {
    const error = await errorOf(pool.exec(`rm ${value}`, options));
    expect(error).toMatchObject({ code: 'ERR_POLICY' });
    expect(`${error.message} ${error.stack}`).not.toContain(value);
  }
  expect(seen().filter((line) => line.includes(value))).toEqual([]);
});
