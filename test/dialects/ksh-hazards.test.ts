import { ksh, type Session } from 'shellwright';
import { describe, expect, it } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { openPool } from '../support/pools.ts';
import { said, testSession } from '../support/run.ts';

const missing = whyMissing(ksh());

/** What no option can change without ending the shell or the reading of commands; the terminal's are not for a pipe. */
const ending = new Set([
  'exec',
  'errexit',
  'restricted',
  'privileged',
  'interactive',
  'rc',
  'keyword',
  'xtrace',
  'verbose',
  'login_shell',
]);

describe.skipIf(missing !== undefined)(`ksh${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const session = (): Promise<Session> =>
    testSession(openPool({ shell: ksh(), max: 1, timeout: 10_000, killGrace: 50 }));
  const outcome = async (shell: Session, text: string): Promise<unknown[]> => {
    const { exitCode, stdout, stderr } = await shell.exec(text);
    return [exitCode, stdout, stderr];
  };
  const expectInStep = async (shell: Session, after: string): Promise<void> => {
    const seen = [
      await outcome(shell, 'echo out; echo err >&2; (exit 9)'),
      await outcome(shell, 'echo "$?"'),
      await outcome(shell, "echo 'a\nb'"),
    ];
    expect(seen, after).toEqual([
      [9, 'out\n', 'err\n'],
      [0, '9\n', ''],
      [0, 'a\nb\n', ''],
    ]);
    expect(await shell.exec("echo 'x"), after).toMatchObject({ exitCode: 3, shellExited: false });
  };

  it('stays in step under every option, on and off', async () => {
    const shell = await session();
    const lines = (await shell.exec('set -o')).stdout.trim().split('\n').slice(1);
    const names = lines.map((line) => line.trim().split(/\s/, 1)[0] ?? '').filter((name) => !ending.has(name));
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      await shell.exec(`set -o ${name}`);
      await expectInStep(shell, `set -o ${name}`);
      await shell.exec(`set +o ${name}`);
      await expectInStep(shell, `set +o ${name}`);
    }
  });

  it.each([
    ['a function instead of printf', 'function printf { :; }; function print { :; }'],
    ['print taken away', 'builtin -d print'],
    ['an ERR trap', "trap ':' ERR"],
    ['a discipline', 'function PS4.get { .sh.value=oops; }'],
    ['a type for a common name', 'typeset -i s=1; integer i=2; typeset -Z3 tag=4'],
    ['descriptors of its own', 'exec 3>&1 7>&1 8>&2; exec 3>&- 7>&- 8>&-'],
    ['an endless number of descriptors', 'i=0; while ((i++ < 40)); do exec {fd}</dev/null; done'],
    ['an ERR_EXIT that is taken back', 'set -e; set +e'],
  ])('stays in step after %s', async (_, text) => {
    const shell = await session();
    expect((await shell.exec(`kept=yes; ${text}`)).shellExited).toBe(false);
    await expectInStep(shell, text);
    expect((await shell.exec('/bin/echo $kept')).stdout).toBe('yes\n');
  });

  it('runs no text through a function named command, and does not answer as if it had', async () => {
    const shell = await session();
    await shell.exec('command() { :; }', { reject: false, timeout: 300 });
    const { error, stdout } = await shell.exec('echo out', { reject: false });
    expect([error?.code, stdout]).toEqual(['ERR_SESSION_LOST', '']);
  });

  it('keeps a DEBUG trap of the user through an interrupt', async () => {
    const shell = await session();
    await shell.exec("trap 'traced=yes' DEBUG");
    const run = shell.exec('sh -c "echo ready; exec sleep 100"; echo not');
    await said(run, 'ready');
    run.interrupt();
    expect(await run).toMatchObject({ exitCode: 130, stdout: 'ready\n' });
    expect(await outcome(shell, 'traced=no; :; echo $traced')).toEqual([0, 'yes\n', '']);
  });

  it('is kept by a timeout while its DEBUG trap is busy', async () => {
    const shell = await testSession(openPool({ shell: ksh(), max: 1 }));
    await shell.exec("kept=yes; trap 'i=0; while ((i++ < 1000)); do :; done' DEBUG");
    const { error } = await shell.exec('while :; do :; done', { timeout: 100, reject: false });
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', rung: 'interrupt', stateLost: false });
    expect((await shell.exec('echo $kept')).stdout).toBe('yes\n');
  });

  it('tells the status of a child that died of a signal as every dialect does', async () => {
    const shell = await session();
    for (const [name, status] of [
      ['KILL', 137],
      ['TERM', 143],
      ['INT', 130],
    ] as const)
      expect((await shell.exec(`sh -c 'kill -${name} $$' 2>/dev/null`)).exitCode).toBe(status);
  });

  it('reads a text of 1 MB in many lines at once, not byte by byte', async () => {
    const shell = await session();
    const text = `cat <<'END' | wc -c\n${'some line of text that is to be counted\n'.repeat(26_000)}END`;
    const { stdout, durationMs } = await shell.exec(text);
    expect(stdout.trim()).toBe(`${40 * 26_000}`);
    expect(durationMs).toBeLessThan(5_000);
  });
});
