import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Session } from 'shellwright';
import { rejection } from '../support/run.ts';
import { expectInStep, outcome, type Harness } from './harness.ts';

/** What a child sees of a variable. */
const child = (name: string): string => `sh -c 'printf "[%s]" "\${${name}-unset}"'`;

export function environmentContract(given: Harness): void {
  const session = (): Promise<Session> => given.session();

  it('is seen by the command and its children, and by nobody after it', async () => {
    const shell = await session();
    await shell.exec('A=shell; export B=exported');
    const look = `printf '[%s]' "$A" "$B" "\${C-unset}"; ${child('A')}; ${child('B')}; ${child('C')}; f() { ${child('A')}; }; f`;
    expect((await shell.exec(look)).stdout).toBe('[shell][exported][unset][unset][exported][unset][unset]');
    expect((await shell.exec(look, { env: { A: '1', B: '2', C: '3' } })).stdout).toBe('[1][2][3][1][2][3][1]');
    expect((await shell.exec(look)).stdout).toBe('[shell][exported][unset][unset][exported][unset][unset]');
    await expectInStep(shell);
  });

  it('is for every child of the command, the last too', async () => {
    const shell = await session();
    const text = `${child('A')}; cat; (${child('A')}); x=$(${child('A')}); echo "$x"; ${child('A')} | cat; ${child('A')}`;
    expect((await shell.exec(text, { env: { A: '1' }, input: 'in' })).stdout).toBe('[1]in[1][1]\n[1][1]');
  });

  it.each([
    '',
    'a b',
    "it's",
    '"double" `back` $HOME $(echo no) \\n \\',
    'two\nlines\n',
    '-n',
    '*',
    '日本語 😀',
    '\x01\x7f\x1b[0m\t',
    '=',
    "'",
    "'\\''",
  ])('gives a value as it is: %j', async (value) => {
    const shell = await session();
    const { stdout } = await shell.exec('printf %s "$A"; sh -c \'printf %s "$A"\'', { env: { A: value } });
    expect(stdout).toBe(value + value);
    await expectInStep(shell);
  });

  it('may be long, and may have many variables', async () => {
    const shell = await session();
    const value = "it's long ".repeat(10_000);
    expect((await shell.exec('sh -c \'printf %s "$A"\'', { env: { A: value } })).stdout === value).toBe(true);
    const env = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`V${index}`, `value ${index}`]));
    const { stdout } = await shell.exec('env', { env });
    for (const [name, text] of Object.entries(env)) expect(stdout).toContain(`\n${name}=${text}\n`.trimStart());
    expect((await shell.exec('env')).stdout).not.toMatch(/^V\d/m);
  });

  it('is undone alone: all else that the command changed stays', async () => {
    const shell = await session();
    const text = 'x=5; export Y=6; f() { echo f; }; cd /; set -o noglob; A=changed; (exit 3)';
    expect(outcome(await shell.exec(text, { env: { A: '1' } }))).toEqual([3, '', '']);
    const { stdout } = await shell.exec('echo "$? $x [${A-unset}]" *; sh -c \'echo "$Y [${A-unset}]"\'; f; pwd');
    expect(stdout).toBe('3 5 [unset] *\n6 [unset]\nf\n/\n');
  });

  it('lets the command see the status before it', async () => {
    const shell = await session();
    await shell.exec('(exit 7)');
    expect((await shell.exec('echo $?; (exit 8)', { env: { A: '1' } })).stdout).toBe('7\n');
    expect((await shell.exec('echo $?')).stdout).toBe('8\n');
  });

  it('may be what the shell itself heeds', async () => {
    const shell = await session();
    const env = { PATH: '/nowhere', IFS: '0123456789', LC_ALL: 'C', HOME: '/usr', CDPATH: '/' };
    const { stdout } = await shell.exec(
      `echo "$HOME $PATH"; ${given.differs('HOME of one command') ? 'cd "$HOME"' : 'cd'}; pwd; nosuch 2>/dev/null || set -- a b; echo "$*"`,
      {
        env,
        cwd: '/',
      },
    );
    expect(stdout).toBe('/usr /nowhere\n/usr\na0b\n');
    expect((await shell.exec('echo "$*"; cat </dev/null; pwd')).stdout).toBe(`a b\n${given.folder}\n`);
    await expectInStep(shell);
  });

  it.each([
    ['alone', { A: 'new' }],
    ['among others', { B: 'new', A: 'new', C: 'new' }],
    ['without a value', { D: 'new' }],
  ])('cannot have a read-only variable, and nothing has run: %s', async (_, env) => {
    const shell = await session();
    await shell.exec('readonly A=old; readonly D; kept=yes; (exit 4)');
    for (const more of [{}, { cwd: '/usr', input: 'x', merge: true }, { input: Readable.from(['x']) }]) {
      const error = await rejection(shell.exec('echo ran; x=1', { env, ...more }));
      expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
      expect(error.message).toContain(Object.keys(env).join(', '));
      expect(error.message).not.toContain('new');
      expect((await shell.exec('echo "$kept $A [$x] [$B]"; pwd')).stdout).toBe(`yes old [] []\n${given.folder}\n`);
    }
    await expectInStep(shell);
  });

  it.skipIf(given.foregroundOnly)('is undone when the command is stopped, fails, or is no command', async () => {
    const shell = await session();
    const env = { A: '1' };
    for (const text of ["echo 'x", 'echo $(', ')', 'break 9', 'nosuchprogram', 'false'])
      await shell.exec(text, { env });
    await rejection(shell.exec('while :; do :; done', { env, timeout: 100 }));
    await rejection(shell.exec('f() { while :; do sleep 100; done; }; f', { env, timeout: 100 }));
    expect((await shell.exec(`echo "\${A-unset}"; ${child('A')}`)).stdout).toBe('unset\n[unset]');
    await expectInStep(shell);
  });

  it('does not end a shell under set -e', async () => {
    const shell = await session();
    await shell.exec('readonly R=1; set -eu');
    expect((await rejection(shell.exec('echo ran', { env: { R: '2' } }))).code).toBe('ERR_OPTIONS');
    expect(outcome(await shell.exec('false || echo "$A"', { env: { A: '1' } }))).toEqual([0, '1\n', '']);
    expect(await shell.exec('echo a; false; echo b', { env: { A: '1' } })).toMatchObject({
      exitCode: 1,
      stdout: 'a\n',
      shellExited: true,
    });
  });
}
