import { describe, expect, test } from 'vitest';
import { secret, type Logger, type Pool } from '../../src/index.ts';
import { errorOf, openPool, record } from '../support/pools.ts';

interface Line {
  level: string;
  fields: Record<string, unknown>;
}

/** Shaped like pino: a child adds its fields to each line; from `info` on, as an audit would have it. */
function auditLogger(lines: Line[], bound: Record<string, unknown> = {}): Logger {
  const write = (level: string) => (fields: object) => void lines.push({ level, fields: { ...bound, ...fields } });
  return {
    debug: () => {
      throw new Error('debug is not enabled');
    },
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => auditLogger(lines, { ...bound, ...fields }),
    isLevelEnabled: (level) => level !== 'debug',
  };
}

const meta = { user: 'a', request: { id: 7 } };

function historyOf(pool: Pool): unknown[] {
  return pool.status().shells.flatMap(({ history }) => history);
}

describe('meta', () => {
  test('is in the result', async () => {
    const pool = openPool();
    expect((await pool.exec('true', { meta })).meta).toEqual(meta);
    expect((await pool.$({ meta })`true`).meta).toEqual(meta);
    const session = await pool.acquire();
    expect((await session.exec('true', { meta })).meta).toEqual(meta);
    await session.release();
  });

  test('is absent where none was given', async () => {
    const pool = openPool();
    const events = record(pool, 'command.started', 'command.finished');
    expect(await pool.exec('true')).not.toHaveProperty('meta');
    expect(await pool.exec('true', { meta: undefined })).not.toHaveProperty('meta');
    for (const event of events) expect(event).not.toHaveProperty('meta');
    for (const entry of historyOf(pool)) expect(entry).not.toHaveProperty('meta');
  });

  test('is in each result of execAll', async () => {
    const results = await openPool().execAll(['true', 'false'], { meta });
    expect(results.map((result) => result.meta)).toEqual([meta, meta]);
  });

  test('is in the error of a command that had begun', async () => {
    const pool = openPool();
    expect(await errorOf(pool.exec('sleep 600', { timeout: 50, meta }))).toMatchObject({ code: 'ERR_TIMEOUT', meta });
    expect(await errorOf(pool.exec('false', { reject: true, meta }))).toMatchObject({
      code: 'ERR_COMMAND_FAILED',
      meta,
    });
    expect(await errorOf(pool.exec('false', { meta }).text())).toMatchObject({ code: 'ERR_COMMAND_FAILED', meta });
  });

  test('is in the result with reject: false of a command that never began', async () => {
    const result = await openPool().exec('true', { reject: false, signal: AbortSignal.abort(), meta });
    expect(result).toMatchObject({ meta, error: { code: 'ERR_ABORTED', started: false } });
  });

  test('is in every event of its command, and in no other', async () => {
    const pool = openPool({ max: 1 });
    const events = record(pool, 'command.queued', 'command.started', 'command.finished', 'command.rejected');
    const results: unknown[] = [];
    pool.results$.subscribe((result) => results.push(result.meta));
    const run = pool.exec('true', { meta });
    await Promise.all([run, pool.exec('echo other')]);
    await errorOf(pool.exec('true', { signal: AbortSignal.abort(), meta }));

    const own = events.filter(({ command }) => command === 'true');
    expect(own.map(({ type }) => type)).toEqual([
      'command.queued',
      'command.started',
      'command.finished',
      'command.rejected',
    ]);
    for (const event of own) expect(event.meta).toEqual(meta);
    for (const event of events.filter(({ command }) => command !== 'true')) expect(event.meta).toBeUndefined();
    expect(own.find(({ type }) => type === 'command.finished')).toMatchObject({ result: { meta } });
    expect(results).toEqual([meta, undefined, meta]);
  });

  test('is in the history of the shell', async () => {
    const pool = openPool({ max: 1 });
    await pool.exec('echo 1', { meta });
    await pool.exec('echo 2');
    expect(historyOf(pool)).toMatchObject([{ command: 'echo 1', meta }, { command: 'echo 2' }]);
  });

  test('is what it was when the command was given, whatever its owner does with the object later', async () => {
    const pool = openPool({ max: 1 });
    const own: Record<string, unknown> = { user: 'a' };
    const run = pool.exec('true', { meta: own });
    own['user'] = 'b';
    expect((await run).meta).toEqual({ user: 'a' });
    own['user'] = 'c';
    expect(historyOf(pool)).toMatchObject([{ meta: { user: 'a' } }]);
  });

  test.each([['a'], [7], [null], [[]], [true]])('is refused when it is no object: %o', async (bad) => {
    const error = await errorOf(openPool().exec('true', { meta: bad as never }));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', started: false });
    expect(error.message).toMatch(/`meta` option of pool\.exec to be an object/);
  });
});

describe('the audit line', () => {
  test('is one line at info for every command, with what ran, for whom and how it ended', async () => {
    const lines: Line[] = [];
    const pool = openPool({ name: 'jobs', max: 1, logger: auditLogger(lines), policy: { deny: [/no/] } });
    const ended = await pool.exec('echo output; (exit 4)', { meta });
    await errorOf(pool.exec('sleep 600', { timeout: 50, meta }));
    await errorOf(pool.exec('no', { meta }));
    await pool.exec('kill -9 $$');
    const session = await pool.acquire();
    await session.exec('true', { meta });
    await session.release();

    const audit = lines.filter(({ fields }) => String(fields['event']).startsWith('command.'));
    expect(audit.map(({ level }) => level)).toEqual(['info', 'info', 'info', 'info', 'info']);
    expect(audit.map(({ fields }) => fields)).toMatchObject([
      {
        event: 'command.finished',
        pool: 'jobs',
        commandId: ended.id,
        command: 'echo output; (exit 4)',
        exitCode: 4,
        meta,
        shellId: ended.shellId,
        shellPid: ended.pid,
        durationMs: expect.any(Number),
      },
      { event: 'command.rejected', command: 'sleep 600', code: 'ERR_TIMEOUT', meta },
      { event: 'command.rejected', command: 'no', code: 'ERR_POLICY', meta },
      { event: 'command.finished', command: 'kill -9 $$', signal: 'SIGKILL', shellExited: true },
      { event: 'command.finished', command: 'true', exitCode: 0, meta, sessionId: session.id },
    ]);
    expect(JSON.stringify(audit)).not.toContain('stdout');
  });

  test('says how a command ended that was stopped, and shows neither its output nor a secret', async () => {
    const lines: Line[] = [];
    const pool = openPool({ max: 1, logger: auditLogger(lines), redact: [/AKIA\w+/] });
    await errorOf(
      pool.$({ timeout: 100, meta: { key: 'AKIA1', user: 'a' } })`echo output ${secret('hunter2')}; sleep 600`,
    );
    await errorOf(pool.exec('echo output; kill -9 $$ # AKIA2', { reject: true }));
    await errorOf(pool.exec('true', { signal: AbortSignal.abort() }));
    const audit = lines.map(({ fields }) => fields).filter(({ event }) => String(event).startsWith('command.'));
    expect(audit).toMatchObject([
      {
        event: 'command.rejected',
        command: 'echo output ***; sleep 600',
        code: 'ERR_TIMEOUT',
        started: true,
        durationMs: expect.any(Number),
        meta: { key: '***', user: 'a' },
      },
      {
        event: 'command.finished',
        command: 'echo output; kill -9 $$ # ***',
        signal: 'SIGKILL',
        durationMs: expect.any(Number),
      },
      { event: 'command.rejected', code: 'ERR_ABORTED', started: false },
    ]);
    expect(audit[2]).not.toHaveProperty('durationMs');
    const texts = JSON.stringify(audit).replaceAll('echo output', '');
    expect(texts).not.toMatch(/output|hunter2|AKIA/);
  });

  test('is not there for init and destroy', async () => {
    const lines: Line[] = [];
    const pool = openPool({ max: 1, logger: auditLogger(lines), init: ['echo set-up'], destroy: ['echo farewell'] });
    await pool.exec('true');
    await pool.close();
    const audit = lines.filter(({ fields }) => String(fields['event']).startsWith('command.'));
    expect(audit.map(({ fields }) => fields['command'])).toEqual(['true']);
  });

  test('says when the output made the shell invalid, and the line of the shell says why', async () => {
    const lines: Line[] = [];
    const invalidateOn = [{ stream: 'stderr', pattern: /expired/ }] as const;
    const pool = openPool({ max: 1, logger: auditLogger(lines), invalidateOn: [...invalidateOn] });
    const { shellId } = await pool.exec('echo expired >&2');
    expect(lines.find(({ fields }) => fields['event'] === 'shell.invalid')).toMatchObject({
      level: 'info',
      fields: { shellId, reason: 'pattern-matched', cause: 'stderr matched /expired/' },
    });
    expect(lines.find(({ fields }) => fields['event'] === 'command.finished')!.fields).toMatchObject({
      invalid: 'stderr matched /expired/',
    });
  });
});
