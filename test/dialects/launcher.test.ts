import { fileURLToPath } from 'node:url';
import { bash, sh, type Dialect, type LaunchOptions } from 'shellwright';
import { describe, expect, it } from 'vitest';
import { errorOf, openPool } from '../support/pools.ts';
import { launcherContract, type Through } from './launcher-contract.ts';

const relay = fileURLToPath(new URL('../support/relay.mjs', import.meta.url));
/** Stand-ins for launchers, in the manners that relay.mjs tells. */
const relayed =
  (manner: 'pieces' | 'frames' | 'parent' | 'slow'): Through =>
  (program) => ({ path: process.execPath, args: [relay, manner, ...program] });

launcherContract('a relay in pieces, as ssh is one', relayed('pieces'), ['bash', 'sh', 'zsh', 'ksh']);
launcherContract('a relay over one connection, as `docker exec -i` is one', relayed('frames'), ['bash', 'sh']);
launcherContract('a parent that waits, as sudo is one', relayed('parent'), ['bash', 'sh']);

it('has the environment that its launcher gives it', async () => {
  const shell = bash(relayed('parent')(['bash', '--noprofile', '--norc']));
  const pool = openPool({ shell, max: 1, env: { OF_THE_POOL: 'lost' } });
  expect((await pool.exec('echo "$HOME $RELAY_USER $OF_THE_POOL"')).stdout).toBe('/ other \n');
});

it('waits for stderr that is slow to come, as long as any comes', async () => {
  const pool = openPool({ shell: bash(relayed('slow')(['bash', '--noprofile', '--norc'])), max: 1 });
  const { stdout, stderr } = await pool.exec('head -c 1900000 /dev/zero >&2; echo end >&2; echo out');
  expect([stdout, stderr.length, stderr.slice(-4)]).toEqual(['out\n', 1_900_004, 'end\n']);
});

it('answers with ERR_PROTOCOL when a command takes its descriptors', async () => {
  const pool = openPool({ shell: bash(relayed('pieces')(['bash', '--noprofile', '--norc'])), max: 1 });
  const error = await errorOf(pool.exec('echo out; exec 252>/dev/null'));
  expect(error).toMatchObject({ code: 'ERR_PROTOCOL', stdout: 'out\n' });
  expect((await pool.exec('echo err >&2')).stderr).toBe('err\n');
});

describe.each<[string, (options: LaunchOptions) => Dialect, string[]]>([
  ['bash', bash, ['bash', '--noprofile', '--norc']],
  ['sh', sh, ['/bin/sh']],
])('%s', (_, make, program) => {
  it('is refused at its start when a launcher is said to be the shell itself', async () => {
    const shell = make({ ...relayed('pieces')(program), capabilities: { localFiles: true } });
    const { code, cause } = await errorOf(openPool({ shell, max: 1 }).exec('echo never'));
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
