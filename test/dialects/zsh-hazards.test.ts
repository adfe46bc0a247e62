import { zsh, type Session } from 'shellwright';
import { describe, expect, it } from 'vitest';
import { openPool } from '../support/pools.ts';
import { whyMissing } from '../support/installed.ts';
import { testSession } from '../support/run.ts';

const missing = whyMissing(zsh());

/** What no option can change without ending the shell or the reading of commands. */
const ending = new Set(['exec', 'errexit', 'errreturn', 'restricted', 'privileged']);

describe.skipIf(missing !== undefined)(`zsh${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const session = (): Promise<Session> =>
    testSession(openPool({ shell: zsh(), max: 1, timeout: 10_000, killGrace: 50 }));
  const outcome = async (shell: Session, text: string): Promise<unknown[]> => {
    const { exitCode, stdout, stderr } = await shell.exec(text);
    return [exitCode, stdout, stderr];
  };
  const expectInStep = async (shell: Session, after: string): Promise<void> => {
    const seen = [
      await outcome(shell, 'echo out; echo err >&2; (exit 9)'),
      await outcome(shell, 'echo "$?"'),
      await outcome(shell, 'echo a\necho b'),
    ];
    expect(seen, after).toEqual([
      [9, 'out\n', 'err\n'],
      [0, '9\n', ''],
      [0, 'a\nb\n', ''],
    ]);
    expect((await shell.exec("echo 'x")).exitCode, after).toBe(1);
  };

  it('stays in step under every option, on and off', async () => {
    const shell = await session();
    const lines = (await shell.exec('set -o')).stdout.trim().split('\n');
    const names = lines.map((line) => line.split(/\s/, 1)[0]?.replace(/^no(?!match|tify)/, '') ?? '');
    const toggled = names.filter((name) => !ending.has(name) && !['xtrace', 'verbose'].includes(name));
    expect(toggled.length).toBeGreaterThan(150);
    for (const name of toggled) {
      await shell.exec(`[[ -o ${name} ]] && __was=setopt || __was=unsetopt; setopt ${name}`);
      await expectInStep(shell, `setopt ${name}`);
      await shell.exec(`unsetopt ${name}`);
      await expectInStep(shell, `unsetopt ${name}`);
      await shell.exec(`$__was ${name}`);
    }
  });

  it.each(['sh', 'ksh', 'csh', '-R sh', '-R ksh', '-R csh', '-R zsh'])(
    'stays in step in emulation: %s',
    async (mode) => {
      const shell = await session();
      await shell.exec(`emulate ${mode}`);
      await expectInStep(shell, mode);
    },
  );

  it.each([
    ['hooks', 'precmd() { echo hook; }; preexec() { echo hook; }; periodic() { echo hook; }; PERIOD=1'],
    ['a DEBUG trap', "trap 'echo hook >&3' DEBUG; exec 3>/dev/null"],
    ['a function for DEBUG, ZERR and EXIT', 'TRAPDEBUG() { :; }; TRAPZERR() { :; }; TRAPEXIT() { echo hook; }'],
    ['a trace that runs code', "setopt prompt_subst; PS4='$(echo oops >&2)'; set -x; set +x"],
    ['aliases of every kind', 'alias -g eval=: print=: builtin=:; alias -s x=:; alias case=:; :'],
    ['builtins turned off', 'disable print; disable -a; :'],
    ['functions named as builtins', 'eval() { :; }; print() { :; }; enable() { :; }; read() { :; }'],
    ['word splitting by digits', 'setopt sh_word_split glob_subst; IFS=0123456789'],
    ['a return', 'return'],
    ['returns in a row', 'return 3'],
  ])('stays in step after %s', async (_, text) => {
    const shell = await session();
    expect((await shell.exec(`kept=yes; ${text}`)).shellExited).toBe(false);
    if (text.startsWith('return')) await shell.exec(text);
    await expectInStep(shell, text);
    expect((await shell.exec('/bin/sh -c \'echo "$0"\' $kept')).stdout).toBe('yes\n');
  });

  it('keeps $? and $0 through a return at top level, and ends at once afterwards', async () => {
    const pool = openPool({ shell: zsh(), max: 1, destroyTimeout: 20_000 });
    await pool.use(async (shell) => {
      expect(await outcome(shell, 'return 3; echo not')).toEqual([3, '', '']);
      expect(await outcome(shell, 'echo "$? $0"')).toEqual([0, '3 zsh\n', '']);
    });
    await pool.close({ timeout: 10_000 });
  });

  it('quotes values that stand side by side, and after quotes of its own kind, under RC_QUOTES too', async () => {
    const shell = await session();
    const [first, second] = ["it's\n", "'so'"];
    for (const option of [':', 'setopt rc_quotes', 'setopt csh_junkie_quotes']) {
      await shell.exec(option);
      expect(await shell.$`printf '%s|' ${first}${second} $'it\'s'${second}`.text()).toBe(`it's\n'so'|it's'so'|`);
    }
    await expect(shell.$`printf %s $'it\'s ${first}'`).rejects.toMatchObject({ code: 'ERR_OPTIONS' });
  });

  it('ends its text at an error, as zsh does, and lives on', async () => {
    const shell = await session();
    for (const text of ['echo a; echo /nowhere/*.x; echo b', 'readonly r=1; r=2; echo b', 'echo $((1/0)); echo b']) {
      const result = await shell.exec(text);
      expect([result.failed, result.shellExited, result.stdout.includes('b')], text).toEqual([true, false, false]);
      await expectInStep(shell, text);
    }
  });

  it.each([
    'exec {__sw_e}>&-',
    'exec {__sw_n}<&-',
    'exec {__sw_o}>&-',
    'disable eval',
    'for fd in {3..40}; do exec {fd}>&-; done',
  ])('says ERR_PROTOCOL, and no wrong result, after %s', async (text) => {
    const shell = await session();
    const results = [await shell.exec(text, { reject: false }), await shell.exec('echo out; false', { reject: false })];
    expect(results.some(({ error }) => error?.code === 'ERR_PROTOCOL')).toBe(true);
    expect(results[1]?.error).toBeDefined();
  });
});
