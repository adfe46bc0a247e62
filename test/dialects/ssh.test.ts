import { randomBytes } from 'node:crypto';
import { bash, type LaunchOptions } from 'shellwright';
import { afterAll, describe, expect, it } from 'vitest';
import { errorOf, nextEvent, openPool, soon } from '../support/pools.ts';
import { untilEmpty, withEnvironment } from '../support/processes.ts';
import { said } from '../support/run.ts';
import { startSshd } from '../support/sshd.ts';
import { launcherContract } from './launcher-contract.ts';

const sshd = await startSshd();
const missing = typeof sshd === 'string' ? sshd : undefined;

describe.skipIf(missing !== undefined)(`OpenSSH${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const ssh = (program: string, ...options: string[]): LaunchOptions =>
    typeof sshd === 'string' ? {} : { path: 'ssh', args: sshd.args(program, ...options) };
  const far = (...options: string[]) => bash(ssh('exec bash --noprofile --norc', ...options));
  afterAll(() => (typeof sshd === 'string' ? undefined : sshd.close()));

  launcherContract('ssh', (program) => ssh(`exec ${program.join(' ')}`), ['bash', 'sh']);

  it('whose connection is lost under a command is a lost shell, and is replaced', async () => {
    const pool = openPool({ shell: far(), max: 1 });
    await using session = await pool.acquire();
    const server = Number(await session.exec('echo $PPID').text());
    const run = session.exec('echo begun; sleep 10');
    await said(run, 'begun');
    process.kill(server, 'SIGKILL');
    const result = await soon(run);
    expect(result).toMatchObject({ stdout: 'begun\n', exitCode: 255, failed: true, shellExited: true });
    expect(result.stderr).toMatch(/Connection to 127\.0\.0\.1 closed/);
    expect(await errorOf(session.exec('echo next'))).toMatchObject({ code: 'ERR_SESSION_LOST', started: false });
    await session.release();
    expect((await pool.exec('echo again')).stdout).toBe('again\n');
  });

  it('whose connection is lost between two commands is replaced before the next', async () => {
    const pool = openPool({ shell: far(), max: 1 });
    const server = Number(await pool.exec('echo $PPID').text());
    const lost = nextEvent(pool, 'shell.invalid');
    process.kill(server, 'SIGKILL');
    expect(await lost).toMatchObject({ reason: 'exited', cause: expect.stringContaining('255') });
    expect((await pool.exec('echo again')).stdout).toBe('again\n');
  });

  it('whose far side falls silent is a lost shell where ssh looks after its connection', async () => {
    const pool = openPool({ shell: far('-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1'), max: 1 });
    const server = Number(await pool.exec('echo $PPID').text());
    process.kill(server, 'SIGSTOP');
    try {
      expect(await soon(pool.exec('echo unheard'))).toMatchObject({ stdout: '', exitCode: 255, shellExited: true });
      expect((await pool.exec('echo again')).stdout).toBe('again\n');
    } finally {
      process.kill(server, 'SIGKILL');
    }
  });

  it('that lets nobody in fails the pool with what ssh says', async () => {
    const shell = far('-o', 'IdentityFile=/dev/null', '-o', 'User=nobody');
    const pool = openPool({ shell, max: 1, restart: { attempts: 1 } });
    const { code, cause } = await errorOf(pool.exec('echo never'));
    expect(code).toBe('ERR_POOL_FAILED');
    expect(String(cause)).toMatch(/Permission denied/);
  });

  it('ends its far side with the pool, where that only waits for commands', async () => {
    const mark = `FAR_SIDE=${randomBytes(8).toString('hex')}`;
    const pool = openPool({ shell: bash(ssh(`export ${mark}; exec bash --noprofile --norc`)), min: 2, max: 2 });
    await pool.ready();
    expect(withEnvironment(mark)).toHaveLength(2);
    await pool.close();
    expect(await untilEmpty(() => withEnvironment(mark), 5_000)).toEqual([]);
  });
});
