import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect, ExecResult, Pool, Session } from 'shellwright';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/folders.ts';
import { errorOf, nextEvent, openPool } from '../../support/pools.ts';
import { isRunning, untilEmpty } from '../../support/processes.ts';
import { repoRoot } from '../../support/repo.ts';
import { unfinished, values, wrong } from './texts.ts';

const program = [process.execPath, join(repoRoot, 'test/support/cmd/program.mjs')];
const seen = ({ exitCode, stdout, stderr }: ExecResult): unknown[] => [exitCode, stdout, stderr];

/** What is asked of a cmd.exe, and of what stands in for one. */
export function cmdContract(dialect: Dialect): void {
  const open = (): Pool => openPool({ shell: dialect, max: 1, timeout: 30_000, killGrace: 0 });
  const withSession = async (use: (session: Session) => Promise<void>): Promise<void> => {
    await using session = await open().acquire();
    await use(session);
  };

  describe('state', () => {
    test('variables and the folder last, and not what is behind setlocal', () =>
      withSession(async (session) => {
        const folder = temporaryFolder();
        await session.exec('set "kept=one & two"\r\nsetlocal\r\nset "kept=gone"\r\nset "lost=1"');
        await session.$`cd /d ${folder}`;
        const { stdout } = await session.exec('set kept\r\nif not defined lost echo none\r\ncd');
        expect(stdout).toBe(`kept=one & two\r\nnone\r\n${folder}\r\n`);
      }));

    test('a text has a state of its own for its labels: goto, call and exit /b', () =>
      withSession(async (session) => {
        const text =
          'call :sub one\necho back %errorlevel%\ngoto over\necho no\n:over\necho over\ngoto :eof\n:sub\necho sub %1\nexit /b 4';
        expect(seen(await session.exec(text))).toEqual([4, 'sub one\r\nback 4\r\nover\r\n', '']);
      }));

    test('a session of a key begins in its folder, and cannot be given variables', async () => {
      const pool = open();
      const folder = join(temporaryFolder(), '100% & (a) ^b');
      mkdirSync(folder);
      const session = await pool.session('one', { cwd: folder });
      expect((await session.exec('cd')).stdout).toBe(`${folder}\r\n`);
      const other = open();
      expect(await errorOf(other.session('two', { env: { A: '1' } }))).toMatchObject({ code: 'ERR_OPTIONS' });
      expect((await other.exec('echo free')).stdout).toBe('free\r\n');
    });
  });

  describe('output', () => {
    test('is exact, on both streams', () =>
      withSession(async (session) => {
        expect(seen(await session.exec('echo out\necho err>&2'))).toEqual([0, 'out\r\n', 'err\r\n']);
        expect(seen(await session.$`${program} both`)).toEqual([0, 'out', 'err']);
        expect(seen(await session.exec('<nul set /p "=no line"'))).toEqual([1, 'no line', '']);
        expect(seen(await session.exec(''))).toEqual([0, '', '']);
      }));

    test('is of its own command, 200 times', () =>
      withSession(async (session) => {
        const texts = Array.from({ length: 200 }, (_, n) => `echo o${n}\necho e${n}>&2\nexit /b ${n}`);
        const results = await session.execAll(texts);
        expect(results.map(seen)).toEqual(results.map((_, n) => [n, `o${n}\r\n`, `e${n}\r\n`]));
      }));

    test('is UTF-8, as the text is', () =>
      withSession(async (session) => {
        expect((await session.exec('echo 日本語 ünï 😀')).stdout).toBe('日本語 ünï 😀\r\n');
      }));

    test('is whole when it is large', () =>
      withSession(async (session) => {
        expect((await session.$`${program} large ${2_000_000}`).stdout).toBe('x'.repeat(2_000_000));
      }));

    test('has no line of the driver in it when a text turns echo on', () =>
      withSession(async (session) => {
        expect((await session.exec('echo on\necho shown')).stdout).toContain('shown\r\n');
        for (let round = 0; round < 3; round++)
          expect(seen(await session.exec('echo next'))).toEqual([0, 'next\r\n', '']);
      }));
  });

  describe('status', () => {
    test('is that of exit /b, and 0 when the next command begins', () =>
      withSession(async (session) => {
        for (const status of [0, 1, 7, 255, 9009, -1, 2_147_483_647, -1_073_741_819]) {
          expect(seen(await session.exec(`exit /b ${status}`))).toEqual([status, '', '']);
          // `echo` sets none, so that it would have that of the command before.
          expect(seen(await session.exec('echo next'))).toEqual([0, 'next\r\n', '']);
        }
      }));

    test('is that of a program, and of what cannot be found', () =>
      withSession(async (session) => {
        expect((await session.$({ reject: false })`${program} exit 5`).exitCode).toBe(5);
        const missing = await session.exec('no-such-program-anywhere');
        expect([missing.exitCode, missing.stdout]).toEqual([9009, '']);
        expect(missing.stderr).toContain('no-such-program-anywhere');
      }));

    test('is not hidden for good by a variable of its name', () =>
      withSession(async (session) => {
        await session.exec('set errorlevel=5');
        expect((await session.exec('exit /b 3')).exitCode).toBe(3);
        expect((await session.exec('echo next')).exitCode).toBe(0);
      }));
  });

  describe('a text that is not finished, or no command', () => {
    test('is answered, and the next command is right', () =>
      withSession(async (session) => {
        await session.exec('set "kept=kept"');
        for (const text of unfinished) {
          const { shellExited, error } = await session.exec(text, { reject: false });
          expect({ text, shellExited, error }).toEqual({ text, shellExited: false });
          expect([text, ...seen(await session.exec('echo %kept%'))]).toEqual([text, 0, 'kept\r\n', '']);
        }
      }));

    test('has failed where cmd says that it has, and nothing behind it is run', () =>
      withSession(async (session) => {
        for (const text of wrong) {
          const { failed, stdout, stderr } = await session.exec(`echo before\n${text}\necho after`);
          expect([text, failed, stdout]).toEqual([text, true, 'before\r\n']);
          expect(stderr, text).not.toBe('');
        }
      }));
  });

  describe('stdin', () => {
    test('is empty, and none of it is the next command', () =>
      withSession(async (session) => {
        const reader = session.$`${program} stdin`;
        const asking = session.exec('set /p answer=? \necho [%answer%]');
        const next = session.exec('echo next');
        expect(seen(await reader)).toEqual([0, '', '']);
        expect((await asking).stdout).toBe('? []\r\n');
        expect(seen(await next)).toEqual([0, 'next\r\n', '']);
      }));
  });

  describe('the end of a shell', () => {
    test('by exit: the status, all output before it, and another shell', async () => {
      const pool = open();
      const result = await pool.exec('set "gone=1"\necho last words\nexit 3');
      expect([result.exitCode, result.shellExited, result.stdout]).toEqual([3, true, 'last words\r\n']);
      expect((await pool.exec('if not defined gone echo new')).stdout).toBe('new\r\n');
    });

    test('by abort(): it is killed with what it runs, and its state is lost', async () => {
      const pool = open();
      const run = pool.$`${program} forever`;
      const { data } = await firstValueFrom(run.output$);
      const { pid } = pool.status().shells[0]!;
      const gone = nextEvent(pool, 'shell.destroyed', (event) => event.pid === pid);
      run.abort('enough');
      expect(await errorOf(run)).toMatchObject({ code: 'ERR_ABORTED', rung: 'kill', stateLost: true });
      await gone;
      expect(await untilEmpty(() => [pid, Number(data)].filter((one) => one === 0 || lives(one)), 10_000)).toEqual([]);
      expect((await pool.exec('echo new')).stdout).toBe('new\r\n');
    });

    test('by a timeout: the same', async () => {
      const pool = open();
      const error = await errorOf(pool.$({ timeout: 200 })`${program} forever`);
      expect(error).toMatchObject({ code: 'ERR_TIMEOUT', rung: 'kill', stateLost: true });
      expect((await pool.exec('echo new')).stdout).toBe('new\r\n');
    });

    test('by close(): it ends by itself', async () => {
      const pool = open();
      await pool.exec('echo one');
      const exited = nextEvent(pool, 'shell.destroyed');
      await pool.close();
      expect((await exited).reason).toBe('pool-closed');
    });
  });

  test('what one command cannot have is refused', async () => {
    const pool = open();
    for (const options of [
      { cwd: '.' },
      { env: { A: '1' } },
      { input: 'text' },
      { merge: true },
      { output: 'json' as const },
    ])
      expect(await errorOf(pool.exec('echo no', options))).toMatchObject({ code: 'ERR_OPTIONS', started: false });
  });

  test('a program gets each value as it is', () =>
    withSession(async (session) => {
      for (let from = 0; from < values.length; from += 10) {
        const part = values.slice(from, from + 10);
        const { stdout } = await session.$`${program} args ${part}`;
        expect(JSON.parse(stdout)).toEqual(part);
      }
    }));
}

/** One that is dead and that nobody has reaped still answers a signal. */
function lives(pid: number): boolean {
  if (existsSync('/proc/self/stat')) return isRunning(pid);
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
