import { fileURLToPath } from 'node:url';
import { node, type ExecResult, type Session } from 'shellwright';
import { dialectContract } from 'shellwright/testing';
import { describe, expect, test } from 'vitest';
import { withImporter } from '../../src/dialects/interpreters/javascript-text.ts';
import { rejection } from '../support/run.ts';
import { openPool } from '../support/pools.ts';
import { nodeScripts } from './scripts.ts';

/** The Node that runs the tests: there need not be one on the PATH. */
const shell = node({ path: process.execPath });

describe('node', () => {
  for (const { name, run } of dialectContract(shell, nodeScripts)) test(name, run);

  const open = (): Promise<Session> => openPool({ shell, max: 1 }).acquire();
  const outcome = ({ exitCode, stdout, stderr }: ExecResult): unknown[] => [exitCode, stdout, stderr];

  test('is as a console is: what is declared lasts, and may be declared again', async () => {
    await using session = await open();
    await session.exec('const a = 1; let b = 2; class C { d = 3 } function e() { return a + b + new C().d }');
    expect((await session.exec('e()')).value).toBe('6');
    await session.exec('const a = 10; class C { d = 30 }');
    expect((await session.exec('e()')).value).toBe('42');
    expect((await session.exec('{ a: 1 }')).value).toBe('{ a: 1 }');
    expect((await session.exec('{ let x = 5; x + 1 }')).value).toBe('6');
    expect((await session.exec('if (a) { "yes" }')).value).toBe("'yes'");
  });

  test('loads modules of both kinds', async () => {
    await using session = await open();
    expect((await session.exec('const { sep } = require("node:path"); sep')).value).toBe("'/'");
    expect((await session.exec('const { tmpdir } = await import("node:os"); typeof tmpdir')).value).toBe("'function'");
    expect((await session.exec('const load = () => import ("node:url"); (await load()).URL === URL')).value).toBe(
      'true',
    );
    const missing = await session.exec('await import("./no-such-file.js")');
    expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining('ERR_MODULE_NOT_FOUND')]);
  });

  test('shows what was thrown, without the driver', async () => {
    await using session = await open();
    await session.exec('function inner() { throw new TypeError("no", { cause: new Error("why") }) }');
    const { exitCode, stderr } = await session.exec('const outer = () => inner(); outer()');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Uncaught TypeError: no\n {4}at inner \(command-\d+:1:26\)\n {4}at outer \(/);
    expect(stderr).toContain('[cause]: Error: why');
    expect(stderr).not.toMatch(/node:inspector|shellwright/);
    expect(outcome(await session.exec('throw 5'))).toEqual([1, '', 'Uncaught 5\n']);
    const broken = await session.exec('const x = 1;\n  let y = = 2;');
    expect(broken.stderr).toMatch(
      /^command-\d+:2\n {2}let y = = 2;\n {10}\^\nUncaught SyntaxError: Unexpected token '='\n$/,
    );
  });

  test('says what nobody catches, which ends the command that waits, and not the session', async () => {
    await using session = await open();
    const rejected = await session.exec('Promise.reject(new Error("lost")); undefined');
    expect([rejected.exitCode, rejected.stderr]).toEqual([1, expect.stringContaining('Uncaught Error: lost')]);
    const thrown = await session.exec('setTimeout(() => { throw new Error("late") }); await new Promise(() => {})');
    expect([thrown.exitCode, thrown.stderr]).toEqual([1, expect.stringContaining('Uncaught Error: late')]);
    expect(outcome(await session.exec('console.log("next"); console.error("err")'))).toEqual([0, 'next\n', 'err\n']);
  });

  test.each([
    ['process.exit()', 0, 'bye\n'],
    ['process.exitCode = 5; process.exit()', 5, 'bye\n'],
    ['console.log("a".repeat(300_000)); process.exit(6)', 6, expect.stringMatching(/^a{300000}\nbye\n$/)],
    ['process.reallyExit(7)', 7, ''],
  ])('ends as a program does by %s', async (text, exitCode, stdout) => {
    await using session = await open();
    const result = await session.exec(`process.on('exit', () => console.log('bye')); ${text}`);
    expect(result).toMatchObject({ exitCode, stdout, stderr: '', shellExited: true });
  });

  test('gives the next command its streams, whatever one did with them', async () => {
    await using session = await open();
    for (const text of [
      'for (const fd of [0, 1, 2]) require("fs").closeSync(fd)',
      'require("fs").closeSync(1); require("fs").openSync("/dev/null", "w")',
      'process.stdout.end("x"); process.stdout.destroy(); process.stderr.end(); process.stdin.destroy()',
    ]) {
      expect((await session.exec(text)).shellExited).toBe(false);
      const next = 'console.log("out" + require("fs").readFileSync(0)); console.error("err")';
      expect(outcome(await session.exec(next))).toEqual([0, 'out\n', 'err\n']);
    }
    const child =
      'require("child_process").spawnSync("sh", ["-c", "cat; echo out; echo err >&2"], { stdio: "inherit" }).status';
    const result = await session.exec(child);
    expect([...outcome(result), result.value]).toEqual([0, 'out\n', 'err\n', '0']);
  });

  test('hands none of its descriptors down', async () => {
    await using session = await open();
    const text = 'require("child_process").spawnSync("ls", ["-l", "/proc/self/fd"], { stdio: "inherit" }).status';
    const { stdout } = await session.exec(text);
    // Others may have been handed down to this process itself.
    const ours = stdout.split('\n').filter((line) => /shellwright-|null$/.test(line));
    expect(ours.map((line) => / (\d+) ->/.exec(line)?.[1])).toEqual(['0', '1', '2']);
  });

  test('quotes a list as arguments, and tells where a value would stand in a string', async () => {
    await using session = await open();
    expect((await session.$`[${['a b', "it's", '\u2028']}].length`).value).toBe('3');
    for (const text of ['"a', "'", '`a', '`${1}', '/* ', '/[/', '`${`'])
      expect(shell.insideQuotes(text), text).toBe(true);
    for (const text of [
      '"a" ',
      "'\\'' ",
      '`a${',
      '`${ {}',
      "// it's",
      '1 / 2 / ',
      "/'/.test(",
      'a.b / "x" + ',
      '/* " */ ',
      "`${'}'}` + ",
    ])
      expect(shell.insideQuotes(text), text).toBe(false);
  });

  test.each([
    ['await import("x")', 'await I("x")'],
    ['a = "import(1)"; `import(${import(2)})`', 'a = "import(1)"; `import(${I(2)})`'],
    ['/import("/.test(x) || import(y)', '/import("/.test(x) || I(y)'],
    [
      '// import(1)\nimport /* a */(2); x.import(3); imports(4); $import(5)',
      '// import(1)\nI /* a */(2); x.import(3); imports(4); $import(5)',
    ],
    ['import.meta', 'import.meta'],
  ])('finds the imports of %s', (text, expected) => {
    expect(withImporter(text, 'I')).toBe(expected);
  });

  test('gives a command what it has of its own, and the next one nothing of it', async () => {
    await using session = await open();
    const text =
      'const all = []; for await (const part of process.stdin) all.push(part); [Buffer.concat(all).toString(), process.cwd(), process.env.ONE]';
    const before = (await session.exec('process.cwd()')).value;
    for (const input of ['', 'text ü\n', 'x'.repeat(200_000)]) {
      const run = await session.exec(`${text}; console.log(Buffer.concat(all).toString())`, {
        input,
        cwd: '/usr',
        env: { ONE: "it's" },
      });
      expect([run.exitCode, run.stdout, run.stderr]).toEqual([0, `${input}\n`, '']);
      expect((await session.exec(text, { input, cwd: '/usr', env: { ONE: '1' } })).value).toMatch(
        /'\/usr', '1' \]$|'\/usr',\n {2}'1'\n\]$/,
      );
    }
    expect((await session.exec(text)).value).toBe(`[ '', ${before as string}, undefined ]`);
    const lines =
      'for (let i = 0; i < 50; i++) { console.log(i); console.error(i) }; require("child_process").execFileSync("sh", ["-c", "echo err >&2"], { stdio: "inherit" })';
    const merged = await session.exec(lines, { merge: true });
    expect([merged.stdout, merged.stderr]).toEqual([
      `${Array.from({ length: 50 }, (_, i) => `${i}\n${i}\n`).join('')}err\n`,
      '',
    ]);
    expect((await session.exec('console.error("err")')).stderr).toBe('err\n');
    expect((await rejection(session.exec('1', { cwd: '/no/such/folder' }))).code).toBe('ERR_OPTIONS');
    expect((await session.exec('process.cwd()')).value).toBe(before);
  });

  test('sets up a keyed session: its folder, its variables', async () => {
    const pool = openPool({ shell, max: 1 });
    await using mine = await pool.session('me', { cwd: '/usr', env: { ONE: "it's", HOME: undefined } });
    expect((await mine.exec('[process.cwd(), process.env.ONE, "HOME" in process.env]')).value).toBe(
      `[ '/usr', "it's", false ]`,
    );
  });

  test('works behind a launcher that passes on stdio only', async () => {
    const relay = fileURLToPath(new URL('../support/relay.mjs', import.meta.url));
    const launcher = node({
      path: '/bin/sh',
      args: ['-c', 'exec "$0" "$@"', process.execPath, relay, 'pieces', process.execPath],
    });
    await using session = await openPool({ shell: launcher, max: 1 }).acquire();
    await session.exec('const kept = 1');
    for (let count = 0; count < 30; count++) {
      const result = await session.exec(`console.log(${count}); console.error("err"); kept + ${count}`);
      expect([...outcome(result), result.value]).toEqual([0, `${count}\n`, 'err\n', `${count + 1}`]);
    }
  });

  test.each([{ path: '' }, { args: 'x' }, { argument: [] }, 1])('refuses the options %j by their name', (options) => {
    expect(() => node(options as never)).toThrow(/node\(\)/);
  });
});
