import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createPool, type Dialect, type ExecResult, type Pool, type Session } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { rejection, said, testSession } from '../support/run.ts';
import { differences, type Difference } from './differences.ts';
import { naughty } from '../../src/testing/naughty.ts';
import { ownContract } from './own.ts';

/**
 * What every dialect of a POSIX-like shell promises, against the real shell. A new dialect's test file:
 *
 * ```ts
 * import { zsh } from 'shellwright';
 * import { dialectContract } from './contract.ts';
 * dialectContract('zsh', () => zsh());
 * ```
 */
export function dialectContract(name: string, make: () => Dialect): void {
  const differs = (what: Difference): boolean => differences[what].shells.some((shell) => shell === make().name);
  const nap = differs('a program that has just begun') ? lateNap : promptNap;
  ownContract(name, make);
  const missing = whyMissing(make());
  describe.skipIf(missing !== undefined)(`${name}${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
    let pool: Pool;
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'shellwright-contract-'));
      pool = createPool({ shell: make(), max: 2, logger: false, cwd: folder, killGrace: 5_000 });
    });
    afterAll(async () => {
      await pool.close({ force: true });
      rmSync(folder, { recursive: true, force: true });
    });

    const session = (): Promise<Session> => testSession(pool);
    /** Names in the folder of this contract that no other test uses. */
    const fresh = (): string => join(folder, randomBytes(6).toString('hex'));
    const outcome = ({ exitCode, stdout, stderr }: ExecResult): unknown[] => [exitCode, stdout, stderr];
    /** The next command runs and its result is its own. */
    const expectInStep = async (shell: Session): Promise<void> => {
      expect(outcome(await shell.exec('echo out; echo err >&2; (exit 9)'))).toEqual([9, 'out\n', 'err\n']);
      expect(outcome(await shell.exec('echo "$?"'))).toEqual([0, '9\n', '']);
    };
    /** Whether the shell is bash, under whatever name. */
    const isBash = async (shell: Session): Promise<boolean> =>
      (await shell.exec('echo "${BASH_VERSION:+yes}"')).stdout === 'yes\n';

    describe('state', () => {
      it('keeps the working directory', async () => {
        const shell = await session();
        await shell.exec('cd /');
        expect((await shell.exec('pwd')).stdout).toBe('/\n');
      });

      it('keeps variables and exports', async () => {
        const shell = await session();
        await shell.exec('a=1; export B="two words"');
        expect((await shell.exec('echo "$a $B"; sh -c \'echo "[$a] $B"\'')).stdout).toBe('1 two words\n[] two words\n');
      });

      it('keeps functions', async () => {
        const shell = await session();
        await shell.exec('greet() { echo "hello $1"; return 4; }');
        expect(outcome(await shell.exec('greet you'))).toEqual([4, 'hello you\n', '']);
      });

      it('keeps aliases', async () => {
        const shell = await session();
        if (await isBash(shell)) await shell.exec('shopt -s expand_aliases');
        await shell.exec("alias greet='echo hello'");
        expect((await shell.exec('greet you')).stdout).toBe('hello you\n');
      });

      it('keeps options, and positional parameters', async () => {
        const shell = await session();
        await shell.exec('set -o noglob; set -- one two');
        expect((await shell.exec('echo * "$#" "$2"')).stdout).toBe('* 2 two\n');
      });

      it('keeps traps, and umask', async () => {
        const shell = await session();
        await shell.exec("trap 'echo caught' USR1; umask 027");
        expect((await shell.exec('kill -USR1 $$; :')).stdout).toBe('caught\n');
        expect((await shell.exec('umask')).stdout).toMatch(/^0?027\n$/);
      });

      it.each([
        ['0', 'true'],
        ['1', 'false'],
        ['7', '(exit 7)'],
        ['127', 'no_such_program_at_all 2>&1'],
        ['143', "sh -c 'kill -TERM $$' 2>&1"],
        ['5', 'f() { return 5; }; f'],
      ])('shows the status %s of a command to the next one: %s', async (status, text) => {
        const shell = await session();
        expect((await shell.exec(text)).exitCode).toBe(Number(status));
        const seen = differs('$? of a signalled child') && status === '143' ? '271' : status;
        expect((await shell.exec('echo $?')).stdout).toBe(`${seen}\n`);
      });

      it('keeps the status of a command through nothing: an empty command is the shell’s own', async () => {
        const shell = await session();
        expect(outcome(await shell.exec(''))).toEqual([0, '', '']);
        expect(outcome(await shell.exec('# nothing'))).toEqual([0, '', '']);
        await expectInStep(shell);
      });
    });

    describe('output', () => {
      it('is exact: nothing is trimmed or added', async () => {
        const shell = await session();
        for (const text of ['', 'a', 'a\n', '\n', '\n\na \t\n\n', ' a', '-n', '\\n%s%d\\0']) {
          const result = await shell.exec(`printf %s ${shell.quote(text)}; printf %s ${shell.quote(text)} >&2`);
          expect(outcome(result)).toEqual([0, text, text]);
        }
      });

      it('is attributed: 500 commands that end with stderr', async () => {
        const shell = await session();
        const runs = Array.from({ length: 500 }, (_, index) => shell.exec(`echo out${index}; echo err${index} >&2`));
        const results = await Promise.all(runs);
        results.forEach((result, index) => expect(outcome(result)).toEqual([0, `out${index}\n`, `err${index}\n`]));
      });

      it('is attributed: stderr of children, and much of it', async () => {
        const shell = await session();
        const text = 'e'.repeat(100_000);
        for (let index = 0; index < 10; index++) {
          const result = await shell.exec(`sh -c 'echo o${index}; printf %s "$0" >&2' ${text}`);
          expect(outcome(result)).toEqual([0, `o${index}\n`, text]);
        }
      });

      it('keeps Unicode', async () => {
        const shell = await session();
        const text = '日本語 ünï 😀 \u{10ffff} \ufeff \u0301\n';
        expect((await shell.exec(`printf %s '${text}'`)).stdout).toBe(text);
      });

      it('is binary-exact, NUL bytes too', async () => {
        const shell = await session();
        const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;
        const every = Array.from({ length: 256 }, (_, byte) => octal(byte)).join('');
        const result = await shell.exec(`printf '${every}'; printf 'a\\000\\000b\\000' >&2`, { encoding: 'buffer' });
        expect([...result.stdout]).toEqual([...Array(256).keys()]);
        expect([...result.stderr]).toEqual([97, 0, 0, 98, 0]);
        await expectInStep(shell);
      });

      it('of 10 MB is whole', async () => {
        const shell = await session();
        const result = await shell.exec('head -c 10000000 /dev/zero; echo end; echo end >&2', { encoding: 'buffer' });
        expect(result.stdout.length).toBe(10_000_004);
        expect(result.stdout.subarray(0, 10_000_000).every((byte) => byte === 0)).toBe(true);
        expect([result.stdout.toString('latin1', 10_000_000), result.stderr.toString()]).toEqual(['end\n', 'end\n']);
      });

      it('of both streams at once is whole', async () => {
        const shell = await session();
        const { stdout, stderr } = await shell.exec(
          'i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done',
        );
        const lines = (word: string): string =>
          Array.from({ length: 3000 }, (_, index) => `${word} ${index}\n`).join('');
        expect(stdout).toBe(lines('out'));
        expect(stderr).toBe(lines('err'));
      });

      it('that looks like a marker is output', async () => {
        const shell = await session();
        const like = '\\000s0123456789abcdef012345670 0  \\n\\000\\000';
        const { stdout, stderr } = await shell.exec(`printf '${like}'; printf '${like}' >&2`);
        expect(stdout).toBe('\0s0123456789abcdef012345670 0  \n\0\0');
        expect(stderr).toBe(stdout);
        await expectInStep(shell);
      });

      it('of what the shell knows about itself is output: set, trap, functions, environment', async () => {
        const shell = await session();
        for (const text of ['set', 'set 2>&1 >&2', 'trap', 'export -p', 'env', 'type eval __sw 2>&1']) {
          expect((await shell.exec(text)).shellExited).toBe(false);
          await expectInStep(shell);
        }
      });

      it('goes through /dev/stdout and /dev/stderr', async () => {
        const shell = await session();
        const result = await shell.exec('echo a >/dev/stdout; echo b >/dev/stderr; sh -c "echo c >/dev/stderr"');
        expect(outcome(result)).toEqual([0, 'a\n', 'b\nc\n']);
      });
    });

    describe('a text that is no command', () => {
      it.each([
        "echo 'x",
        'echo "x',
        'echo `',
        'echo $(',
        'echo ${',
        'if',
        'if true; then',
        'while true; do',
        'for',
        'case x in',
        'f() {',
        '{',
        '(',
        ')',
        '}',
        'fi',
        'done',
        'esac',
        ';;',
        '&&',
        'a b c )',
        'echo a; echo b; )',
        'true |',
        'cat <',
      ])('ends with a status and leaves the shell alive: %s', async (text) => {
        const shell = await session();
        await shell.exec('kept=yes');
        const result = await shell.exec(text);
        expect(result.exitCode).toBeGreaterThan(0);
        expect([1, 2, 3]).toContain(result.exitCode);
        expect(result).toMatchObject({ failed: true, shellExited: false });
        expect(result.stderr).not.toBe('');
        expect(result.stderr).not.toMatch(driverText);
        expect((await shell.exec('echo "$? $kept"')).stdout).toBe(`${result.exitCode} yes\n`);
        await expectInStep(shell);
      });

      it('ends when its heredoc does not', async () => {
        const shell = await session();
        const result = await shell.exec('cat <<END\nhello');
        expect(result.shellExited).toBe(false);
        if (result.exitCode === 0) expect(result.stdout.trimEnd()).toBe('hello');
        await expectInStep(shell);
      });

      it.each([
        'break',
        'continue',
        'break 99',
        'continue 99',
        'declare x=1',
        'local y=1',
        'shift 99',
        'return 3',
        'return',
      ])('is as at the top level of a script: %s', async (text) => {
        const shell = await session();
        const result = await shell.exec(text);
        // A POSIX shell may end at `return`, and at a failing special builtin.
        if (result.shellExited) expect(text).toMatch(/return|shift/);
        else await expectInStep(shell);
        expect(result.stdout).toBe('');
        expect(result.stderr).not.toMatch(driverText);
      });

      it('does not keep a loop of its own from being left', async () => {
        const shell = await session();
        const { stdout } = await shell.exec('for i in 1 2 3; do echo $i; [ $i = 2 ] && break; done; echo end');
        expect(stdout).toBe('1\n2\nend\n');
        const { stdout: twice } = await shell.exec(
          'for i in 1 2; do for j in a b; do echo $i$j; continue 2; done; done; echo end',
        );
        expect(twice).toBe('1a\n2a\nend\n');
        await expectInStep(shell);
      });
    });

    describe('a reader of stdin', () => {
      it.each([
        ['cat', 0],
        ['head -1', 0],
        ['read x', 1],
        ['while read line; do echo "$line"; done', 0],
        ['sh', 0],
        ['cat | cat', 0],
        ['(cat; cat)', 0],
        ['cat <&0', 0],
        ['f() { cat; read y; }; f', 1],
      ])('gets its end at once: %s', async (text, status) => {
        const shell = await session();
        expect(outcome(await shell.exec(text))).toEqual([status, '', '']);
        await expectInStep(shell);
      });

      it('reads what it is given by the shell', async () => {
        const shell = await session();
        expect((await shell.exec('cat <<END\none\ntwo\nEND')).stdout).toBe('one\ntwo\n');
        expect((await shell.exec('echo three | cat')).stdout).toBe('three\n');
        await expectInStep(shell);
      });

      it('may take the shell’s stdin away from its own command only', async () => {
        const shell = await session();
        const file = fresh();
        await shell.exec(`echo text >${file}`);
        expect((await shell.exec(`exec <${file}; cat`)).stdout).toBe('text\n');
        expect(outcome(await shell.exec('cat'))).toEqual([0, '', '']);
        await shell.exec('exec <&-');
        await expectInStep(shell);
      });
    });

    describe('a shell that ends under its command', () => {
      it.each([
        ['echo a; echo b >&2; exit 3', { exitCode: 3, stdout: 'a\n', stderr: 'b\n' }],
        ['echo a; exit', { exitCode: 0, stdout: 'a\n' }],
        ['echo a; exec true', { exitCode: 0, stdout: 'a\n' }],
        ['exec sh -c "echo a; exit 5"', { exitCode: 5, stdout: 'a\n' }],
        ['set -e; echo a; false; echo b', { exitCode: 1, stdout: 'a\n' }],
        ['f() { exit 6; }; f', { exitCode: 6, stdout: '' }],
      ])('resolves with its status and its whole output: %s', async (text, expected) => {
        const shell = await session();
        const result = await shell.exec(text);
        expect(result).toMatchObject({ ...expected, shellExited: true });
        expect(result.failed).toBe(result.exitCode !== 0);
        expect(result.signal).toBeUndefined();
        expect((await rejection(shell.exec('echo next'))).code).toBe('ERR_SESSION_LOST');
      });

      it.each(['KILL', 'TERM', 'HUP'] as const)('resolves with the signal it died of: %s', async (signal) => {
        const shell = await session();
        const result = await shell.exec(`echo a; kill -${signal} $$; sleep 100`);
        expect(result).toMatchObject({ stdout: 'a\n', failed: true, shellExited: true });
        if (signal === 'HUP' && differs('a hang-up is an exit')) expect(result.exitCode).toBe(1);
        else expect([result.signal, result.exitCode]).toEqual([`SIG${signal}`, undefined]);
      });

      it('has its whole output when it ends right after', async () => {
        const shell = await session();
        const { stdout, exitCode } = await shell.exec('head -c 3000000 /dev/zero; exit 4');
        expect([stdout.length, exitCode]).toEqual([3_000_000, 4]);
      });

      it('or that fails at an unset variable under set -u has a status, and does not go on', async () => {
        const shell = await session();
        const result = await shell.exec('set -u; echo a; echo "$no_such_variable_at_all"; echo b');
        expect(result).toMatchObject({ failed: true, stdout: 'a\n' });
        if (!result.shellExited) await expectInStep(shell);
      });

      it('has its own status when it fails under set -e later', async () => {
        const shell = await session();
        expect((await shell.exec('set -e')).shellExited).toBe(false);
        expect(outcome(await shell.exec('echo fine'))).toEqual([0, 'fine\n', '']);
        expect(await shell.exec('false')).toMatchObject({ exitCode: 1, shellExited: true });
      });

      it('leaves the next command of the pool to another shell', async () => {
        const { pid } = await pool.exec('exit 3');
        const next = await pool.exec('echo $$');
        expect(next.stdout).toBe(`${next.pid}\n`);
        expect(next.pid).not.toBe(pid);
      });

      it('is not a subshell, nor a child, that ends', async () => {
        const shell = await session();
        expect(await shell.exec('(exit 3)')).toMatchObject({ exitCode: 3, shellExited: false });
        expect(await shell.exec('sh -c "kill -9 \\$\\$"')).toMatchObject({ exitCode: 137, shellExited: false });
        await expectInStep(shell);
      });
    });

    describe('a command that changes the ground it stands on', () => {
      it.each(['>', '>>'])('redirects its own stdout only: exec %s', async (operator) => {
        const shell = await session();
        const file = fresh();
        expect(outcome(await shell.exec(`exec ${operator}${file}; echo inside`))).toEqual([0, '', '']);
        expect(readFileSync(file, 'utf8')).toBe('inside\n');
        await expectInStep(shell);
      });

      it('redirects its own stderr only', async () => {
        const shell = await session();
        const file = fresh();
        expect(outcome(await shell.exec(`exec 2>${file}; echo inside >&2`))).toEqual([0, '', '']);
        expect(readFileSync(file, 'utf8')).toBe('inside\n');
        await expectInStep(shell);
      });

      it.each([
        'exec 1>&-',
        'exec 2>&-',
        'exec 0<&-',
        'exec <&- >&- 2>&-',
        'exec 1>&2',
        'exec 2>&1',
        'exec 1>/dev/null 2>&1',
      ])('closes or moves its own streams only: %s', async (text) => {
        const shell = await session();
        expect(await shell.exec(text)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
        await expectInStep(shell);
      });

      it.each(['command() { :; }', 'builtin() { :; }'])(
        'gets right answers or ERR_TIMEOUT, never a wrong one, when it redefines the way to the builtins: %s',
        async (text) => {
          const own = createPool({ shell: make(), max: 1, logger: false, timeout: 1_500, killGrace: 50 });
          onTestFinished(() => own.close({ force: true }));
          const shell = await testSession(own);
          const { error } = await shell.exec(text, { reject: false });
          if (error) expect([error.code, error.stateLost]).toEqual(['ERR_TIMEOUT', true]);
          else await expectInStep(shell);
          await shell.release();
          expect((await own.exec('echo right')).stdout).toBe('right\n');
        },
      );

      it('gets right answers or ERR_PROTOCOL when a job reads the pipe of stderr', async () => {
        const own = createPool({ shell: make(), max: 1, logger: false, timeout: 10_000 });
        onTestFinished(() => own.close({ force: true }));
        for (let round = 0; round < 20; round++) {
          const thief = await own.exec('cat </dev/stderr >/dev/null & echo started', { reject: false });
          const next = await own.exec('echo next', { reject: false });
          for (const { error, stdout } of [thief, next]) {
            if (error) expect(error.code).toBe('ERR_PROTOCOL');
            else expect(['started\n', 'next\n']).toContain(stdout);
          }
        }
      });

      it('may keep descriptors of its own', async () => {
        const shell = await session();
        const file = fresh();
        await shell.exec(`exec 3>${file} 4>&1`);
        await shell.exec('echo three >&3');
        await shell.exec('exec 3>&-');
        expect(readFileSync(file, 'utf8')).toBe('three\n');
        await expectInStep(shell);
      });

      it.each([
        ['functions', 'echo() { :; }; printf() { :; }; read() { :; }; true() { return 1; }'],
        ['printf turned off where it can be', 'enable -n printf 2>/dev/null; :'],
        ['aliases', 'alias printf=true echo=true eval=: read=: command=: builtin=: while=: case=: __sw=:'],
        ['IFS', 'IFS=0123456789'],
        ['IFS of letters', "IFS='s %d '"],
        ['PATH', 'PATH=/nowhere'],
        ['locale', 'LC_ALL=C; LANG=C'],
        ['nounset', 'set -u'],
        ['noglob and noclobber', 'set -fC'],
        ['allexport', 'set -a'],
        ['positional parameters', 'set -- a b c'],
        ['HOME, PWD and OLDPWD', 'unset HOME PWD OLDPWD'],
        ['PS4', "PS4='$(echo oops >&2)'"],
        ['POSIXLY_CORRECT', 'POSIXLY_CORRECT=1'],
      ])('does not touch the driver: %s', async (_, text) => {
        const shell = await session();
        if (await isBash(shell)) {
          await shell.exec('shopt -s expand_aliases');
        }
        const changed = await shell.exec(text);
        expect(changed.shellExited).toBe(false);
        expect([changed.stdout, changed.stderr]).toEqual(['', '']);
        for (const status of [0, 3]) {
          const script = `echo out${status}; echo err${status} >&2; exit ${status}`;
          const result = await shell.exec(`/bin/sh -c '${script}'`);
          expect(outcome(result)).toEqual([status, `out${status}\n`, `err${status}\n`]);
        }
        expect((await shell.exec("/bin/sh -c 'exit 8'")).exitCode).toBe(8);
        expect((await shell.exec('/bin/echo "$?"')).stdout).toBe('8\n');
      });

      it('shows its own lines only under set -x', async () => {
        const shell = await session();
        await shell.exec("PS4='+ '");
        const on = await shell.exec('set -x');
        expect([on.stdout, on.stderr]).toEqual(['', '']);
        const traced = await shell.exec('echo hi');
        expect(traced.stdout).toBe('hi\n');
        expect(traced.stderr).toMatch(/^\++ echo hi\n$/);
        const failed = await shell.exec('(exit 3)');
        expect(failed.exitCode).toBe(3);
        expect(failed.stderr).toMatch(/^\++ exit 3\n$/);
        expect((await shell.exec('false')).stderr).toMatch(/^\++ false\n$/);
        const off = await shell.exec('set +x');
        expect(off.stderr).toMatch(differs('the trace of set +x') ? /^$/ : /^\++ set \+x\n$/);
        await expectInStep(shell);
      });

      it('shows its own lines only under set -v', async () => {
        const shell = await session();
        await shell.exec('set -v');
        const { stdout, stderr } = await shell.exec('echo hi');
        expect(stdout).toBe('hi\n');
        const ended = differs('the last newline of set -v') ? '' : '\n';
        expect(['', `echo hi${ended}`]).toContain(stderr);
        const off = await shell.exec('set +v');
        expect(['', `set +v${ended}`]).toContain(off.stderr);
        await expectInStep(shell);
      });

      it('shows its own commands only in a DEBUG trap', async () => {
        const shell = await session();
        if (!(await isBash(shell))) return;
        await shell.exec(`trap 'echo "<$BASH_COMMAND>"' DEBUG`);
        expect(outcome(await shell.exec('echo hi'))).toEqual([0, '<echo hi>\nhi\n', '']);
        expect(outcome(await shell.exec('(exit 3)'))).toEqual([3, expect.stringMatching(/^(<.*exit 3.*>\n)?$/), '']);
        expect((await shell.exec('trap - DEBUG')).stdout).toBe('<trap - DEBUG>\n');
        await expectInStep(shell);
      });

      it('runs its own ERR, RETURN and EXIT traps for its own commands only', async () => {
        const shell = await session();
        if (await isBash(shell)) {
          await shell.exec("trap 'echo error' ERR; set -E");
          expect((await shell.exec('true')).stdout).toBe('');
          expect((await shell.exec('false')).stdout).toBe('error\n');
          expect((await shell.exec('true')).stdout).toBe('');
          await shell.exec('trap - ERR');
        }
        expect((await shell.exec("trap 'echo bye' EXIT")).stdout).toBe('');
        await expectInStep(shell);
        const stdout = differs('the output of an EXIT trap') ? expect.stringMatching(/^(bye\n)?$/) : 'bye\n';
        expect(await shell.exec('exit 2')).toMatchObject({ exitCode: 2, shellExited: true, stdout });
      });

      it.each([
        ['exit', 'exit 4'],
        ['set -e', 'set -e; (exit 4)'],
      ])('gets all that an EXIT trap writes when its shell ends by %s', async (_, end) => {
        const trap = "trap 'echo bye; echo bye >&2' EXIT";
        const last = `echo last; echo last >&2; ${end}`;
        const output = differs('the output of an EXIT trap')
          ? expect.stringMatching(/^last\n(bye\n)?$/)
          : 'last\nbye\n';
        const exitCode = differs('the output of an EXIT trap') ? expect.any(Number) : 4;
        const expected = { exitCode, shellExited: true, stdout: output, stderr: output };
        expect(await (await session()).exec(`${trap}; ${last}`)).toMatchObject(expected);
        const shell = await session();
        expect(outcome(await shell.exec(trap))).toEqual([0, '', '']);
        await expectInStep(shell);
        expect(await shell.exec(last)).toMatchObject(expected);
      });

      it.each(['3 4 5 6 7 8 9', '0 1 2 3 4 5 6 7 8 9', '7', '8'])(
        'gets ERR_PROTOCOL, or right answers, when it closes the driver’s descriptors: %s',
        async (digits) => {
          const shell = await session();
          const high = (await isBash(shell)) ? ' 10 11 12 250 251 252 253 254 255' : '';
          const text = `for fd in ${digits}${digits.length > 1 ? high : ''}; do eval "exec $fd>&-"; done`;
          await expectHonest(shell, text);
        },
      );

      it.each(['250', '251', '252', '251 252', '250 251 252'])(
        'gets ERR_PROTOCOL, or right answers, when it closes high descriptors: %s',
        async (numbers) => {
          const shell = await session();
          if (await isBash(shell)) await expectHonest(shell, `for fd in ${numbers}; do eval "exec $fd>&-"; done`);
        },
      );

      it('names the descriptor in its own result, and the shell is replaced, when it leads one elsewhere', async () => {
        const shell = await session();
        const number = make().driver('secret', 'both').descriptors?.stderr;
        if (number === undefined) return;
        const result = await shell.exec(`echo out; echo err >&2; exec ${number}>/dev/null`);
        expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 0 });
        expect(result.invalid).toBe(`descriptor ${number}, by which the shell answers, was taken`);
        const next = await shell.exec('echo err >&2', { reject: false });
        expect(next.error?.code).toBe('ERR_SESSION_LOST');
        expect((await pool.exec('echo err >&2')).stderr).toBe('err\n');
      });

      /** Either the driver does not mind, or it says so: never a silent difference, never a hang. */
      async function expectHonest(shell: Session, text: string): Promise<void> {
        const codes: string[] = [];
        let invalid: string | undefined;
        for (const next of [text, 'echo out; echo err >&2; (exit 9)', 'echo again']) {
          const result = await shell.exec(next, { reject: false, timeout: 8_000 });
          if (result.error) codes.push(result.error.code);
          else if (next === text) ({ invalid } = result);
          else if (next === 'echo again') expect(outcome(result)).toEqual([0, 'again\n', '']);
          else expect(outcome(result)).toEqual([9, 'out\n', 'err\n']);
        }
        if (invalid !== undefined) expect(invalid).toMatch(/^descriptor \d+, /);
        expect([
          invalid === undefined ? '' : 'ERR_SESSION_LOST ERR_SESSION_LOST',
          'ERR_PROTOCOL',
          'ERR_PROTOCOL ERR_SESSION_LOST',
          'ERR_PROTOCOL ERR_SESSION_LOST ERR_SESSION_LOST',
        ]).toContain(codes.join(' '));
      }
    });

    describe('an interrupt', () => {
      it.each([
        ['an external command', nap],
        ['a list', `${nap}; echo b`],
        ['a list with && and ||', `true && ${nap} || echo b`],
        ['a while loop', `while ${nap}; do :; done; echo b`],
        ['a loop that only computes', 'echo ready; while :; do :; done; echo b'],
        ['a for loop', `for i in 1 2 3; do ${nap}; done; echo b`],
        ['nested loops', `while :; do for i in 1 2 3; do ${nap}; done; done; echo b`],
        ['a function', `f() { ${nap}; echo b; }; f; echo b`],
        [
          'functions in functions, in loops',
          `f() { while :; do ${nap}; echo b; done; }; g() { f; echo b; }; while :; do g; echo b; done; echo b`,
        ],
        ['a function that only computes', 'f() { echo ready; while :; do :; done; }; f; echo b'],
        ['a pipeline', `${nap} | cat; echo b`],
        ['a pipeline that flows', 'sh -c "echo ready >&2; exec yes" | cat >/dev/null; echo b'],
        ['a pipeline of loops', '{ echo ready >&2; while :; do :; done; } | cat; echo b'],
        ['a subshell', `(${nap}; echo b); echo b`],
        ['a subshell that only computes', '(echo ready; while :; do :; done); echo b'],
        ['a command substitution', `x=$(${nap.replace('ready', 'ready >&2')}); echo b`],
        ['a brace group', `{ ${nap}; echo b; }; echo b`],
        ['if and case', `if ${nap}; then echo b; fi; case x in x) echo b;; esac`],
        ['wait', 'sleep 100 & echo ready; wait; echo b'],
        ['wait for one', 'sleep 100 & echo ready; wait $!; echo b'],
        ['eval', `eval "${nap.replaceAll('"', "'")}; echo b"; echo b`],
        ['a sourced file', `printf '%s\\n' '${nap}' 'echo b' >sourced; . ./sourced; echo b`],
      ])('ends %s and keeps the shell with its state', async (_, text) => {
        const shell = await session();
        await shell.exec('kept=yes');
        const run = shell.exec(text);
        await said(run, 'ready');
        expect(run.interrupt()).toBe(true);
        const result = await run;
        expect(result).toMatchObject({ exitCode: 130, failed: true, shellExited: false });
        expect(result.stdout.replaceAll('ready', '')).not.toContain('b');
        expect(result.stderr).not.toMatch(driverText);
        expect((await shell.exec('echo "$? $kept"')).stdout).toBe('130 yes\n');
        await expectInStep(shell);
      });

      it.each([
        ['a program', 'echo ready; sleep 100'],
        ['a program in a substitution', 'echo ready >&2; x=$(sleep 100)'],
        ['a program in a pipeline', 'echo ready; sleep 100 | cat'],
      ])('is not lost on %s that is just being started, 30 times', async (_, text) => {
        const shell = await session();
        for (let round = 0; round < 30; round++) {
          const run = shell.exec(text);
          await said(run, 'ready');
          run.interrupt();
          const { exitCode, stdout, stderr } = await run;
          // zsh wrote a second time what it had just written when the interrupt came.
          expect([exitCode, stdout + stderr]).toEqual([130, 'ready\n']);
        }
        await expectInStep(shell);
      });

      it('may come twice, and at the end of a command, and hits no other command', async () => {
        const shell = await session();
        for (let round = 0; round < 50; round++) {
          const run = shell.exec('echo ready');
          const next = shell.exec(`echo next${round}`);
          await said(run, 'ready');
          // It has ended, ends now, or waits for its fence: only this one may have 130.
          run.interrupt();
          run.interrupt();
          const { exitCode, stdout } = await run;
          expect([0, 130]).toContain(exitCode);
          expect(stdout).toBe('ready\n');
          expect(outcome(await next)).toEqual([0, `next${round}\n`, '']);
        }
        await expectInStep(shell);
      });

      it('before the shell has read its command skips it, or runs it, and hits no other command', async () => {
        const shell = await session();
        for (let round = 0; round < 50; round++) {
          const run = shell.exec('echo ran');
          const next = shell.exec(`echo next${round}`);
          run.interrupt();
          const result = await run;
          expect([0, 130]).toContain(result.exitCode);
          if (result.exitCode === 0) expect(result.stdout).toBe('ran\n');
          expect(outcome(await next)).toEqual([0, `next${round}\n`, '']);
        }
        await expectInStep(shell);
      });

      it('ends one command after the other in the same shell', async () => {
        const shell = await session();
        await shell.exec('kept=yes');
        const texts = [
          nap,
          `${nap}; echo b`,
          'echo ready; while :; do :; done',
          `f() { while ${nap}; do :; done; }; f`,
        ];
        for (const text of [...texts, ...texts, ...texts]) {
          const run = shell.exec(`${text}; echo b`);
          await said(run, 'ready');
          run.interrupt();
          const result = await run;
          expect(result).toMatchObject({ exitCode: 130, shellExited: false });
          expect(result.stdout).not.toContain('b');
          expect((await shell.exec('echo "$? $kept"')).stdout).toBe('130 yes\n');
        }
        await expectInStep(shell);
      });

      it('is what the command makes of it when the command has a trap', async () => {
        const shell = await session();
        const run = shell.exec(`sh -c 'trap "echo caught; exit 3" INT; echo ready; while :; do sleep 0.01; done'`);
        await said(run, 'ready');
        run.interrupt();
        const result = await run;
        expect(result.stdout).toBe('ready\ncaught\n');
        expect(result.shellExited).toBe(false);
        await expectInStep(shell);
      });

      it('is the first rung of abort: the shell is kept when the command ends by it', async () => {
        const shell = await session();
        await shell.exec('kept=yes');
        const run = shell.exec(`${nap}; echo b`);
        await said(run, 'ready');
        run.abort('enough');
        const error = await rejection(run);
        expect(error).toMatchObject({
          code: 'ERR_ABORTED',
          cause: 'enough',
          rung: 'interrupt',
          stateLost: false,
          started: true,
          exitCode: 130,
          stdout: 'ready\n',
        });
        expect((await shell.exec('echo $kept')).stdout).toBe('yes\n');
      });

      it('is followed by the kill of the group when the command ignores it', async () => {
        const own = createPool({ shell: make(), max: 1, logger: false, killGrace: 50 });
        onTestFinished(() => own.close({ force: true }));
        const shell = await own.acquire();
        await shell.exec("trap '' INT");
        const { pid } = shell;
        const error = await rejection(shell.exec('echo begun; sleep 100; echo b', { timeout: 50 }));
        expect(error).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'run', rung: 'kill', stateLost: true, started: true });
        expect(error.stdout).not.toContain('b\n');
        expect((await rejection(shell.exec('echo next'))).code).toBe('ERR_SESSION_LOST');
        await shell.release();
        const next = await own.exec('echo $$');
        expect(next.stdout).not.toBe(`${pid}\n`);
        expect(next.exitCode).toBe(0);
      });
    });

    describe('quoting', () => {
      it('gives every string without NUL back, byte for byte', async () => {
        const shell = await session();
        const part = fc.oneof(
          fc.string({ unit: 'binary', maxLength: 20 }),
          fc.string({ maxLength: 20 }),
          fc.constantFrom(
            "'",
            '"',
            '\\',
            '\n',
            '\r\n',
            '\t',
            '`',
            '$HOME',
            '$(echo no)',
            '!',
            '!!',
            '*',
            '~',
            '-n',
            '',
            ' ',
            '\x01',
            '\x7f',
            '\x1b[0m',
            '\u0080',
            '\ufeff',
            '😀',
            "'\\''",
            '#',
            '%s',
            '\\0',
            '\x04',
            '\x03',
          ),
        );
        const value = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('').replaceAll('\0', ''));
        await fc.assert(
          fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 60 }), async (values) => {
            const { stdout } = await shell.$({ encoding: 'buffer' })`printf '%s\0' ${values}`;
            const expected = values.map((text) => `${text}\0`).join('');
            expect(stdout.equals(Buffer.from(expected))).toBe(true);
          }),
          { numRuns: 100 },
        );
      });

      it('gives every single byte and every pair of special characters back', async () => {
        const shell = await session();
        const special = Array.from(' \t\n\r\'"`\\$!&|;<>()[]{}*?~#=%^-+@:,./0aA\x01\x04\x1a\x7f');
        const values = [
          ...Array.from({ length: 127 }, (_, code) => String.fromCharCode(code + 1)),
          ...special.flatMap((first) => special.map((second) => first + second)),
        ];
        const { stdout } = await shell.$`printf '%s\0' ${values}`;
        expect(stdout.split('\0').slice(0, -1)).toEqual(values);
      });

      it('gives naughty strings back, apart and side by side', async () => {
        const shell = await session();
        const { stdout } = await shell.$`printf '%s\0' ${naughty}`;
        expect(stdout.split('\0').slice(0, -1)).toEqual(naughty);
        for (const [index, first] of naughty.entries()) {
          const second = naughty[(index * 7 + 1) % naughty.length] ?? '';
          const { stdout: joined } = await shell.$`printf %s ${first}${second}; printf %s x${second}y`;
          expect(joined).toBe(`${first}${second}x${second}y`);
        }
      });

      it('gives a value of 1 MB back', async () => {
        const shell = await session();
        const value = `it's "1"\n日本`.repeat(70_000);
        const { stdout } = await shell.$`printf %s ${value}`;
        expect(stdout === value).toBe(true);
      });

      it.each(['\0', 'a\0b', '\ud800', 'a\udc00', '\udc00\ud800'])(
        'refuses what no shell could be given: %j',
        async (value) => {
          const shell = await session();
          expect(() => shell.quote(value)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
          expect(await rejection(shell.$`echo ${value}`)).toMatchObject({ code: 'ERR_OPTIONS', started: false });
          expect(await rejection(shell.exec(`echo ${value}`))).toMatchObject({ code: 'ERR_OPTIONS', started: false });
          await expectInStep(shell);
        },
      );
    });

    describe('a command text', () => {
      it('may have 1 MB', async () => {
        const shell = await session();
        const line = 'x=$((x+1)); : "some text that takes room on the line"\n';
        const result = await shell.exec(`x=0\n${line.repeat(20_000)}echo $x`);
        expect(outcome(result)).toEqual([0, '20000\n', '']);
        await expectInStep(shell);
      });

      it.each([
        'echo a ',
        'echo a \t ',
        'echo a\n',
        '\n\necho a\n\n',
        ' echo a',
        'echo a;',
        'echo a\\',
        'echo a # comment',
        'echo a &&\necho b',
        'echo a\r',
      ])('is run as it is: %j', async (text) => {
        const shell = await session();
        const { stdout, exitCode } = await shell.exec(text);
        expect(exitCode).toBe(0);
        expect(stdout).toBe({ 'echo a &&\necho b': 'a\nb\n', 'echo a\\': stdout, 'echo a\r': 'a\r\n' }[text] ?? 'a\n');
        await expectInStep(shell);
      });

      it('may end in a blank that counts', async () => {
        const shell = await session();
        expect((await shell.exec('printf "[%s]" a\\ ')).stdout).toBe('[a ]');
        expect((await shell.exec("printf '[%s]' 'a\n'")).stdout).toBe('[a\n]');
      });

      it.each([
        ['as it is', ':'],
        ['of letters', 'IFS=pb'],
        ['empty', 'IFS='],
        ['unset', 'unset IFS'],
      ])('may begin and end with blanks, with an IFS %s', async (_, text) => {
        const shell = await session();
        await shell.exec(text);
        for (const [before, after] of [
          [' ', ' '],
          ['\t', '\t'],
          ['\n\n', '\n\n'],
          [' \t\n', '\n\t '],
        ])
          expect(await shell.exec(`${before}printf '[%s]' b\\${after}`)).toMatchObject({
            exitCode: 0,
            stdout: after?.startsWith('\n') ? '[b]' : `[b${after?.[0]}]`,
          });
      });

      it('may have many lines, comments, heredocs and functions', async () => {
        const shell = await session();
        const text = "# it's a comment\nf() {\n  cat <<'END'\nit's $here\nEND\n}\nf # done\necho \"$?\"";
        expect((await shell.exec(text)).stdout).toBe("it's $here\n0\n");
        await expectInStep(shell);
      });
    });
  });
}

/** Says `ready` when it can be interrupted: a SIGINT just before the shell forks reaches no child. */
const promptNap = 'sh -c "echo ready; exec sleep 100"';
const lateNap = 'sh -c "sleep 0.1; echo ready; exec sleep 100"';

/** The driver's own names and texts: they have no business in results. */
const driverText = /__sw|builtin printf|command printf|command eval|\bs[0-9a-f]{24}/;
