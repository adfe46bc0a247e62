import {
  bash,
  createPool,
  ksh,
  sh,
  zsh,
  type Dialect,
  type ExecResult,
  type LaunchOptions,
  type Pool,
} from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { errorOf, nextEvent, openPool } from '../support/pools.ts';
import { membersOf, untilEmpty } from '../support/processes.ts';
import { said } from '../support/run.ts';

/** How a launcher is told to start this program. */
export type Through = (program: readonly string[]) => LaunchOptions;

const shells = {
  bash: { make: bash, program: ['bash', '--noprofile', '--norc'] },
  sh: { make: sh, program: ['/bin/sh'] },
  zsh: { make: zsh, program: ['zsh', '-f'] },
  ksh: { make: ksh, program: ['ksh'] },
};

/** What a dialect promises where another program starts its shell and passes on stdin, stdout and stderr and nothing else. */
export function launcherContract(launcher: string, through: Through, names: readonly (keyof typeof shells)[]): void {
  describe.each(names)(`%s through ${launcher}`, (name) => {
    const { make, program } = shells[name];
    const missing = whyMissing({ path: program[0]! });
    describe.skipIf(missing !== undefined)(missing === undefined ? '' : `(skipped: ${missing})`, () => {
      oneShell(() => make(through(program)));
    });
  });
}

function oneShell(launched: () => Dialect): void {
  let pool: Pool;
  beforeAll(() => {
    pool = createPool({ shell: launched(), max: 1, logger: false });
  });
  afterAll(() => pool.close({ force: true }));

  it('gives each command its own stdout, stderr and status', async () => {
    const runs = Array.from({ length: 50 }, (_, n) => pool.exec(`echo out${n}; echo err${n} >&2; (exit ${n})`));
    const results = await Promise.all(runs);
    results.forEach((result, n) => expect(outcome(result)).toEqual([n, `out${n}\n`, `err${n}\n`]));
  });

  it('keeps its state in a session', async () => {
    await using session = await pool.acquire();
    await session.exec('cd /usr; kept=1; f() { return 7; }');
    expect((await session.exec('echo "$PWD $kept"; f')).stdout).toBe('/usr 1\n');
    expect((await session.exec('echo $?')).stdout).toBe('7\n');
  });

  it('passes every byte of both streams', async () => {
    const every = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const { stdout, stderr } = await pool.exec(`printf '${every}'; printf '${every}' >&2`, { encoding: 'buffer' });
    expect([...stdout]).toEqual([...Array(256).keys()]);
    expect([...stderr]).toEqual([...Array(256).keys()]);
  });

  it('passes much output whole', async () => {
    const text = 'head -c 3000000 /dev/zero; echo end; head -c 300000 /dev/zero >&2; echo end >&2';
    const { stdout, stderr } = await pool.exec(text);
    expect([stdout.length, stdout.slice(-4)]).toEqual([3_000_004, 'end\n']);
    expect([stderr.length, stderr.slice(-4)]).toEqual([300_004, 'end\n']);
    expect((await pool.exec('echo next; echo err >&2')).stderr).toBe('err\n');
  });

  it('reads a long command as it reads a short one', async () => {
    const text = 'x'.repeat(50_000);
    expect((await pool.exec(`echo ${text}`)).stdout).toBe(`${text}\n`);
  });

  it('gives commands the end of their input at once', async () => {
    expect((await pool.exec('cat; head -1; cat')).stdout).toBe('');
    expect(outcome(await pool.exec('echo next'))).toEqual([0, 'next\n', '']);
  });

  it('refuses input of its own for a command', async () => {
    const options: object = { input: 'text' };
    expect(await errorOf(pool.exec('cat', options))).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  });

  it('gives a command a folder, variables and merged output of its own', async () => {
    const before = await pool.exec('pwd');
    const own = { cwd: '/usr/bin', env: { A: "it's" }, merge: true };
    const text = 'pwd; sh -c \'echo "$A" >&2\'; echo end; (exit 5)';
    expect(outcome(await pool.exec(text, own))).toEqual([5, "/usr/bin\nit's\nend\n", '']);
    expect((await pool.exec('echo "$? [$A]"; pwd')).stdout).toBe(`5 []\n${before.stdout}`);
    expect(await errorOf(pool.exec('pwd', { cwd: '/nowhere/at/all' }))).toMatchObject({
      code: 'ERR_OPTIONS',
      started: false,
    });
  });

  it('is not interrupted, and says so', async () => {
    const run = pool.exec('echo ready; sleep 0.1; echo done');
    await said(run, 'ready');
    expect(run.interrupt()).toBe(false);
    expect(outcome(await run)).toEqual([0, 'ready\ndone\n', '']);
  });

  it('survives texts that are no commands, and says when it ends', async () => {
    await using session = await pool.acquire();
    expect(await session.exec("echo 'x")).toMatchObject({ failed: true, shellExited: false });
    expect(await session.exec('echo last; exit 3')).toMatchObject({ exitCode: 3, stdout: 'last\n', shellExited: true });
    expect((await errorOf(session.exec('echo next'))).code).toBe('ERR_SESSION_LOST');
  });

  it('says that its state is lost when a command is stopped, since no signal reaches it', async () => {
    const error = await errorOf(pool.exec('echo begun; exec sleep 10', { timeout: 100 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'run', rung: 'kill', stateLost: true });
    const silent = await errorOf(pool.exec('echo begun; exec sleep 10', { noOutputTimeout: 100 }));
    expect(silent).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'noOutput', rung: 'kill', stateLost: true });
    expect((await pool.exec('echo next')).stdout).toBe('next\n');
  });

  it('is replaced when its launcher is killed, under a command and between two', async () => {
    const run = pool.exec('echo begun; exec sleep 10');
    await said(run, 'begun');
    process.kill(pool.status().shells[0]!.pid, 'SIGKILL');
    expect(await run).toMatchObject({ stdout: 'begun\n', signal: 'SIGKILL', shellExited: true });
    const { pid } = await pool.exec('echo next');
    const lost = nextEvent(pool, 'shell.invalid');
    process.kill(pid!, 'SIGKILL');
    expect(await lost).toMatchObject({ pid, reason: 'exited' });
    expect((await pool.exec('echo again')).stdout).toBe('again\n');
  });

  it('leaves no launcher behind', async () => {
    const own = openPool({ shell: launched(), min: 2, max: 2 });
    await own.ready();
    const groups = own.status().shells.map(({ pid }) => pid);
    expect(groups.flatMap(membersOf).length).toBeGreaterThan(1);
    await own.close();
    expect(await untilEmpty(() => groups.flatMap(membersOf), 2_000)).toEqual([]);
  });
}

function outcome({ exitCode, stdout, stderr }: ExecResult): unknown[] {
  return [exitCode, stdout, stderr];
}
