import { mkdirSync, realpathSync, rmdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExecOptions, Session } from 'shellwright';
import { rejection, said } from '../support/run.ts';
import { expectInStep, outcome, type Harness } from './harness.ts';

export function folderContract(given: Harness): void {
  const session = (): Promise<Session> => given.session();
  /** A new folder, in the one where shells start. */
  const made = (name?: string): string => {
    const path = name === undefined ? given.fresh() : join(given.folder, name);
    mkdirSync(path);
    return path;
  };
  /** The shell is where it was, by every account. */
  const expectAt = async (shell: Session, folder: string): Promise<void> => {
    expect((await shell.exec('pwd; echo "$PWD"; pwd -P')).stdout).toBe(
      `${folder}\n${folder}\n${realpathSync(folder)}\n`,
    );
    await expectInStep(shell);
  };

  it('is where the command runs, and not the one after it', async () => {
    const shell = await session();
    const folder = made();
    expect(outcome(await shell.exec("pwd; sh -c 'pwd'", { cwd: folder }))).toEqual([0, `${folder}\n${folder}\n`, '']);
    await expectAt(shell, given.folder);
  });

  it.each([
    ['spaces and $signs', 'a b $HOME *'],
    ['quotes', `it's "quoted"`],
    ['a newline', 'two\nlines'],
    ['a dash in front', '-P'],
    ['only a dash', '-'],
    ['only two dashes', '--'],
    ['a tilde', '~'],
    ['a backslash', 'back\\slash\\n'],
    ['Unicode', '日本語 ü 😀'],
  ])('may have %s in its name, and may be relative', async (_, name) => {
    const shell = await session();
    const inside = made();
    const folder = join(inside, name);
    mkdirSync(folder);
    // `cd -` would go here, and so would one that heeds CDPATH.
    await shell.exec(`cd /; cd ${shell.quote(inside)}; CDPATH=/`);
    for (const cwd of [folder, name, `./${name}`]) {
      expect(outcome(await shell.exec('pwd', { cwd }))).toEqual([0, `${folder}\n`, '']);
    }
    expect((await shell.exec('pwd; echo "$OLDPWD"')).stdout).toBe(`${inside}\n/\n`);
  });

  it('is seen from the folder of the shell', async () => {
    const shell = await session();
    const folder = made();
    await shell.exec(`cd ${folder}`);
    expect((await shell.exec('pwd', { cwd: '..' })).stdout).toBe(`${given.folder}\n`);
    await expectAt(shell, folder);
  });

  it('leaves a folder that was reached by a link under that name', async () => {
    const shell = await session();
    const link = given.fresh();
    symlinkSync(made(), link);
    await shell.exec(`cd ${link}`);
    await shell.exec('true', { cwd: '/' });
    await expectAt(shell, link);
  });

  it('is undone alone: all else that the command changed stays', async () => {
    const shell = await session();
    await shell.exec('cd / && cd "$OLDPWD"; set -- one');
    const text =
      "x=5; export Y=6; f() { echo f; }; set -o noglob; umask 027; set -- two; trap 'echo usr' USR1; cd /; (exit 3)";
    expect(outcome(await shell.exec(text, { cwd: '/usr' }))).toEqual([3, '', '']);
    const { stdout } = await shell.exec('echo "$? $x $1 $OLDPWD" *; sh -c \'echo $Y\'; f; umask; kill -USR1 $$; pwd');
    expect(stdout).toMatch(new RegExp(`^3 5 two / \\*\n6\nf\n0?027\nusr\n${given.folder}\n$`));
  });

  it('leaves OLDPWD unset where it was', async () => {
    const shell = await session();
    await shell.exec('unset OLDPWD');
    expect((await shell.exec('echo "$OLDPWD"', { cwd: '/usr' })).stdout).toBe(`${given.folder}\n`);
    expect((await shell.exec('echo "${OLDPWD-unset}"')).stdout).toBe('unset\n');
  });

  it('lets the command see the status before it', async () => {
    const shell = await session();
    await shell.exec('(exit 7)');
    expect((await shell.exec('echo $?; (exit 8)', { cwd: '/' })).stdout).toBe('7\n');
    expect((await shell.exec('echo $?')).stdout).toBe('8\n');
  });

  it.each([
    ['a program', 'sh -c "echo ready; exec sleep 100"'],
    ...(given.foregroundOnly
      ? []
      : [
          ['a list', 'sh -c "echo ready; exec sleep 100"; echo b'],
          ['a loop', 'echo ready; while :; do :; done; echo b'],
          ['a loop in a function, elsewhere', 'f() { cd /; echo ready; while :; do :; done; echo b; }; f; echo b'],
        ]),
  ])('is left when the command is interrupted, aborted or out of time: %s', async (_, text) => {
    const shell = await session();
    await shell.exec('kept=yes');
    const ways: ((options: Omit<ExecOptions, 'encoding'>) => Promise<unknown>)[] = [
      async (options) => {
        const run = shell.exec(text, options);
        await said(run, 'ready');
        run.interrupt();
        expect((await run).exitCode).toBe(130);
      },
      async (options) => {
        const run = shell.exec(text, options);
        await said(run, 'ready');
        run.abort();
        expect(await rejection(run)).toMatchObject({ code: 'ERR_ABORTED', stateLost: false, exitCode: 130 });
      },
      (options) => rejection(shell.exec(text, { ...options, timeout: 150 })),
    ];
    for (const stop of ways) {
      await stop({ cwd: '/usr' });
      expect((await shell.exec('echo "$? $kept"; pwd')).stdout).toBe(`130 yes\n${given.folder}\n`);
      await stop({ cwd: '/usr', env: { A: '1' }, input: 'x' });
      expect((await shell.exec('echo "$? $kept [$A]"; pwd')).stdout).toBe(`130 yes []\n${given.folder}\n`);
    }
    await expectInStep(shell);
  });

  it.each(["echo 'x", 'echo $(', 'fi', 'cat <<END', 'break 9', 'continue', 'nosuchprogram', 'cd /nowhere/at/all'])(
    'is left when the command fails: %s',
    async (text) => {
      const shell = await session();
      const result = await shell.exec(text, { cwd: '/usr' });
      expect(result.shellExited).toBe(false);
      await expectAt(shell, given.folder);
    },
  );

  it('may vanish under the command', async () => {
    const shell = await session();
    const folder = made();
    expect(outcome(await shell.exec(`rmdir ${folder}`, { cwd: folder }))).toEqual([0, '', '']);
    await expectAt(shell, given.folder);
  });

  it('that cannot be entered is an error, and nothing has run', async () => {
    const shell = await session();
    const file = given.fresh();
    await shell.exec(`cd / && cd "$OLDPWD"; : >${file}; (exit 4)`);
    for (const cwd of ['/nowhere/at/all', 'nowhere', file]) {
      const error = await rejection(shell.exec('echo ran; x=1', { cwd }));
      expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
      expect(error.message).toContain(`\`${cwd}\``);
      expect(error.message).not.toMatch(/__sw|line 1:/);
      expect((await shell.exec('echo "$? [$x] $OLDPWD"; pwd')).stdout).toBe(`1 [] /\n${given.folder}\n`);
    }
    // It is not taken for the status of what ran.
    expect(outcome(await shell.exec(''))).toEqual([0, '', '']);
    await expectAt(shell, given.folder);
  });

  it('does not depend on what PWD says, or whether it can be written', async () => {
    const shell = await session();
    await shell.exec('PWD=/usr');
    await shell.exec('true', { cwd: '/' });
    await expectAt(shell, given.folder);
    await shell.exec('unset PWD; set -u');
    expect((await shell.exec('pwd -P', { cwd: '/' })).stdout).toBe('/\n');
    expect((await shell.exec('pwd -P')).stdout).toBe(`${given.folder}\n`);
    await shell.exec('cd .; set +u');
    await expectAt(shell, given.folder);
    await shell.exec('readonly OLDPWD');
    await shell.exec('true', { cwd: '/' }).then(undefined, () => {});
    expect((await shell.exec('pwd -P')).stdout).toBe(`${given.folder}\n`);
    await expectInStep(shell);
  });

  it('cannot be left for one that is gone: the result says so, and the shell is not used again', async () => {
    const shell = await session();
    const folder = made();
    await shell.exec(`cd ${folder}`);
    const result = await shell.exec(`echo ran; rmdir ${folder}; (exit 3)`, { cwd: '/usr' });
    expect(outcome(result)).toEqual([3, 'ran\n', '']);
    expect(result.invalid).toMatch(/could not go back/);
    expect(await rejection(shell.exec('pwd'))).toMatchObject({ code: 'ERR_SESSION_LOST', started: false });
  });

  it('is left under set -e too, and a folder that cannot be entered does not end the shell', async () => {
    const shell = await session();
    await shell.exec('set -e');
    expect((await rejection(shell.exec('echo ran', { cwd: '/nowhere/at/all' }))).code).toBe('ERR_OPTIONS');
    expect(outcome(await shell.exec('false || pwd', { cwd: '/usr' }))).toEqual([0, '/usr\n', '']);
    expect((await shell.exec('pwd')).stdout).toBe(`${given.folder}\n`);
    expect(await shell.exec('echo a; false; echo b', { cwd: '/' })).toMatchObject({
      exitCode: 1,
      stdout: 'a\n',
      shellExited: true,
    });
  });

  it('does not mind what became of cd', async () => {
    const shell = await session();
    await shell.exec(
      "cd() { echo mine; }; alias cd='echo alias' pwd='echo alias' builtin='echo alias' command='echo alias'",
    );
    expect((await shell.exec('/bin/pwd', { cwd: '/usr', env: { A: '1' } })).stdout).toBe('/usr\n');
    expect((await shell.exec('/bin/pwd')).stdout).toBe(`${given.folder}\n`);
  });

  it('of the shell may be gone before', async () => {
    const shell = await session();
    const folder = made();
    await shell.exec(`cd ${folder}`);
    rmdirSync(folder);
    const result = await shell.exec('pwd', { cwd: '/usr' });
    expect(outcome(result)).toEqual([0, '/usr\n', '']);
    expect(result.invalid).toMatch(/could not go back/);
  });
}
