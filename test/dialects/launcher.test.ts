import { fileURLToPath } from 'node:url';
import { bash, sh, type Dialect, type LaunchOptions } from 'shellwright';
import { describe, expect, it } from 'vitest';
import { errorOf, openPool } from '../support/pools.ts';

const relay = fileURLToPath(new URL('../support/relay.mjs', import.meta.url));
const through = (...command: string[]): LaunchOptions => ({ path: process.execPath, args: [relay, ...command] });

describe.each<[string, (options: LaunchOptions) => Dialect, string[]]>([
  ['bash', bash, ['bash', '--noprofile', '--norc']],
  ['sh', sh, ['/bin/sh']],
])('%s behind a launcher that passes on stdio only', (_, make, command) => {
  it('gives each command its own stdout, stderr and status', async () => {
    const pool = openPool({ shell: make(through(...command)), max: 1 });
    for (let count = 0; count < 50; count++) {
      const { stdout, stderr, exitCode } = await pool.exec(`echo out${count}; echo err${count} >&2; (exit ${count})`);
      expect([stdout, stderr, exitCode]).toEqual([`out${count}\n`, `err${count}\n`, count]);
    }
  });

  it('keeps its state in a session', async () => {
    const pool = openPool({ shell: make(through(...command)) });
    await using session = await pool.acquire();
    await session.exec('cd /usr; kept=1');
    expect((await session.exec('echo "$PWD $kept"')).stdout).toBe('/usr 1\n');
  });

  it('says that its state is lost when a command is stopped, since no signal reaches it', async () => {
    const pool = openPool({ shell: make(through(...command)), max: 1 });
    const error = await errorOf(pool.exec('echo begun; sleep 60', { timeout: 100 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', rung: 'kill', stateLost: true });
    expect((await pool.exec('echo next')).stdout).toBe('next\n');
  });

  it('reads a long command as it reads a short one', async () => {
    const pool = openPool({ shell: make(through(...command)), max: 1 });
    const text = 'x'.repeat(50_000);
    expect((await pool.exec(`echo ${text}`)).stdout).toBe(`${text}\n`);
  });

  it('gives a command a folder, variables and merged output, and refuses it input', async () => {
    const pool = openPool({ shell: make(through(...command)), max: 1 });
    const own = { cwd: '/usr', env: { A: "it's" }, merge: true };
    const { stdout, stderr } = await pool.exec('pwd; sh -c \'echo "$A" >&2\'; echo end', own);
    expect([stdout, stderr]).toEqual(["/usr\nit's\nend\n", '']);
    expect((await pool.exec('echo "$PWD [$A]"')).stdout).toBe(`${process.cwd()} []\n`);
    expect(await errorOf(pool.exec('cat', { input: 'x' }))).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  });

  it('says that its state is lost when a command is stopped for its silence', async () => {
    const pool = openPool({ shell: make(through(...command)), max: 1 });
    const error = await errorOf(pool.exec('echo begun; sleep 60', { noOutputTimeout: 100 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'noOutput', rung: 'kill', stateLost: true });
  });

  it('is refused at its start when it is said to be the shell itself', async () => {
    const pool = openPool({ shell: make({ ...through(...command), capabilities: { localFiles: true } }), max: 1 });
    const { code, cause } = await errorOf(pool.exec('echo never'));
    expect(code).toBe('ERR_POOL_FAILED');
    expect(String(cause)).toMatch(/does not run \w+ itself but starts it through another process/);
  });
});

it.each([{ signals: 1 }, { signal: true }, 'all', [true]])(
  'refuses the capabilities %j by their name',
  (capabilities) => {
    expect(() => bash({ capabilities: capabilities as never })).toThrow(/capabilities/);
  },
);
