import { beforeEach, describe, expect, test } from 'vitest';
import { bash, ksh, python, secret, sh, zsh, type Dialect } from '../../src/index.ts';
import { whyMissing } from '../support/installed.ts';
import { errorOf, nextEvent, openPool, record, soon } from '../support/pools.ts';
import { sessionOf, untilEmpty, withEnvironment } from '../support/processes.ts';

const shells: [name: string, make: () => Dialect][] = [
  ['bash', bash],
  ['dash', () => sh({ path: 'dash' })],
  ['busybox', () => sh({ path: 'busybox', args: ['sh'] })],
  ['zsh', zsh],
  ['ksh', ksh],
];

/** Resolves when the command has written `text` to stdout. */
function seen(run: { output$: { subscribe(next: (chunk: { data: string }) => void): unknown } }, text: string) {
  let all = '';
  return soon(
    new Promise<void>((resolve) => run.output$.subscribe(({ data }) => (all += data).includes(text) && resolve())),
  );
}

describe.each(shells)('a background command of %s', (_, make) => {
  const missing = whyMissing(make());
  beforeEach(({ skip }) => skip(missing !== undefined, missing));

  test('runs beside the others, with the variables, functions and folder of its shell, and leaves it as it was', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    const events = record(pool, 'command.queued', 'command.started', 'command.finished', 'command.rejected');
    await pool.use(async (session) => {
      await session.exec('cd /usr; greet() { echo "hello $1"; }; who=you; (exit 3)');
      const run = session.background('greet "$who"; pwd; echo err >&2; read -r line; echo "$line"; exit 7', {
        input: 'open',
        meta: { n: 1 },
      });
      await seen(run, '/usr\n');
      // `wait` would wait for ever, were it a job of the shell.
      const beside = await session.exec('echo "$? ${!:-0}"; wait; jobs; who=me');
      expect(run.state).toBe('running');
      run.stdin?.end('and more\n');
      const result = await run;
      expect([result.stdout, result.stderr, result.exitCode]).toEqual(['hello you\n/usr\nand more\n', 'err\n', 7]);
      expect(result).toMatchObject({ failed: true, shellExited: false, meta: { n: 1 }, sessionId: session.id });
      expect([beside.stdout, beside.stderr]).toEqual(['3 0\n', '']);
      expect((await session.exec('echo "$who"')).stdout).toBe('me\n');
      expect(events.filter(({ commandId }) => commandId === run.id).map(({ type }) => type)).toEqual([
        'command.started',
        'command.finished',
      ]);
    });
    expect(pool.status().shells[0]).toMatchObject({ uses: 4 });
  });

  test('is stopped alone, with its tree, and the shell and its other commands go on', async () => {
    const pool = openPool({ shell: make(), max: 1, killGrace: 2_000 });
    await pool.use(async (session) => {
      const mark = `SW_BG_${session.pid}`;
      await session.exec('kept=yes');
      const ends = {
        timeout: session.background('sleep 100; echo no', { timeout: 300 }),
        quiet: session.background('echo once; sleep 100', { noOutputTimeout: 300 }),
        flood: session.background('while :; do echo yyyyyyyyyyyyyyyyyyyy; done', {
          maxBuffer: 5_000,
          overflow: 'kill',
        }),
        deaf: session.background(`export ${mark}=1; trap '' TERM; echo on; while :; do sleep 0.05; done`),
        lost: session.background(`echo on; ${mark}=1 setsid sleep 100`),
        interrupted: session.background('echo on; sleep 100; echo no'),
      };
      const stopped = Promise.all(
        [ends.timeout, ends.quiet, ends.flood, ends.deaf, ends.lost].map((run) => errorOf(run)),
      );
      await Promise.all([seen(ends.deaf, 'on'), seen(ends.lost, 'on'), seen(ends.interrupted, 'on')]);
      const beside = session.exec('sleep 0.5; echo $kept');
      ends.deaf.abort();
      ends.lost.kill();
      ends.interrupted.interrupt();
      const [timeout, quiet, flood, aborted, killed] = await stopped;
      expect(timeout).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'run', rung: 'interrupt', stateLost: false });
      expect(quiet).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'noOutput', stdout: 'once\n' });
      expect(flood).toMatchObject({ code: 'ERR_MAX_BUFFER' });
      expect(aborted).toMatchObject({ code: 'ERR_ABORTED', rung: 'kill', stateLost: false });
      expect(killed).toMatchObject({ code: 'ERR_ABORTED', rung: 'kill', stateLost: false });
      expect(await ends.interrupted).toMatchObject({ exitCode: 143, stdout: 'on\n', stderr: '' });
      expect((await beside).stdout).toBe('yes\n');
      expect(await untilEmpty(() => withEnvironment(mark), 10_000)).toEqual([]);
    });
  });

  test('is not reached by what stops a command of the session', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    await pool.use(async (session) => {
      const run = session.background('echo on; while read -r line; do echo "<$line>"; done', { input: 'open' });
      await seen(run, 'on\n');
      expect(await errorOf(session.exec('sleep 100', { timeout: 200 }))).toMatchObject({ stateLost: false });
      run.stdin?.end('still\n');
      expect(await run).toMatchObject({ exitCode: 0, stdout: 'on\n<still>\n' });
    });
  });

  test('ends with the release of its session, and so does what it has left; the shell serves on', async () => {
    const pool = openPool({ shell: make(), max: 1, killGrace: 2_000 });
    const session = await pool.acquire();
    const run = session.background('echo on; sleep 100');
    const left = session.background('sleep 100 & echo gone');
    await seen(run, 'on\n');
    expect((await left).stdout).toBe('gone\n');
    await session.release();
    expect(await errorOf(run)).toMatchObject({ code: 'ERR_SESSION_RELEASED', started: true, stdout: 'on\n' });
    expect(await untilEmpty(() => sessionOf(session.pid).filter((pid) => pid !== session.pid), 10_000)).toEqual([]);
    expect((await pool.exec('echo $$')).stdout).toBe(`${session.pid}\n`);
  });

  test('ends with ERR_SESSION_LOST when its shell is lost or invalidated, and with the pool', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    const ends: [code: string, end: (session: Awaited<ReturnType<typeof pool.acquire>>) => unknown][] = [
      ['ERR_SESSION_LOST', (session) => session.exec('exit 4')],
      ['ERR_SESSION_LOST', (session) => session.exec('kill -KILL $$')],
      ['ERR_SESSION_LOST', (session) => session.invalidate('not clean')],
      ['ERR_POOL_CLOSED', () => pool.close({ force: true })],
    ];
    for (const [code, end] of ends) {
      const session = await pool.acquire();
      const run = session.background('echo on; sleep 100');
      await seen(run, 'on\n');
      void end(session);
      expect(await errorOf(run)).toMatchObject({ code, stdout: 'on\n' });
      await session.release();
      expect(await untilEmpty(() => sessionOf(session.pid), 10_000)).toEqual([]);
    }
  });

  test('has a folder, variables and input of its own, and is told when it cannot have them', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    await pool.use(async (session) => {
      await session.exec('readonly fixed=1');
      const run = session.background('pwd; echo "$A"; env | grep ^A=; cat; echo err >&2', {
        cwd: '/usr',
        env: { A: "it's" },
        input: 'in\n',
        merge: true,
      });
      expect(await run).toMatchObject({ stdout: "/usr\nit's\nA=it's\nin\nerr\n", stderr: '' });
      for (const options of [{ cwd: '/nowhere/at/all' }, { env: { fixed: '2' } }])
        expect(await errorOf(session.background('echo ran', options))).toMatchObject({
          code: 'ERR_OPTIONS',
          started: false,
        });
      expect((await session.exec('echo "${A-none}"')).stdout).toBe('none\n');
      expect(await session.background("echo 'x")).toMatchObject({ failed: true, stdout: '' });
    });
  });

  test('keeps the options of its shell, and shows no line of ours', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    await pool.use(async (session) => {
      await session.exec('set -e; false || :');
      expect(await session.background('false; echo no')).toMatchObject({ stdout: '', failed: true });
      await session.exec("set +e; PS4='+'; set -x");
      const traced = await session.background('echo hi');
      expect([traced.stdout, traced.stderr.replace(/^\++.*?(?=echo)/, '')]).toEqual(['hi\n', 'echo hi\n']);
      expect(await session.exec('set +x')).toMatchObject({ exitCode: 0 });
    });
  });
});

test('secrets and the policy hold for background commands, and late output is told with their id', async () => {
  const pool = openPool({ shell: bash(), max: 1, policy: { deny: [/forbidden/] }, redact: [/hush/] });
  const events = record(pool, 'command.started', 'command.finished', 'command.rejected');
  const late = nextEvent(pool, 'shell.late_output');
  await pool.use(async (session) => {
    expect(await errorOf(session.background('echo forbidden'))).toMatchObject({ code: 'ERR_POLICY', started: false });
    await session.exec('d=$(mktemp -d)');
    const run = session.background(
      '{ while [ ! -e "$d/go" ]; do sleep 0.02; done; echo "late hush $T"; rm -r "$d"; } & echo "$T"',
      { env: { T: secret('swordfish') } },
    );
    expect((await run).stdout).toBe('swordfish\n');
    expect((await session.exec(': >"$d/go"; while [ -e "$d" ]; do sleep 0.02; done')).stdout).toBe('');
    expect(await late).toMatchObject({ commandId: run.id, stream: 'stdout', data: Buffer.from('late *** ***\n') });
    expect(JSON.stringify([events, pool.status()])).not.toContain('swordfish');
    expect(events.map(({ commandId, type }) => type + (commandId === run.id))).toContain('command.finishedtrue');
  });
});

test('a keyed session has them, outlives none of them idle, and they live on after a holder lets go', async () => {
  const pool = openPool({ shell: bash(), max: 1 });
  const mine = await pool.session('me', { idleTimeout: 50 });
  const run = mine.background('echo on; read -r line; echo "$line"', { input: 'open' });
  await seen(run, 'on\n');
  await mine.release();
  expect(await errorOf(mine.background('true'))).toMatchObject({ code: 'ERR_SESSION_RELEASED', started: false });
  const again = await pool.session('me');
  expect(again.fresh).toBe(false);
  run.stdin?.end('done\n');
  expect((await run).stdout).toBe('on\ndone\n');
  const other = again.background('sleep 100');
  await again.end();
  expect(await errorOf(other)).toMatchObject({ code: 'ERR_SESSION_LOST' });
});

test('what cannot have them refuses by name', async () => {
  const bashes = openPool({ shell: bash({ capabilities: { signals: false } }), max: 1 });
  await bashes.use(async (session) => {
    const error = await errorOf(session.background('true'));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toContain('capabilities.signals');
  });
  const missing = whyMissing(python());
  if (missing !== undefined) return;
  await openPool({ shell: python(), max: 1 }).use(async (session) => {
    expect((await errorOf(session.background('1'))).message).toContain('python has no background commands');
  });
});
