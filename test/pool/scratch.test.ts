import { closeSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bash, ksh, sh, zsh, type ExecOptions } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { whyMissing } from '../support/installed.ts';
import { errorOf, openPool, soon } from '../support/pools.ts';
import { turns } from '../support/run.ts';

const asRoot = process.getuid?.() === 0;
const nobody = 65534;
const long = `# ${'long '.repeat(2_000)}\n`;

let folder = '';
/** What lies in the folder for temporary files. */
const left = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });
const openFiles = (): number => readdirSync('/proc/self/fd').length;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

type Options = Omit<ExecOptions, 'encoding'>;
const inputs: [name: string, prefix: string, make: () => Options][] = [
  ['input', '', () => ({ input: 'in' })],
  ['an input stream', '', () => ({ input: Readable.from(['in']) })],
  ['a long text', long, () => ({})],
];

describe.each([
  ['bash', bash],
  ['sh', sh],
  ['zsh', zsh],
  ['ksh', ksh],
] as const)('the files and pipes made for commands of %s', (_, dialect) => {
  const missing = whyMissing(dialect());
  beforeEach(({ skip }) => skip(missing !== undefined, missing));

  test('are removed with their command, and the rest with the shell', async () => {
    const pool = openPool({ shell: dialect(), max: 2, killGrace: 500 });
    await pool.use((session) => session.exec('cat', { input: 'first' }));
    const files = openFiles();
    await pool.use(async (session) => {
      for (let round = 0; round < 10; round++) {
        for (const [, prefix, make] of inputs) {
          await session.exec(`${prefix}cat`, make());
          await session.exec(`${prefix}true`, make());
          await errorOf(session.exec(`${prefix}cat; sleep 100`, { ...make(), timeout: 20 }));
          await errorOf(session.exec(`${prefix}cat`, { ...make(), cwd: '/nowhere/at/all' }));
        }
        await errorOf(session.exec('cat', { input: 'open', timeout: 20 }));
      }
    });
    // A folder for the shell, and one FIFO in it.
    expect(left().length).toBeLessThanOrEqual(2);
    for (const [, prefix, make] of inputs) {
      await pool.exec(`${prefix}cat; exit 3`, make());
      await pool.exec(`${prefix}kill -9 $$; sleep 100`, make());
    }
    await pool.close();
    await turns(3);
    expect(left()).toEqual([]);
    expect(openFiles()).toBeLessThan(files);
  });

  test('are removed when the pool is closed by force', async () => {
    const pool = openPool({ shell: dialect(), max: 4 });
    const runs = [
      pool.exec('cat', { input: 'open', reject: false }),
      pool.exec('sleep 100', { input: 'x', reject: false }),
      pool.exec(`${long}sleep 100`, { reject: false }),
    ];
    await pool.exec('true');
    await pool.close({ force: true });
    await Promise.all(runs);
    expect(left()).toEqual([]);
  });

  test('may be taken away between commands, and by a command', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    for (let round = 0; round < 2; round++) {
      for (const [, prefix, make] of inputs) {
        expect(await pool.exec(`${prefix}rm -rf ${folder}/shellwright-*; echo out`, make())).toMatchObject({
          stdout: 'out\n',
        });
        expect(await pool.exec(`${prefix}cat; echo out`, make())).toMatchObject({ exitCode: 0, stderr: '' });
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
      }
    }
  });

  test.each(inputs)(
    'that are gone before the shell has opened them reject the command, and nothing has run: %s',
    async (_, prefix, make) => {
      const pool = openPool({ shell: dialect(), max: 1 });
      await pool.use(async (session) => {
        await session.exec('cd /usr; kept=yes');
        process.kill(session.pid, 'SIGSTOP');
        const run = session.exec(`${prefix}cat; ran=yes`, { ...make(), cwd: '/' });
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
        process.kill(session.pid, 'SIGCONT');
        if (prefix === '' || dialect === bash) {
          expect(await errorOf(soon(run))).toMatchObject({ code: 'ERR_ABORTED', started: false });
          expect((await session.exec('echo "$? $kept [$ran]"; pwd')).stdout).toBe('1 yes []\n/usr\n');
        } else expect((await run).exitCode).toBe(0);
        expect((await session.exec('cat', { input: 'next' })).stdout).toBe('next');
      });
    },
  );

  test('that cannot be made reject the command; a long one goes without', async () => {
    const pool = openPool({ shell: dialect(), max: 1 });
    await pool.use(async (session) => {
      const loseLoop = async (): Promise<unknown> => session.exec('break 9');
      await loseLoop();
      const value = "it's long ".repeat(2_000);
      await withoutDescriptors(async () => {
        for (const input of ['x', Readable.from(['x'])]) {
          const error = await errorOf(session.exec('echo ran', { input }));
          expect(error).toMatchObject({ code: 'ERR_ABORTED', started: false });
          expect(error.message).toMatch(/could not be given.*EMFILE/);
        }
        expect((await session.$`printf %s ${value}`).stdout === value).toBe(true);
        await loseLoop();
        const aborted = session.exec('echo ran', { input: 'x' });
        const next = session.exec('echo next');
        aborted.abort();
        expect(await errorOf(aborted)).toMatchObject({ code: 'ERR_ABORTED', started: false });
        expect((await next).stdout).toBe('next\n');
      });
      expect((await session.exec('cat', { input: 'again' })).stdout).toBe('again');
    });
  });

  test.runIf(asRoot)('are read by a shell of another user, and by nobody else', async () => {
    const pool = openPool({ shell: dialect(), cwd: '/', uid: nobody, gid: nobody });
    await pool.use(async (session) => {
      const all = { cwd: '/usr', env: { A: 'a' }, merge: true };
      for (const input of ['text', Buffer.from('bytes'), Readable.from(['stream']), 'x'.repeat(2_000_000)]) {
        const { stdout } = await session.exec(`${long}id -u; cat | head -c 10; echo; cat <&0 | wc -c`, {
          input,
          ...all,
        });
        expect(stdout).toMatch(/^65534\n(?:text|bytes|stream|x{10})\n/);
      }
      const modes = await session.exec(`ls -ld ${folder}/shellwright-*; stat -Lc '%a %u' /dev/stdin`, { input: 'x' });
      expect(modes.stdout).toMatch(/^drwx--x--x .*\n600 65534\n$/);
    });
  });
});

test('the folder of a shell is for its own user only', async () => {
  const { stdout } = await openPool().exec(`stat -c %a ${folder}/shellwright-*; stat -Lc '%a' /dev/stdin`, {
    input: 'x',
  });
  expect(stdout).toBe('700\n600\n');
});

/** Runs it while this process has no descriptor to spare. */
async function withoutDescriptors(run: () => Promise<void>): Promise<void> {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EMFILE');
  }
  try {
    await run();
  } finally {
    for (const fd of taken) closeSync(fd);
  }
}
