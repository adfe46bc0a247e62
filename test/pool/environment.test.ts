import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { bash, ksh, sh, zsh } from '../../src/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { whyMissing } from '../support/installed.ts';
import { errorOf, openPool } from '../support/pools.ts';

const dialects = [
  ['bash', bash],
  ['sh', sh],
  ['zsh', zsh],
  ['ksh', ksh],
] as const;
const installed = dialects.filter(([, dialect]) => whyMissing(dialect()) === undefined);
const asRoot = process.getuid?.() === 0;
const nobody = 65534;
const added: string[] = [];

/** Sets a variable of this process until the test ends. */
function setHere(name: string, value: string): void {
  process.env[name] = value;
  added.push(name);
}

afterEach(() => {
  for (const name of added.splice(0)) delete process.env[name];
});

describe.each(installed)('a shell of %s()', (_, dialect) => {
  test("starts in this process's folder without cwd", async () => {
    expect(await openPool({ shell: dialect() }).$`pwd -P`.text()).toBe(process.cwd());
  });

  test('starts in cwd', async () => {
    const cwd = join(temporaryFolder(), "a folder's name");
    mkdirSync(cwd);
    expect(await openPool({ shell: dialect(), cwd }).$`pwd -P`.text()).toBe(cwd);
  });

  test('gets the variables of this process and of env, which win', async () => {
    setHere('SW_TEST_A', 'host');
    setHere('SW_TEST_B', 'host');
    const pool = openPool({ shell: dialect(), env: { SW_TEST_B: "pool's own\nvalue", SW_TEST_C: '' } });

    expect(await pool.$`printf '%s|%s|%s' "$SW_TEST_A" "$SW_TEST_B" "\${SW_TEST_C-unset}"`.text()).toBe(
      "host|pool's own\nvalue|",
    );
  });

  test('does not get a variable that env has as undefined', async () => {
    setHere('SW_TEST_A', 'host');
    const pool = openPool({ shell: dialect(), env: { SW_TEST_A: undefined } });
    expect(await pool.$`echo "\${SW_TEST_A-unset}"`.text()).toBe('unset');
  });

  test('gets env alone with extendEnv: false', async () => {
    setHere('SW_TEST_A', 'host');
    const pool = openPool({
      shell: dialect(),
      extendEnv: false,
      env: { SW_TEST_B: 'mine', PATH: process.env['PATH'] },
    });
    const lines = await pool.$`env`.lines();

    expect(lines).toContain('SW_TEST_B=mine');
    expect(lines.filter((line) => /^(SW_TEST_A|VITEST)=/.test(line))).toEqual([]);
  });

  test('gets none of the hazards, neither from this process nor from env', async () => {
    const script = join(temporaryFolder(), 'start.sh');
    for (const path of [script, join(dirname(script), '.zshenv')]) writeFileSync(path, 'echo hazard; SW_TEST_RAN=1');
    const hazards = {
      BASH_ENV: script,
      ENV: script,
      ZDOTDIR: dirname(script),
      FPATH: dirname(script),
      ARGV0: 'another',
      REPORTTIME: '0',
      TMOUT: '1',
      'BASH_FUNC_echo%%': '() { builtin echo hacked; }',
      'BASH_FUNC_printf%%': '() { :; }',
      SHELLOPTS: 'xtrace',
      BASHOPTS: 'extdebug',
      PS4: '$(echo ps4 >&2)',
      PROMPT_COMMAND: 'echo prompt',
      CDPATH: '/usr',
      IFS: '0123456789',
    };
    for (const [name, value] of Object.entries(hazards)) setHere(name, value);
    const pool = openPool({ shell: dialect(), env: hazards });
    const result = await pool.exec('echo "hello:${SW_TEST_RAN-}:"; printf "%s," $(echo 1 2); sh -c \'echo "$0"\'');

    expect(result).toMatchObject({ stdout: 'hello::\n1,2,sh\n', stderr: '', exitCode: 0 });
    const passed = await pool.$`env`.text();
    expect(passed).not.toMatch(/^(BASH_ENV|ENV|ZDOTDIR|FPATH|ARGV0|BASH_FUNC_.*|PROMPT_COMMAND|CDPATH|IFS)=/m);
  });

  test('reads no profile and no rc file', async () => {
    const home = temporaryFolder();
    for (const name of ['.bashrc', '.profile', '.bash_profile', '.shrc', '.zshenv', '.zshrc', '.kshrc'])
      writeFileSync(join(home, name), 'echo profile');
    const pool = openPool({ shell: dialect(), env: { HOME: home } });
    expect((await pool.exec('echo hi')).stdout).toBe('hi\n');
    expect(homedir()).not.toBe(home);
  });

  test.runIf(asRoot)('runs as uid and gid', async () => {
    const pool = openPool({ shell: dialect(), cwd: '/', uid: nobody, gid: nobody });
    expect(await pool.$`id -u; id -g`.lines()).toEqual([`${nobody}`, `${nobody}`]);
  });

  test.runIf(asRoot)('writes to /dev/stdout and /dev/stderr as another user', async () => {
    const pool = openPool({ shell: dialect(), cwd: '/', uid: nobody, gid: nobody });
    expect(await pool.exec('echo out >/dev/stdout; echo err >/dev/stderr')).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 0,
    });
  });

  test.runIf(asRoot)('of another user is killed with what it runs on close', async () => {
    const pool = openPool({ shell: dialect(), cwd: '/', uid: nobody, gid: nobody });
    const run = pool.exec('sleep 600', { reject: false });
    await pool.close({ force: true });
    expect((await run).error?.code).toBe('ERR_POOL_CLOSED');
  });
});

test.runIf(asRoot)(
  'ready rejects with ERR_SPAWN as the cause, at once, when the other user may not enter the program',
  async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'bash');
    writeFileSync(path, '#!/bin/bash\n', { mode: 0o700 });
    const pool = openPool({ shell: bash({ path }), cwd: '/', uid: nobody, gid: nobody });
    const error = await errorOf(pool.ready());

    expect(error).toMatchObject({ code: 'ERR_POOL_FAILED', cause: { code: 'ERR_SPAWN' } });
    expect(error.message).toMatch(/may not be executed \(EACCES\)/);
    expect(pool.metrics().shells.spawned).toBe(1);
  },
);

describe('the name', () => {
  test('is in results, events, status and errors', async () => {
    const pool = openPool({ name: 'git' });
    const names = new Set<string>();
    pool.events$.subscribe((event) => names.add(event.pool));
    const result = await pool.exec('true');
    expect(result.pool).toBe('git');
    expect(pool.name).toBe('git');
    expect(pool.status().name).toBe('git');
    await pool.close();
    expect([...names]).toEqual(['git']);
    expect((await errorOf(pool.exec('true'))).message).toContain('git');
  });

  test("is 'shell' by default", () => {
    expect(openPool().name).toBe('shell');
  });
});
