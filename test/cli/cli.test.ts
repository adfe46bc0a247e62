import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, records, runCli, Sink, startCli, testFolder, testGate } from './run-cli.ts';

const seconds = String.raw`\d+\.\d+ s`;

describe('shellwright', () => {
  test('prints its help and its version on stdout', async () => {
    expect(await runCli(['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Usage: shellwright exec/),
      stderr: '',
    });
    expect(await runCli(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('keeps its help within 80 columns', async () => {
    const { stdout } = await runCli(['--help']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says what is wrong with its words on stderr, with status 2', async () => {
    expect(await runCli(['exec', 'x', '--max', 'many'])).toEqual({
      status: 2,
      stdout: '',
      stderr: "shellwright: Expected --max to be a whole number of at least 1, got 'many'\nTry 'shellwright --help'.\n",
    });
  });

  test('ends with status 2 for a file that is not there, and for one that is not text', async () => {
    expect(await runCli(['run', '/nope/jobs'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("'/nope/jobs'"),
    });
    expect(await runCli(['run', '-'], Buffer.from([0xff, 0x0a]))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('UTF-8'),
    });
  });
});

describe.each(['bash', 'sh'])('shellwright exec --shell %s', (shell) => {
  const exec = (...argv: string[]) => runCli(['exec', '--shell', shell, ...argv]);

  test('passes on what commands write, byte for byte, and sums up', async () => {
    const cli = startCli(['exec', '--shell', shell, String.raw`printf 'a\377\000b'`, 'echo err >&2', 'printf c']);
    expect(await cli.status).toBe(0);
    expect(cli.stdout.bytes).toEqual(Buffer.from([0x61, 0xff, 0, 0x62, 0x63]));
    expect(cli.stderr.text).toMatch(new RegExp(`^err\nshellwright: 3 ok, 0 failed, ${seconds}\n$`));
  });

  test('names the command that failed, and starts nothing after it', async () => {
    const { status, stdout, stderr } = await exec('--max', '1', 'echo a', 'echo b; exit 3', 'echo c');
    expect([status, stdout]).toEqual([1, 'a\nb\n']);
    expect(stderr).toMatch(
      new RegExp(
        `^shellwright: command 2: failed with exit code 3: echo b; exit 3\n` +
          `shellwright: 1 ok, 1 failed, ${seconds} \\(nothing was started after the failure\\)\n$`,
      ),
    );
  });

  test('starts everything with --keep-going', async () => {
    const { status, stdout, stderr } = await exec('--max', '1', '--keep-going', 'false', 'kill -9 $$', 'echo c');
    expect([status, stdout]).toEqual([1, 'c\n']);
    expect(stderr).toContain('command 1: failed with exit code 1: false\n');
    expect(stderr).toContain('command 2: failed with its shell died of SIGKILL: kill -9 $$\n');
    expect(stderr).toContain('1 ok, 2 failed');
  });

  test('stops a command after its --timeout', async () => {
    const { status, stderr } = await exec('--timeout', '50ms', 'read x < /dev/null; while :; do :; done');
    expect(status).toBe(1);
    expect(stderr).toContain('command 1: The command ran longer than its timeout of 50 ms: read x');
  });

  test('runs commands at the same time, and prints them in the order given', async () => {
    const gate = testGate();
    // The first ends only after the second began to run.
    const { status, stdout } = await exec(
      '--max',
      '2',
      `read x < ${gate.path}; echo one`,
      `echo two; echo go > ${gate.path}`,
    );
    expect([status, stdout]).toEqual([0, 'one\ntwo\n']);
  });

  test('prints the command whose turn it is while it runs', async () => {
    const gate = testGate();
    const { stdout, status } = startCli(['exec', '--shell', shell, `echo early; read x < ${gate.path}; echo late`]);
    await stdout.until(/early/);
    gate.open();
    expect([await status, stdout.text]).toEqual([0, 'early\nlate\n']);
  });

  test('prints what a command held back as soon as its turn comes', async () => {
    const [first, second] = [testGate(), testGate()];
    const { stdout, status } = startCli([
      'exec',
      `--shell=${shell}`,
      '--max=2',
      `echo one; read x < ${first.path}`,
      `echo two; echo go > ${first.path}; read x < ${second.path}; echo three`,
    ]);
    await stdout.until(/one\ntwo/);
    second.open();
    expect([await status, stdout.text]).toEqual([0, 'one\ntwo\nthree\n']);
  });
});

describe('shellwright exec', () => {
  test('gives commands no input', async () => {
    expect(await runCli(['exec', 'cat; echo done'], 'not for you')).toMatchObject({ status: 0, stdout: 'done\n' });
  });

  test('passes on output without a limit, also of commands whose turn has not come', async () => {
    const gate = testGate();
    const size = 20 * 1024 * 1024;
    const big = (letter: string): string => `head -c ${size} /dev/zero | tr '\\0' ${letter}`;
    const cli = startCli([
      'exec',
      '--max',
      '2',
      `read x < ${gate.path}; ${big('a')}`,
      `${big('b')}; echo go > ${gate.path}`,
    ]);
    expect(await cli.status).toBe(0);
    expect(cli.stdout.bytes.equals(Buffer.from('a'.repeat(size) + 'b'.repeat(size)))).toBe(true);
  });

  test('fails a command with a NUL, and only that one', async () => {
    const { status, stdout, stderr } = await runCli(['exec', '--keep-going', 'echo a\0', 'echo b']);
    expect([status, stdout]).toEqual([1, 'b\n']);
    expect(stderr).toContain('command 1: Expected the command');
  });

  test('says once that there is no shell, and gives up even with --keep-going', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = testFolder();
    try {
      const { status, stderr } = await runCli(['exec', '--keep-going', '--max', '2', 'a', 'b', 'c', 'd']);
      expect(status).toBe(1);
      expect(stderr.match(/no such program/g)).toHaveLength(1);
      expect(stderr).toContain('0 ok, 2 failed');
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('shows progress on a terminal', async () => {
    vi.stubEnv('TERM', 'xterm');
    onTestFinished(() => void vi.unstubAllEnvs());
    const gate = testGate();
    const { stderr, status } = startCli(['exec', '--max', '1', 'true', `read x < ${gate.path}`], { tty: true });
    // An end before that is a failure, and not a test that waits.
    await Promise.race([stderr.until(/1 of 2 done, 1 running, \d/), status]);
    expect(stderr.text).toMatch(/1 of 2 done, 1 running, \d/);
    gate.open();
    expect(await status).toBe(0);
    expect(stderr.text).toContain('\r\u001B[Kshellwright: 2 ok');
  });
});

describe('shellwright --json', () => {
  test('gives one object for each command in the order of completion', async () => {
    const gate = testGate();
    const commands = [`read x < ${gate.path}; echo one`, 'echo two >&2; exit 3'];
    const { status, stdout } = startCli(['exec', '--json', '--max', '2', ...commands]);
    await stdout.until(/\n/);
    gate.open();
    expect(await status).toBe(1);
    expect(records(stdout.text)).toMatchObject([
      {
        index: 1,
        command: commands[1],
        exitCode: 3,
        stdout: '',
        stderr: 'two\n',
        failed: true,
        shellExited: true,
        truncated: false,
      },
      {
        index: 0,
        command: commands[0],
        exitCode: 0,
        stdout: 'one\n',
        stderr: '',
        failed: false,
        shellExited: false,
        pool: 'cli',
      },
    ]);
  });

  test('gives the error of a command that was stopped, with the output so far', async () => {
    const { stdout } = await runCli(['exec', '--json', '--timeout', '50', 'echo a; while :; do :; done']);
    const [record] = records(stdout);
    expect(record).toMatchObject({
      stdout: 'a\n',
      error: { code: 'ERR_TIMEOUT', kind: 'run', started: true, rung: 'interrupt' },
    });
    expect(record?.['error']).not.toHaveProperty('stdout');
  });

  test('gives the line in the file, and leaves out commands that were not begun', async () => {
    const { stdout } = await runCli(['run', '--json', '--max', '1', '-'], '# jobs\necho a\n\nfalse\necho c\n');
    expect(records(stdout)).toMatchObject([
      { index: 0, line: 2, stdout: 'a\n' },
      { index: 1, line: 4, exitCode: 1 },
    ]);
  });
});

describe('shellwright run', () => {
  test('runs the lines of a file', async () => {
    const path = join(testFolder(), 'jobs');
    writeFileSync(path, '# jobs\n\necho a; echo b\n  echo c\n');
    expect(await runCli(['run', path])).toMatchObject({
      status: 0,
      stdout: 'a\nb\nc\n',
      stderr: expect.stringContaining('2 ok'),
    });
  });

  test('has nothing to do for a file without commands', async () => {
    expect(await runCli(['run', '-'], '\n# nothing\n')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('0 ok, 0 failed'),
    });
  });

  test('starts a command when its line arrives', async () => {
    const { stdin, stdout, status } = startCli(['run', '-']);
    stdin.write('echo first\n');
    await stdout.until(/first/);
    stdin.write('echo second\n');
    await stdout.until(/second/);
    stdin.end();
    expect(await status).toBe(0);
  });

  test('reads no further ahead than it has shells', async () => {
    const amount = 500;
    let lead = 0;
    const stdout = new Sink();
    function* lines(): Generator<Buffer> {
      for (let line = 0; line < amount; line++) {
        lead = Math.max(lead, line - stdout.text.split('\n').length);
        yield Buffer.from(`echo ${line}\n`);
      }
    }
    // As NDJSON, since that comes as the commands end: text keeps their order, and one slow command would hold back all after it.
    const { status } = startCli(['run', '--json', '--max', '2', '-'], { stdin: Readable.from(lines()), stdout });
    expect(await status).toBe(0);
    expect(stdout.text.trim().split('\n')).toHaveLength(amount);
    // What the stream itself keeps in its buffer, and a little more.
    expect(lead).toBeLessThan(30);
  });

  test('waits for no further line after a failure', async () => {
    const { stdin, status, stderr } = startCli(['run', '-']);
    stdin.write('exit 3\n');
    expect(await status).toBe(1);
    expect(stderr.text).toContain('line 1: failed with exit code 3: exit 3\n');
    expect(stdin.destroyed).toBe(true);
  });

  test('lets running commands finish after a failure', async () => {
    const gate = testGate();
    const { stdin, stdout, status } = startCli(['run', '--json', '--max', '2', '-']);
    stdin.end(`read x < ${gate.path}; echo done\nfalse\necho never\n`);
    await stdout.until(/\n/);
    gate.open();
    expect(await status).toBe(1);
    expect(records(stdout.text)).toMatchObject([
      { line: 2, exitCode: 1 },
      { line: 1, stdout: 'done\n' },
    ]);
  });
});

describe('Ctrl-C', () => {
  test('lets what runs finish, starts nothing more, and gives status 130', async () => {
    const gate = testGate();
    const marker = join(testFolder(), 'marker');
    const argv = ['exec', '--max', '1', `echo begun; read x < ${gate.path}; echo finished`, `: > ${marker}`];
    const { stdout, stderr, signals, status } = startCli(argv);
    await stdout.until(/begun/);
    signals.emit('SIGINT', 'SIGINT');
    expect(stderr.text).toBe('shellwright: waiting for what runs (1); Ctrl-C again kills it\n');
    gate.open();
    expect([await status, stdout.text, existsSync(marker)]).toEqual([130, 'begun\nfinished\n', false]);
    expect(stderr.text).toMatch(/shellwright: 1 ok, 0 failed, .* \(interrupted\)\n$/);
    expect(signals.eventNames()).toEqual([]);
  });

  test('kills what runs when it comes again', async () => {
    const { stdout, stderr, signals, status } = startCli(['exec', "trap '' INT; echo $$.; while :; do :; done"]);
    await stdout.until(/\d+\./);
    const pid = Number.parseInt(stdout.text, 10);
    signals.emit('SIGINT', 'SIGINT');
    signals.emit('SIGINT', 'SIGINT');
    expect(await status).toBe(130);
    expect(isAlive(pid)).toBe(false);
    expect(stderr.text).toMatch(/0 ok, 0 failed, 1 stopped, .* \(interrupted\)\n$/);
  });

  test('ends the waiting for lines at once', async () => {
    const { stdin, stdout, signals, status } = startCli(['run', '-']);
    stdin.write('echo first\n');
    await stdout.until(/first/);
    signals.emit('SIGINT', 'SIGINT');
    expect(await status).toBe(130);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('is not asked twice by %s, which gives status %i', async (signal, expected) => {
    const { stdout, signals, status } = startCli(['exec', 'echo $$.; while :; do :; done']);
    await stdout.until(/\d+\./);
    signals.emit(signal, signal);
    expect(await status).toBe(expected);
    expect(isAlive(Number.parseInt(stdout.text, 10))).toBe(false);
  });
});

describe('a stdout that takes nothing more', () => {
  const broken = (code: string): Writable =>
    new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })),
    });

  test('ends the run quietly when its reader left', async () => {
    const { stderr, status } = startCli(['exec', '--max', '1', 'yes', 'echo never'], { stdout: broken('EPIPE') });
    expect([await status, stderr.text]).toEqual([0, '']);
  });

  test('ends the run with the reason otherwise', async () => {
    const { stderr, status } = startCli(['exec', '--max', '1', 'yes', 'echo never'], { stdout: broken('ENOSPC') });
    expect([await status, stderr.text]).toEqual([1, 'shellwright: write ENOSPC\n']);
  });
});
