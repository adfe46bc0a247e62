import { fileURLToPath } from 'node:url';
import { python, secret, type ExecResult, type Session } from 'shellwright';
import { dialectContract } from 'shellwright/testing';
import { describe, expect, test } from 'vitest';
import { whyMissing } from '../support/installed.ts';
import { errorOf, openPool, record } from '../support/pools.ts';
import { said } from '../support/run.ts';
import { pythonScripts } from './scripts.ts';

const missing = whyMissing(python());

describe.skipIf(missing)(`python${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  for (const { name, run } of dialectContract(python(), pythonScripts)) test(name, run);

  const open = (): Promise<Session> => openPool({ shell: python(), max: 1 }).acquire();
  const outcome = ({ exitCode, stdout, stderr }: ExecResult): unknown[] => [exitCode, stdout, stderr];

  test('shows a traceback of the program alone, with its lines', async () => {
    await using shell = await open();
    await shell.exec('def outer(x):\n    return inner(x)\ndef inner(x):\n    raise KeyError(x)\n');
    const { exitCode, stderr } = await shell.exec('outer("no")');
    expect(exitCode).toBe(1);
    const lines = stderr.split('\n').filter((line) => !/^\s*[\^~]+$/.test(line));
    expect(lines).toEqual([
      'Traceback (most recent call last):',
      '  File "<command 3>", line 1, in <module>',
      '    outer("no")',
      '  File "<command 2>", line 2, in outer',
      '    return inner(x)',
      '  File "<command 2>", line 4, in inner',
      '    raise KeyError(x)',
      "KeyError: 'no'",
      '',
    ]);
    const run = shell.exec('print("ready")\nwhile True: pass');
    await said(run, 'ready');
    run.interrupt();
    expect((await run).stderr.split('\n')).toEqual([
      'Traceback (most recent call last):',
      expect.stringMatching(/line [12], in <module>/),
      expect.anything(),
      'KeyboardInterrupt',
      '',
    ]);
  });

  test.each([
    ['sys.exit()', 0, ''],
    ['sys.exit("why")', 1, 'why\n'],
    ['exit(4)', 4, ''],
    ['import os; os._exit(5)', 5, ''],
    ['import atexit; atexit.register(lambda: print("bye", file=sys.stderr)); sys.exit(6)', 6, 'bye\n'],
  ])('ends as a program does by %s', async (text, exitCode, stderr) => {
    await using shell = await open();
    expect(await shell.exec(`import sys\n${text}`)).toMatchObject({ exitCode, stderr, shellExited: true });
  });

  test('gives the next command its streams, whatever one did with them', async () => {
    await using shell = await open();
    for (const text of [
      'import os; os.close(0); os.close(1); os.close(2)',
      'import os; n = os.open(os.devnull, os.O_WRONLY); os.dup2(n, 1); os.dup2(n, 2)',
      'import sys; sys.stdout.close(); sys.stderr.close(); sys.stdin.close()',
    ]) {
      expect((await shell.exec(text)).shellExited).toBe(false);
      expect(
        outcome(await shell.exec('import sys; print(sys.stdin.read() + "out"); print("err", file=sys.stderr)')),
      ).toEqual([0, 'out\n', 'err\n']);
    }
  });

  test('is not answered for by a child that the program has forked', async () => {
    await using shell = await open();
    const text = 'import os\nchild = os.fork()\nif child: os.waitpid(child, 0)\nprint("one" if child else "two")';
    expect(outcome(await shell.exec(text))).toEqual([0, 'two\none\n', '']);
    expect(outcome(await shell.exec('print("next")'))).toEqual([0, 'next\n', '']);
  });

  test('does not go on where the program has closed what it answers by', async () => {
    await using shell = await open();
    const result = await shell.exec('import os; os.closerange(3, 1000); print("out")');
    expect(result).toMatchObject({ stdout: 'out\n', shellExited: true, exitCode: 1 });
    expect(result.stderr).toContain('were taken');
  });

  test('hands none of its descriptors down', async () => {
    await using shell = await open();
    const { stdout } = await shell.exec('import os; os.system("ls -l /proc/self/fd"); None');
    // Others may have been handed down to this process itself.
    const ours = stdout.split('\n').filter((line) => /shellwright-|null$/.test(line));
    expect(ours.map((line) => / (\d+) ->/.exec(line)?.[1])).toEqual(['0', '1', '2']);
  });

  test('keeps what is imported from __future__, and its arguments and module names', async () => {
    await using shell = await open();
    await shell.exec('from __future__ import annotations');
    const { exitCode, value } = await shell.exec(
      'def f(x: undefined): pass\n__name__, __import__("sys").argv, sorted(n for n in globals() if n[0] != "_")',
    );
    expect([exitCode, value]).toEqual([0, "('__main__', [''], ['annotations', 'f'])"]);
  });

  test('bounds a value as it does output, and says what is missing', async () => {
    await using shell = await open();
    const result = await shell.exec('"é" * 1000', { maxBuffer: 100 });
    expect(result.value).toBe(`'${'é'.repeat(49)}`);
    expect(result.truncated).toEqual({ stdout: 0, stderr: 0, value: 1_903 });
    expect((await shell.exec('"x" * 1_000_000')).value).toHaveLength(1_000_002);
    expect((await errorOf(shell.exec('"x" * 1000', { maxBuffer: 100, overflow: 'kill' }))).code).toBe('ERR_MAX_BUFFER');
  });

  test('masks a value wherever it is seen by others', async () => {
    const pool = openPool({ shell: python(), max: 1 });
    const finished = record(pool, 'command.finished');
    const { value } = await pool.$`"a " + ${secret('hush-hush')}`;
    expect(value).toBe("'a hush-hush'");
    expect(finished.map(({ result }) => result.value)).toEqual(["'a ***'"]);
  });

  test('quotes a list as arguments, and refuses a value in a string', async () => {
    await using shell = await open();
    expect((await shell.$`[${['a b', "it's", '\\n']}]`).value).toBe(String.raw`['a b', "it's", '\\n']`);
    expect(python().insideQuotes('x = "a')).toBe(true);
    for (const text of ["'it''s' ", '# it’s "\n', `'''a'b''' `, String.raw`'\'' `])
      expect(python().insideQuotes(text)).toBe(false);
    for (const text of ["r'a\\'", '"""a"b', "f'{"]) expect(python().insideQuotes(text)).toBe(true);
  });

  test('gives a command what it has of its own, and the next one nothing of it', async () => {
    await using shell = await open();
    const text = 'import os, sys; print(sys.stdin.read()); (os.getcwd(), os.environ.get("ONE"))';
    const before = (await shell.exec('import os; os.getcwd()')).value as string;
    for (const input of ['', 'text ü\n', 'x'.repeat(200_000)]) {
      const run = await shell.exec(text, { input, cwd: '/usr', env: { ONE: "it's" } });
      expect([...outcome(run), run.value]).toEqual([0, `${input}\n`, '', `('/usr', "it's")`]);
    }
    expect((await shell.exec(text)).value).toBe(`(${before}, None)`);
    await shell.exec('print(sys.stdin.readline())', { input: 'one\ntwo\n' });
    expect((await shell.exec('sys.stdin.read()', { input: 'three' })).value).toBe("'three'");
    const lines = 'for i in range(50): print(i); print(i, file=sys.stderr)\nos.system("echo err >&2"); None';
    const merged = await shell.exec(lines, { merge: true });
    const expected = `${Array.from({ length: 50 }, (_, i) => `${i}\n${i}\n`).join('')}err\n`;
    expect(outcome(merged)).toEqual([0, expected, '']);
    expect(outcome(await shell.exec('print("err", file=sys.stderr)'))).toEqual([0, '', 'err\n']);
    expect((await errorOf(shell.exec('1', { cwd: '/no/such/folder' }))).code).toBe('ERR_OPTIONS');
    expect((await shell.exec('os.getcwd()')).value).toBe(before);
  });

  test('sets up a keyed session: its folder, its variables', async () => {
    const pool = openPool({ shell: python(), max: 1 });
    await using mine = await pool.session('me', { cwd: '/usr', env: { ONE: "it's", HOME: undefined } });
    const text = 'import os; os.getcwd(), os.environ["ONE"], "HOME" in os.environ';
    expect((await mine.exec(text)).value).toBe(`('/usr', "it's", False)`);
  });

  test('works behind a launcher that passes on stdio only', async () => {
    const relay = fileURLToPath(new URL('../support/relay.mjs', import.meta.url));
    const pool = openPool({ shell: python({ path: process.execPath, args: [relay, 'pieces', 'python3'] }), max: 1 });
    await using shell = await pool.acquire();
    await shell.exec('import sys; kept = 1');
    for (let count = 0; count < 30; count++) {
      const result = await shell.exec(`print(${count}); print("err", file=sys.stderr); kept + ${count}`);
      expect([...outcome(result), result.value]).toEqual([0, `${count}\n`, 'err\n', `${count + 1}`]);
    }
  });

  test.each([{ path: '' }, { args: 'x' }, { argument: [] }, 1])('refuses the options %j by their name', (options) => {
    expect(() => python(options as never)).toThrow(/python\(\)/);
  });
});
