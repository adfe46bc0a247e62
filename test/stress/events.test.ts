import { describe, expect, test, vi } from 'vitest';
import { catalogue, type Logger, type Pool, type PoolEventName } from 'shellwright';
import { openPool, soon } from '../support/pools.ts';

interface Line {
  level: string;
  fields: Record<string, unknown>;
  message: string | undefined;
}

/** Shaped like pino: a child adds its fields to each line. */
function fakeLogger(lines: Line[], bound: Record<string, unknown> = {}): Logger {
  const write =
    (level: string) =>
    (fields: object, message?: string): void =>
      void lines.push({ level, fields: { ...bound, ...fields }, message });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => fakeLogger(lines, { ...bound, ...fields }),
    isLevelEnabled: () => true,
  };
}

const secretOutput = 'output-that-no-log-may-show';

const unknownOption: object = { nonsense: 1 };

/** Commands that end in every way, and shells that are lost and replaced. */
async function exercise(pool: Pool): Promise<number> {
  const lease = await pool.acquire();
  const calls = [
    lease.exec(`printf %s-%s-%s ${secretOutput.split('-').slice(0, 3).join(' ')}; echo -that-no-log-may-show`),
    lease.exec('echo queued in the lease; exit 4'),
    lease.exec('echo lost'),
    pool.exec('echo queued'),
    pool.exec('echo aborted while it waits', { signal: AbortSignal.abort() }),
    pool.exec('sleep 60', { timeout: 20 }),
    pool.exec('kill -9 $$'),
    pool.exec('(exit 3)', { reject: true }),
    pool.exec('no\0such'),
    pool.exec('echo x', unknownOption),
    ...Array.from({ length: 30 }, (_, index) => pool.exec(`echo ${index} >&2`)),
  ];
  const settled = Promise.allSettled(calls);
  await lease.release();
  await soon(settled);
  await soon(pool.close());
  return calls.length;
}

describe('every event goes out exactly once', () => {
  test('on events$, on(), results$ and in the log, with the same fields', async () => {
    const lines: Line[] = [];
    const pool = openPool({ min: 1, max: 2, logger: fakeLogger(lines) });
    const streamed: string[] = [];
    const handled: string[] = [];
    const results: string[] = [];
    let completed = 0;
    const nameOf = (event: { type: string; commandId?: string; shellId?: string; pid?: number }): string =>
      [event.type, event.commandId ?? event.shellId ?? '', event.pid ?? ''].join(' ');
    pool.events$.subscribe({ next: (event) => streamed.push(nameOf(event)), complete: () => completed++ });
    pool.results$.subscribe({ next: ({ id }) => results.push(id), complete: () => completed++ });
    for (const name of Object.keys(catalogue) as PoolEventName[]) pool.on(name, (event) => handled.push(nameOf(event)));

    const given = await exercise(pool);

    expect(completed).toBe(2);
    expect(handled).toEqual(streamed);
    const ends = streamed
      .filter((name) => /^command\.(finished|rejected) /.test(name))
      .map((name) => name.split(' ')[1]);
    expect(ends.length).toBe(given);
    expect(new Set(ends).size).toBe(given);
    expect(results).toEqual(ends);
    expect(pool.metrics().commands.submitted).toBe(given);

    // What happened before there was a subscriber is in the log alone.
    const logged = lines.map(({ fields }) =>
      nameOf({ ...(fields as { commandId?: string; pid?: undefined }), type: String(fields['event']) }),
    );
    // A line has the pid of its shell under another name: pino's own `pid` is this process.
    const withoutPid = streamed
      .filter((name) => !name.startsWith('shell.late_output'))
      .map((name) => name.replace(/\d*$/, ''));
    expect(logged.map((name) => name.replace(/\d*$/, '')).slice(-withoutPid.length)).toEqual(withoutPid);
  });

  test('log lines have stable fields and the level of the catalogue, and no output', async () => {
    const lines: Line[] = [];
    await exercise(openPool({ name: 'mine', max: 2, logger: fakeLogger(lines) }));
    for (const { level, fields, message } of lines) {
      expect(fields).toMatchObject({ event: expect.any(String), pool: 'mine' });
      expect(message).toBe(fields['event']);
      expect(level).toBe(catalogue[fields['event'] as PoolEventName].level);
      if (message?.startsWith('shell.'))
        expect(fields).toMatchObject({ shellId: expect.stringMatching(/^shell\.\d+$/) });
      if (message?.startsWith('command.'))
        expect(fields).toMatchObject({ commandId: expect.any(String), command: expect.any(String) });
      if (message === 'command.finished')
        expect(fields).toMatchObject({ durationMs: expect.any(Number), waitMs: expect.any(Number) });
      if (message === 'command.rejected') expect(fields).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
    }
    expect(JSON.stringify(lines)).not.toContain(secretOutput);
    expect(lines.flatMap(({ fields }) => Object.keys(fields))).not.toContain('stdout');
  });
});

describe('what observers throw is not the pool’s trouble', () => {
  test('a logger that throws', async () => {
    const broken = (): never => {
      throw new Error('broken logger');
    };
    const logger: Logger = {
      debug: broken,
      info: broken,
      warn: broken,
      error: broken,
      child: broken,
      isLevelEnabled: () => true,
    };
    const pool = openPool({ max: 2, logger });
    expect(await exercise(pool)).toBeGreaterThan(30);
  });

  test('a logger whose isLevelEnabled throws', async () => {
    const lines: Line[] = [];
    const logger: Logger = {
      ...fakeLogger(lines),
      isLevelEnabled: () => {
        throw new Error('broken level');
      },
    };
    const pool = openPool({ max: 2, logger });
    expect(await exercise(pool)).toBeGreaterThan(30);
  });

  test('subscribers and handlers that throw: each error is uncaught for its owner, and nothing else changes', async () => {
    const uncaught: string[] = [];
    const note = (error: Error): void => void uncaught.push(error.message);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', note);
    try {
      const pool = openPool({ max: 2 });
      const fail = (): never => {
        throw new Error('broken observer');
      };
      const after = vi.fn();
      pool.events$.subscribe(fail);
      pool.results$.subscribe(fail);
      pool.status$.subscribe(fail);
      pool.on('command.finished', fail);
      pool.on('command.finished', after);
      pool.on('shell.idle', fail);
      pool.on('pool.ready', fail);
      const run = pool.exec('echo with output');
      run.output$.subscribe(fail);
      expect((await soon(run)).stdout).toBe('with output\n');
      expect(await exercise(pool)).toBeGreaterThan(30);
      expect(after.mock.calls.length).toBeGreaterThan(30);
      // RxJS throws from a timer of its own: those of close() come before this one.
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(uncaught.length).toBeGreaterThan(40);
      expect(new Set(uncaught)).toEqual(new Set(['broken observer']));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    }
  });
});

test('status$ gives the status at once, after changes, and completes after the last', async () => {
  const pool = openPool({ min: 1, max: 2 });
  const states: string[] = [];
  const completed = vi.fn();
  pool.status$.subscribe({ next: ({ state, size }) => states.push(`${state} ${size}`), complete: completed });
  expect(states.length).toBe(1);
  await pool.ready();
  await exercise(pool);
  expect(states.some((state) => state.startsWith('ready'))).toBe(true);
  expect(states.at(-1)).toBe('closed 0');
  expect(completed).toHaveBeenCalledOnce();
  const late = vi.fn();
  pool.status$.subscribe({ complete: late });
  expect(late).toHaveBeenCalledOnce();
});

test.each(['a function', 'an observer'])(
  'inspect is passed to XState as %s, and sees no output, handle or environment',
  async (kind) => {
    const seen: { type: string; event?: { type: string } }[] = [];
    const look = (event: { type: string }): void => void seen.push(event);
    const pool = openPool({
      max: 1,
      env: { HIDDEN: 'hidden-value' },
      inspect: kind === 'a function' ? look : { next: look },
    });
    await pool.exec(`echo ${secretOutput}`);
    await soon(pool.close());
    const types = new Set(seen.map(({ type }) => type));
    for (const type of ['@xstate.actor', '@xstate.event', '@xstate.snapshot']) expect(types).toContain(type);
    const events = new Set(seen.map(({ event }) => event?.type));
    for (const type of ['demand', 'process.spawned', 'borrow', 'close']) expect(events).toContain(type);
    const text = JSON.stringify(seen.map(({ event }) => event));
    expect(text).not.toContain(secretOutput);
    expect(text).not.toContain('hidden-value');
  },
);
