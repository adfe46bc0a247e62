import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { bash, ksh, sh, zsh, type Dialect, type Pool } from '../../src/index.ts';
import { whyMissing } from '../support/installed.ts';
import { errorOf, openPool, soon } from '../support/pools.ts';
import { seeded } from '../stress/random.ts';

const shells: [name: string, make: () => Dialect][] = [
  ['bash', bash],
  ['dash', () => sh({ path: 'dash' })],
  ['busybox', () => sh({ path: 'busybox', args: ['sh'] })],
  ['zsh', zsh],
  ['ksh', ksh],
];

/** By command, all that was heard of it late. */
class Heard {
  readonly texts = new Map<string, string>();
  #waiting: (() => void) | undefined;

  constructor(pool: Pool) {
    pool.on('shell.late_output', ({ commandId, data }) => {
      this.texts.set(commandId, (this.texts.get(commandId) ?? '') + data.toString());
      this.#waiting?.();
    });
  }

  async until(isTrue: (texts: Map<string, string>) => boolean): Promise<void> {
    while (!isTrue(this.texts)) await soon(new Promise<void>((resolve) => (this.#waiting = resolve)));
  }
}

describe.each(shells)('what jobs of %s write after their command', (_, make) => {
  const missing = whyMissing(make());
  beforeEach(({ skip }) => skip(missing !== undefined, missing));

  test('is late output of that command, on both streams, and in no later result', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    const heard = new Heard(pool);
    await pool.use(async (session) => {
      const gate = await session.exec('d=$(mktemp -d); echo "$d"').text();
      const first = await session.exec(
        'echo now; { while [ ! -e "$d/go" ]; do sleep 0.02; done; echo late; echo err >&2; : >"$d/done"; } & x=kept',
      );
      const second = await session.exec(
        ': >"$d/go"; while [ ! -e "$d/done" ]; do sleep 0.02; done; echo out; echo e >&2; (exit 4)',
      );
      const third = await session.exec('echo "$? $x"; rm -r "$d"');
      expect(gate).toMatch(/^\//);
      expect([first.stdout, second.stdout, second.stderr, third.stdout]).toEqual(['now\n', 'out\n', 'e\n', '4 kept\n']);
      await heard.until((texts) => texts.get(first.id)?.length === 9);
      expect([...heard.texts.keys()]).toEqual([first.id]);
      expect(heard.texts.get(first.id)).toMatch(/^(late\nerr\n|err\nlate\n)$/);
    });
  });

  test('is not lost, nor given to another, when commands fail, are stopped or cannot begin after it', async () => {
    const pool = openPool({ shell: make(), max: 1, killGrace: 20_000 });
    const heard = new Heard(pool);
    await pool.use(async (session) => {
      const job = 'sh -c \'sleep 0.05; echo "$1"\' sh';
      const ends: [text: string, end: () => PromiseLike<unknown>][] = [
        ['a', () => session.exec("echo 'x")],
        ['b', () => errorOf(session.exec('echo ran', { cwd: '/nowhere/at/all' }))],
        ['c', () => errorOf(session.exec('sleep 100', { timeout: 800 }))],
        ['d', () => session.exec('break 9')],
        ['e', () => session.exec('cat', { input: 'in' })],
        ['f', () => session.exec('pwd', { cwd: '/usr', env: { A: '1' }, merge: true })],
      ];
      for (const [text, end] of ends) {
        const { id, stdout } = await session.exec(`${job} ${text} &`);
        await end();
        expect((await session.exec('echo next; echo err >&2')).stdout).toBe('next\n');
        // On a busy machine a job may be faster than the end of its command.
        await heard.until((texts) => stdout + (texts.get(id) ?? '') === `${text}\n`);
      }
      expect(heard.texts.size).toBeLessThanOrEqual(ends.length);
    });
  });

  test('keeps no descriptor when the job has ended, and no other while it lives', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    await pool.use(async (session) => {
      await session.exec('true & wait');
      await session.exec('true');
      const before = readdirSync('/proc/self/fd').length;
      for (let count = 0; count < 150; count++) {
        const { stdout } = await session.exec(`true & echo ${count}`);
        expect(stdout).toBe(`${count}\n`);
      }
      await session.exec('wait; echo');
      await untilTrue(() => readdirSync('/proc/self/fd').length <= before + 2);
    });
  });

  test('of a job that is hidden in `( … & )`, which $! does not tell, is in the next result', async () => {
    const pool = openPool({ shell: make(), max: 1 });
    await pool.use(async (session) => {
      await session.exec(
        'd=$(mktemp -d); ( { while [ ! -e "$d/go" ]; do sleep 0.02; done; echo hidden; : >"$d/done"; } & )',
      );
      const { stdout } = await session.exec(
        ': >"$d/go"; while [ ! -e "$d/done" ]; do sleep 0.02; done; echo out; rm -r "$d"',
      );
      expect(stdout).toBe('hidden\nout\n');
    });
  });
});

test.each(shells)('200 jobs and commands of %s at random: nothing is in the wrong place', async (_, make) => {
  if (whyMissing(make()) !== undefined) return;
  const seed = Number(process.env['STRESS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const chance = seeded(seed);
  const pool = openPool({ shell: make(), max: 4 });
  const heard = new Heard(pool);
  /** By command, every line that it and its job wrote. */
  const expected = new Map<string, string[]>();
  const results = new Map<string, string>();
  const session = async (name: string): Promise<void> => {
    await pool.use(async (shell) => {
      for (let count = 0; count < 50; count++) {
        const [own, hasJob, nap] = [`${name}${count}`, chance() < 0.6, chance() * 0.03];
        const job = hasJob ? `{ sleep ${nap.toFixed(3)}; echo job-${own}; echo err-${own} >&2; } &` : '';
        const { id, stdout, stderr, exitCode } = await shell.exec(
          `echo a-${own}; ${job} echo b-${own} >&2; (exit ${count})`,
        );
        expect(exitCode, `seed ${seed}`).toBe(count);
        expected.set(id, [`a-${own}`, `b-${own}`, ...(hasJob ? [`job-${own}`, `err-${own}`] : [])]);
        results.set(id, stdout + stderr);
      }
    });
  };
  await Promise.all(['p', 'q', 'r', 's'].map(session));
  const linesOf = (id: string): string[] =>
    `${results.get(id)}${heard.texts.get(id) ?? ''}`.split('\n').filter((line) => line !== '');
  await heard.until(() => [...expected].every(([id, lines]) => linesOf(id).length >= lines.length));
  for (const [id, lines] of expected) expect(new Set(linesOf(id)), `seed ${seed}`).toEqual(new Set(lines));
});

test('of a job is in no result of commands that are stopped before they begin, nor of those after them, 50 times', async () => {
  const pool = openPool({ max: 1, killGrace: 20_000 });
  const heard = new Heard(pool);
  await pool.use(async (session) => {
    await session.exec('kept=yes');
    for (let count = 0; count < 50; count++) {
      const { id, stdout } = await session.exec(`{ echo begun; sleep 0.02; echo ${count}; } &`);
      const run = session.exec('echo ran; sleep 100');
      const next = session.exec('sleep 0.03; echo "$kept"');
      run.abort();
      const stopped = await errorOf(run);
      expect(stopped).toMatchObject({ code: 'ERR_ABORTED', stateLost: false });
      expect(['', 'ran\n']).toContain(stopped.stdout);
      expect((await next).stdout).toBe('yes\n');
      // The interrupt may hit a job that has just been forked.
      expect(['', 'begun\n', `begun\n${count}\n`]).toContain(stdout + (heard.texts.get(id) ?? ''));
    }
  });
});

async function untilTrue(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('it did not become true within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
