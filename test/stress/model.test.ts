import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  isShellwrightError,
  type ErrorCode,
  type ExecResult,
  type Pool,
  type PoolOptions,
  type Session,
  type ShellwrightEvent,
} from 'shellwright';
import { openPool, soon } from '../support/pools.ts';
import { turns } from '../support/run.ts';

/** What may be done to a pool; `who` picks a lease, a command or a shell out of those there are. */
type Step =
  | { do: 'exec' | 'execInLease'; what: keyof typeof commands; who: number; stop: Stop }
  | { do: 'acquire' | 'release' | 'invalidate' | 'killShell' | 'execAll' | 'use'; who: number }
  | { do: 'wait'; turns: number };

type Stop = 'no' | 'timeout' | 'acquireTimeout' | 'abort' | 'aborted before' | 'kill' | 'interrupt';

/** Commands, and the only right answer of one that ran to its end undisturbed. */
const commands = {
  echo: (token: string) => ({ text: `echo ${token}`, stdout: `${token}\n`, stderr: '', exitCode: 0 }),
  both: (token: string) => ({
    text: `echo ${token}; echo ${token} >&2; (exit 9)`,
    stdout: `${token}\n`,
    stderr: `${token}\n`,
    exitCode: 9,
  }),
  large: (token: string) => ({
    text: `printf '${token}%.0s' {1..9000}`,
    stdout: token.repeat(9000),
    stderr: '',
    exitCode: 0,
  }),
  exit: (token: string) => ({ text: `echo ${token}; exit 5`, stdout: `${token}\n`, stderr: '', exitCode: 5 }),
  die: (token: string) => ({
    text: `echo ${token}; kill -9 $$`,
    stdout: `${token}\n`,
    stderr: '',
    exitCode: undefined,
  }),
  slow: (token: string) => ({ text: `sleep 0.02; echo ${token}`, stdout: `${token}\n`, stderr: '', exitCode: 0 }),
  bad: (token: string) => ({ text: `echo ${token}\0`, stdout: '', stderr: '', exitCode: undefined }),
};

const stops: readonly Stop[] = [
  'no',
  'no',
  'no',
  'timeout',
  'acquireTimeout',
  'abort',
  'aborted before',
  'kill',
  'interrupt',
];
const who = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('exec' as const, 'execInLease' as const),
      what: fc.constantFrom(...(Object.keys(commands) as (keyof typeof commands)[])),
      who,
      stop: fc.constantFrom(...stops),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'acquire' as const,
        'release' as const,
        'release' as const,
        'invalidate' as const,
        'killShell' as const,
        'execAll' as const,
        'use' as const,
      ),
      who,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(30) }) },
);

/** All that can be done with shells between borrowers, some of it in vain. */
const upkeep: PoolOptions = {
  reset: ['LEFT=', ':'],
  validate: async (shell) => {
    if (Math.random() < 0.3) await shell.exec(':');
    return Math.random() < 0.9;
  },
  healthCheck: {
    interval: 3,
    commands: [{ command: ':' }, { command: 'echo $RANDOM', invalidateOn: [{ stream: 'stdout', pattern: /^1\d$/ }] }],
  },
};

describe('any sequence of calls', () => {
  test.each([
    { force: false, between: 'nothing', options: {} },
    { force: true, between: 'nothing', options: {} },
    { force: false, between: 'all', options: upkeep },
    { force: true, between: 'all', options: upkeep },
  ])(
    'settles each of them once, rightly, and the books add up: close $force, $between done between borrowers',
    async ({ options, ...how }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
          fc.integer({ min: 1, max: 3 }),
          async (steps, max) => {
            await new Run({ ...options, max }).play(steps, how);
          },
        ),
        { numRuns: Number(process.env['STRESS_RUNS'] ?? 70), endOnFailure: true },
      );
    },
    600_000,
  );
});

/** One pool, and the model of it: what was given, and which ends each may have. */
class Run {
  readonly #pool: Pool;
  readonly #events: ShellwrightEvent[] = [];
  readonly #results: string[] = [];
  readonly #calls: Promise<void>[] = [];
  readonly #leases: Session[] = [];
  readonly #usesOf = new Map<number, number>();
  #commands = 0;
  /** No more steps: what is leased now is released at once. */
  #over = false;
  #unknown = 0;

  constructor(options: PoolOptions) {
    const restart = { attempts: 10_000, backoff: { initial: 0, max: 0 } };
    this.#pool = openPool({ killGrace: 200, restart, ...options });
    this.#pool.events$.subscribe((event) => this.#events.push(event));
    this.#pool.results$.subscribe(({ id, pid }) => {
      this.#results.push(id);
      if (pid !== undefined) this.#usesOf.set(pid, (this.#usesOf.get(pid) ?? 0) + 1);
    });
  }

  async play(steps: readonly Step[], { force }: { force: boolean }): Promise<void> {
    for (const each of steps) await this.#take(each);
    this.#over = true;
    if (!force) {
      // Work that waits for a lease would wait for ever if nobody let go.
      for (const lease of this.#leases) this.#expectEnd(lease.release());
      await soon(Promise.all(this.#calls), 'the calls before close');
      for (const { pid, uses, state } of this.#pool.status().shells)
        if (state === 'idle') expect(uses, `uses of ${pid}`).toBe(this.#usesOf.get(pid) ?? 0);
    }
    await soon(this.#pool.close({ force }), 'close');
    await soon(Promise.all(this.#calls), 'the calls after close');
    this.#checkBooks();
  }

  async #take(given: Step): Promise<void> {
    const lease = 'who' in given ? this.#leases[given.who % (this.#leases.length || 1)] : undefined;
    if (given.do === 'wait') await turns(given.turns);
    else if (given.do === 'exec') this.#exec(given.what, given.stop);
    else if (given.do === 'execInLease') this.#exec(given.what, given.stop, lease);
    else if (given.do === 'acquire') this.#acquire();
    else if (given.do === 'release') this.#release(lease);
    else if (given.do === 'invalidate') lease?.invalidate('the model says so');
    else if (given.do === 'killShell') this.#killShell(given.who);
    else if (given.do === 'execAll') this.#execAll();
    else this.#use();
  }

  #exec(what: keyof typeof commands, stop: Stop, lease?: Session): void {
    const token = `t${this.#commands++}`;
    const right = commands[what](token);
    const controller = new AbortController();
    if (stop === 'aborted before') controller.abort();
    const run = (lease ?? this.#pool).exec(right.text, {
      signal: controller.signal,
      ...(stop === 'timeout' && { timeout: 5 }),
      ...(stop === 'acquireTimeout' && { acquireTimeout: 5 }),
    });
    if (stop === 'abort') setImmediate(() => controller.abort(token));
    if (stop === 'kill') setImmediate(() => run.kill());
    if (stop === 'interrupt') setImmediate(() => run.interrupt());
    const allowed = new Set<ErrorCode>(['ERR_POOL_CLOSED']);
    if (what === 'bad') allowed.add('ERR_OPTIONS');
    if (lease) allowed.add('ERR_SESSION_LOST').add('ERR_SESSION_RELEASED');
    if (stop === 'timeout') allowed.add('ERR_TIMEOUT');
    if (stop === 'acquireTimeout') allowed.add('ERR_ACQUIRE_TIMEOUT');
    if (['abort', 'aborted before', 'kill'].includes(stop)) allowed.add('ERR_ABORTED');
    this.#expectEnd(
      run.then((result) => {
        if (stop === 'interrupt' && result.exitCode === 130) return;
        if (!isRight(result, right))
          throw new Error(`${right.text.slice(0, 40)} (${stop}) gave ${inspect(result, { maxStringLength: 40 })}`);
      }),
      allowed,
    );
  }

  #execAll(): void {
    const tokens = [`t${this.#commands++}`, `t${this.#commands++}`];
    const [first, second] = tokens;
    const results = this.#pool.execAll([`kept=${first}`, `echo $kept ${second}`]).then(
      (all) => {
        const [set, get] = all as [ExecResult, ExecResult];
        if (!get.shellExited) expect([set.exitCode, get.stdout]).toEqual([0, `${first} ${second}\n`]);
      },
      (error: unknown) => {
        // Those that were not given are not in the books.
        this.#unknown += 2;
        throw error;
      },
    );
    this.#expectEnd(results, new Set(['ERR_SESSION_LOST', 'ERR_POOL_CLOSED']));
  }

  #use(): void {
    const token = `t${this.#commands++}`;
    const used = this.#pool.use(async (session) => {
      const result = await session.exec(`echo ${token}`);
      const right = { stdout: `${token}\n`, stderr: '', exitCode: 0 };
      if (!isRight(result, right)) throw new Error(`a bystander gave ${inspect(result)}`);
    });
    this.#expectEnd(
      used.catch((error: unknown) => {
        this.#unknown += 1;
        throw error;
      }),
      new Set(['ERR_SESSION_LOST', 'ERR_POOL_CLOSED']),
    );
  }

  #acquire(): void {
    const acquired = this.#pool.acquire().then((session) => {
      this.#leases.push(session);
      return this.#over ? session.release() : undefined;
    });
    this.#expectEnd(acquired, new Set(['ERR_POOL_CLOSED']));
  }

  #release(lease: Session | undefined): void {
    if (!lease) return;
    this.#leases.splice(this.#leases.indexOf(lease), 1);
    this.#expectEnd(lease.release());
  }

  #killShell(index: number): void {
    const shells = this.#pool.status().shells.filter(({ pid }) => pid > 0);
    const victim = shells[index % (shells.length || 1)];
    try {
      if (victim) process.kill(victim.pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }

  /** The call ends, and with an error only if it is one of these. */
  #expectEnd(call: PromiseLike<unknown>, allowed: ReadonlySet<ErrorCode> = new Set()): void {
    const end = Promise.resolve(call).then(
      () => {},
      (error: unknown) => {
        if (!isShellwrightError(error) || !allowed.has(error.code)) throw error;
      },
    );
    // Looked at when the play is over.
    end.catch(() => {});
    this.#calls.push(end);
  }

  #checkBooks(): void {
    const ends = this.#events.flatMap((event) =>
      event.type === 'command.finished' || event.type === 'command.rejected' ? [event] : [],
    );
    const ids = ends.map(({ commandId }) => commandId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(this.#results.toSorted()).toEqual(ids.toSorted());
    const { submitted, finished, rejected } = this.#pool.metrics().commands;
    expect(submitted).toBe(ids.length);
    expect(submitted).toBeLessThanOrEqual(this.#commands);
    expect(submitted).toBeGreaterThanOrEqual(this.#commands - this.#unknown);
    expect(finished).toBe(ends.filter(({ type }) => type === 'command.finished').length);
    expect(rejected).toBe(ends.length - finished);
    const { spawned, destroyed } = this.#pool.metrics().shells;
    expect(destroyed).toBe(spawned);
    expect(this.#pool.status()).toMatchObject({ state: 'closed', size: 0, queued: 0 });
  }
}

/** Exactly what the command writes, or a part of it when its shell was killed. */
function isRight(result: ExecResult, right: { stdout: string; stderr: string; exitCode: number | undefined }): boolean {
  if (result.shellExited && result.signal === 'SIGKILL')
    return right.stdout.startsWith(result.stdout) && right.stderr.startsWith(result.stderr);
  return result.stdout === right.stdout && result.stderr === right.stderr && result.exitCode === right.exitCode;
}
