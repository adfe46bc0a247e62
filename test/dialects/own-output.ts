import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ExecOptions, Session } from 'shellwright';
import { rejection, said } from '../support/run.ts';
import { driverText, expectInStep, outcome, type Harness } from './harness.ts';

/** A long comment: a text with it goes through a file where that is faster. */
const filler = `# ${'text that takes room '.repeat(1000)}\n`;

/** Each option alone, and all of them; made anew for each command, since a stream is read once. */
const every: [name: string, make: () => Omit<ExecOptions, 'encoding'>, prefix?: string][] = [
  ['input', () => ({ input: 'in\n' })],
  ['an input stream', () => ({ input: Readable.from(['in\n']) })],
  ['cwd', () => ({ cwd: '/usr' })],
  ['env', () => ({ env: { A: "it's", B: '2' } })],
  ['merge', () => ({ merge: true })],
  ['a long text', () => ({}), filler],
  ['all of them', () => ({ input: 'in\n', cwd: '/usr', env: { A: '1' }, merge: true }), filler],
];

export function outputContract(given: Harness): void {
  const session = (): Promise<Session> => given.session();
  const isBash = async (shell: Session): Promise<boolean> =>
    (await shell.exec('echo "${BASH_VERSION:+yes}"')).stdout === 'yes\n';

  describe('merge', () => {
    it('keeps the order of both streams, 100 times of 100', async () => {
      const shell = await session();
      const text = `i=0; while [ $i -lt 20 ]; do echo "o$i"; echo "e$i" >&2; i=$((i+1)); done; sh -c 'echo o; echo e >&2; echo o'; echo e >&2`;
      const expected = `${Array.from({ length: 20 }, (_, index) => `o${index}\ne${index}\n`).join('')}o\ne\no\ne\n`;
      const runs = Array.from({ length: 100 }, () => shell.exec(text, { merge: true }));
      for (const result of await Promise.all(runs)) expect(outcome(result)).toEqual([0, expected, '']);
      await expectInStep(shell);
    });

    it('goes through /dev/stderr and /dev/stdout, and lasts for its command', async () => {
      const shell = await session();
      const text =
        "echo a >/dev/stderr; echo b; sh -c 'echo c >/dev/stderr; echo d >/dev/stdout'; nosuch || echo e >&2";
      const { stdout, stderr } = await shell.exec(text, { merge: true });
      expect(stdout).toMatch(/^a\nb\nc\nd\n.*nosuch.*\ne\n$/);
      expect(stderr).toBe('');
      expect(outcome(await shell.exec('echo out; echo err >&2', { merge: false }))).toEqual([0, 'out\n', 'err\n']);
    });

    it('has syntax errors in stdout too, and live chunks of stdout only', async () => {
      const shell = await session();
      const run = shell.exec('echo a; echo b >&2; echo c', { merge: true });
      let live = '';
      run.output$.subscribe(({ stream, data }) => (live += stream === 'stdout' ? data : `${stream}?`));
      expect((await run).stdout).toBe('a\nb\nc\n');
      expect(live).toBe('a\nb\nc\n');
      const { stdout, stderr } = await shell.exec('echo $(', { merge: true });
      expect([stdout === '', stderr]).toEqual([false, '']);
    });

    it('leaves the streams of its command alone', async () => {
      const shell = await session();
      const file = given.fresh();
      const { stdout } = await shell.exec(`exec 2>${file}; echo a >&2; echo b; exec 2>&1; echo c >&2; cat ${file}`, {
        merge: true,
      });
      expect(stdout).toBe('b\nc\na\n');
      await expectInStep(shell);
    });
  });

  describe.each(every)('with %s', (_, options, prefix = '') => {
    /** Both streams, in whatever order, without what `set -v` shows of the filler and how it counts lines. */
    const lines = ({ stdout, stderr }: { stdout: string; stderr: string }, text: string): string[] =>
      (stdout + stderr)
        // ksh shows it without the newline at its end.
        .replace(text, `${text}\n`)
        .split('\n')
        .filter((line) => line !== '' && !line.includes('text that takes room'))
        .map((line) => line.replace('eval[1]: eval:', 'eval:'))
        .map((line) => line.replace(/(?:\bline|:) \d+:| at line \d+:?|\(eval\):\d+:?|\[\d+\]:/g, ':'));
    /** What the same command writes without the option and with it; the depth of a trace is not compared. */
    const expectSame = async (shell: Session, text: string): Promise<void> => {
      const plain = await shell.exec(text);
      const result = await shell.exec(prefix + text, options());
      const shallow = (line: string): string => line.replace(/^\++/, '+').trimStart();
      expect(lines(result, text).map(shallow).toSorted()).toEqual(lines(plain, text).map(shallow).toSorted());
      expect(result.exitCode).toBe(plain.exitCode);
      expect(result.stdout + result.stderr).not.toMatch(driverText);
    };

    it.each(['set -x', 'set -v', 'set -xv'])('%s shows the command only', async (trace) => {
      const shell = await session();
      await shell.exec(trace);
      for (const text of ['echo a; echo b >&2', 'f() { echo f; }; f', 'false', "echo 'x", 'x=1'])
        await expectSame(shell, text);
      await shell.exec('set +xv');
      await expectInStep(shell);
    });

    it.skipIf(given.foregroundOnly)('traps for DEBUG and ERR see the command only', async () => {
      const shell = await session();
      if (!(await isBash(shell))) return;
      await shell.exec('n=0; trap \'echo "debug: $BASH_COMMAND"\' DEBUG; trap \'echo "err: $?"\' ERR');
      for (const text of ['echo a; echo b >&2', 'x=1; false; echo c', 'f() { false; echo f; }; f'])
        await expectSame(shell, text);
      await shell.exec('trap - DEBUG ERR');
      await expectInStep(shell);
    });

    it.each(["echo 'x", 'echo "x', 'echo $(', 'if', ')', 'f() {', ';;', 'a b c )'])(
      'a text that is no command ends with a status and leaves the shell alive: %s',
      async (text) => {
        const shell = await session();
        await shell.exec('kept=yes');
        const result = await shell.exec(prefix + text, options());
        expect([1, 2, 3]).toContain(result.exitCode);
        expect(result).toMatchObject({ failed: true, shellExited: false });
        expect(result.stdout + result.stderr).not.toMatch(driverText);
        expect((await shell.exec('echo "$? $kept"; pwd')).stdout).toBe(`${result.exitCode} yes\n${given.folder}\n`);
        await expectInStep(shell);
      },
    );

    it('a command may be empty, end in blanks, and be of one word', async () => {
      const shell = await session();
      expect(outcome(await shell.exec(prefix, options()))).toEqual([0, '', '']);
      expect((await shell.exec(`${prefix}printf "[%s]" a\\ `, options())).stdout).toBe('[a ]');
      expect((await shell.exec(`${prefix}printf '[%s]' 'a\n'\n\n`, options())).stdout).toBe('[a\n]');
      expect((await shell.exec(`${prefix}-x`, options())).exitCode).toBe(127);
      await expectInStep(shell);
    });

    it('the shell may end under its command, with its whole output', async () => {
      for (const [text, expected] of [
        ['echo a; exit 3', { exitCode: 3, stdout: 'a\n' }],
        ['exec sh -c "echo a; exit 5"', { exitCode: 5, stdout: 'a\n' }],
        ...(given.differs('the output of an EXIT trap')
          ? []
          : ([["trap 'echo bye' EXIT; echo a; exit 4", { exitCode: 4, stdout: 'a\nbye\n' }]] as const)),
        ['echo a; kill -KILL $$; sleep 100', { signal: 'SIGKILL', stdout: 'a\n' }],
      ] as const) {
        const shell = await session();
        expect(await shell.exec(prefix + text, options())).toMatchObject({ ...expected, shellExited: true });
      }
    });
  });

  it('all of it works together, and the next command has nothing of it', async () => {
    const shell = await session();
    await shell.exec('(exit 7)');
    const text = `${filler}echo "$?"; cat; pwd; sh -c 'echo "$A" >&2'; x=5; (exit 3)`;
    const options = { input: Readable.from(['in\n']), cwd: '/usr', env: { A: "it's" }, merge: true };
    expect(outcome(await shell.exec(text, options))).toEqual([3, "7\nin\n/usr\nit's\n", '']);
    expect(outcome(await shell.exec('echo "$? $x [$A]"; cat; pwd; echo err >&2'))).toEqual([
      0,
      `3 5 []\n${given.folder}\n`,
      'err\n',
    ]);
    await expectInStep(shell);
  });

  describe('a long command', () => {
    it.each([
      ['alone', () => ({})],
      ['with all options', () => ({ input: 'in\n', cwd: '/usr', env: { A: '1' }, merge: true })],
    ] as [string, () => Omit<ExecOptions, 'encoding'>][])('may have 1 MB: %s', async (_, options) => {
      const shell = await session();
      await shell.exec('(exit 7)');
      const line = 'x=$((x+1)); : "some text that takes room on the line"\n';
      const result = await shell.exec(`echo $?; x=0\n${line.repeat(20_000)}echo $x; (exit 3)`, options());
      expect(outcome(result)).toEqual([3, '7\n20000\n', '']);
      expect((await shell.exec('echo "$? $x"; pwd')).stdout).toBe(`3 20000\n${given.folder}\n`);
      await expectInStep(shell);
    });

    it('may have a heredoc of 20,000 lines', async () => {
      const shell = await session();
      const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} of "$x" 'and' \\text\n`).join('');
      const { stdout } = await shell.exec(`cat <<'END'\n${lines}END\necho end`);
      expect(stdout === `${lines}end\n`).toBe(true);
      await expectInStep(shell);
    });

    it('is run as it is: every character, at every length about the limit', async () => {
      const shell = await session();
      const special = Array.from({ length: 126 }, (_, code) => String.fromCharCode(code + 1)).join('') + '\x7f日本語😀';
      const value = `${special.replaceAll("'", '')}\\`.repeat(200);
      expect((await shell.exec(`printf %s '${value}'`)).stdout === value).toBe(true);
      for (const length of [2047, 2048, 2049, 4095, 4096, 4097, 16_383, 16_384, 16_385, 65_536, 65_537]) {
        const text = 'x'.repeat(length - "printf %s ''".length);
        expect((await shell.exec(`printf %s '${text}'`)).stdout === text).toBe(true);
      }
      await expectInStep(shell);
    });

    it.skipIf(given.foregroundOnly)('can be interrupted', async () => {
      const shell = await session();
      const run = shell.exec(`${filler}kept=yes; echo ready; while :; do :; done; echo b`);
      await said(run, 'ready');
      run.abort();
      // zsh may write a line twice when it is interrupted just then: docs/dialects.md.
      const stdout = expect.stringMatching(/^(ready\n){1,2}$/);
      expect(await rejection(run)).toMatchObject({ code: 'ERR_ABORTED', stateLost: false, stdout });
      expect((await shell.exec('echo $kept')).stdout).toBe('yes\n');
      await expectInStep(shell);
    });
  });
}
