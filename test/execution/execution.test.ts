import { bash, createPool, isShellwrightError, type OutputChunk, type Pool, ShellwrightError } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejection, said, testPool, turns } from '../support/run.ts';

let pool: Pool;
beforeAll(() => {
  pool = createPool({ name: 'runs', shell: bash(), max: 2, logger: false });
});
afterAll(() => pool.close({ force: true }));

describe('a result', () => {
  it('has every field', async () => {
    const before = Date.now();
    const run = pool.exec('echo out; echo err >&2; (exit 3)');
    const result = await run;
    expect(result).toEqual({
      id: run.id,
      command: 'echo out; echo err >&2; (exit 3)',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      failed: true,
      shellExited: false,
      truncated: false,
      durationMs: expect.any(Number),
      waitMs: expect.any(Number),
      startedAt: expect.any(Number),
      pool: 'runs',
      shellId: expect.stringMatching(/^shell\.\d$/),
      pid: expect.any(Number),
    });
    expect(result.durationMs).toBeGreaterThan(0);
    expect(result.waitMs).toBeGreaterThanOrEqual(0);
    expect(result.startedAt).toBeGreaterThanOrEqual(before);
    expect(result.startedAt).toBeLessThanOrEqual(Date.now());
  });

  it('names the session and the process that it ran in', async () => {
    await pool.use(async (session) => {
      const result = await session.exec('echo $$');
      expect(result).toMatchObject({
        sessionId: session.id,
        shellId: session.shellId,
        pid: session.pid,
        stdout: `${session.pid}\n`,
      });
    });
  });

  it('has ids of its own', async () => {
    const runs = Array.from({ length: 20 }, () => pool.exec(':'));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(20);
    await Promise.all(runs);
  });

  it('has Buffers with encoding buffer, of the command or the pool', async () => {
    const { stdout, stderr } = await pool.exec("printf '\\377a'; printf '\\376' >&2", { encoding: 'buffer' });
    const typed: Buffer = stdout;
    expect([[...typed], [...stderr]]).toEqual([[255, 97], [254]]);
    const buffers = testPool({ shell: bash(), encoding: 'buffer' });
    const result: { stdout: Buffer } = await buffers.exec("printf '\\377'");
    expect([...result.stdout]).toEqual([255]);
    const text: { stdout: string } = await buffers.exec("printf '\\377a'", { encoding: 'utf8' });
    expect(text.stdout).toBe('\ufffda');
    const empty = await buffers.exec(':');
    expect(Buffer.isBuffer(empty.stdout) && empty.stdout.length === 0).toBe(true);
  });

  it('says what maxBuffer left out, per stream', async () => {
    const result = await pool.exec("printf abcdefgh; printf 'xyz' >&2", { maxBuffer: 4 });
    expect(result).toMatchObject({ stdout: 'abcd', stderr: 'xyz', truncated: { stdout: 4, stderr: 0 } });
    expect((await pool.exec('printf abcdefgh', { maxBuffer: 4, overflow: 'tail' })).stdout).toBe('efgh');
    expect((await pool.exec('printf abcdefgh', { maxBuffer: 4, overflow: 'middle' })).stdout).toBe(
      'ab\n[4 bytes omitted]\ngh',
    );
    expect((await pool.exec('printf 日本', { maxBuffer: 4 })).stdout).toBe('日');
    expect((await pool.exec('printf abcd', { maxBuffer: 4 })).truncated).toBe(false);
  });
});

describe('an execution', () => {
  it('is a promise: then, catch, finally, await', async () => {
    expect(await pool.exec('echo a').then(({ stdout }) => stdout)).toBe('a\n');
    expect(await pool.exec('a', { timeout: -1 }).catch((error: unknown) => (error as ShellwrightError).code)).toBe(
      'ERR_OPTIONS',
    );
    let called = 0;
    await pool.exec('echo a').finally(() => called++);
    expect(called).toBe(1);
    expect(await Promise.all([pool.exec('echo 1'), pool.exec('echo 2')])).toMatchObject([
      { stdout: '1\n' },
      { stdout: '2\n' },
    ]);
  });

  it('resolves when the command failed, and rejects then with reject: true', async () => {
    expect(await pool.exec('false')).toMatchObject({ exitCode: 1, failed: true });
    expect(await rejection(pool.exec('echo a; false', { reject: true }))).toMatchObject({
      code: 'ERR_COMMAND_FAILED',
      exitCode: 1,
      stdout: 'a\n',
      started: true,
    });
    expect(await rejection(pool.exec('kill -9 $$', { reject: true }))).toMatchObject({
      code: 'ERR_COMMAND_FAILED',
      signal: 'SIGKILL',
      shellExited: true,
    });
    expect(await pool.exec('true', { reject: true })).toMatchObject({ exitCode: 0 });
  });

  it('never rejects with reject: false; the result has the error', async () => {
    expect((await pool.exec('false', { reject: false })).error).toBeUndefined();
    const run = pool.exec('echo ready; sleep 100', { reject: false });
    await said(run, 'ready');
    run.abort('why');
    const result = await run;
    expect(result).toMatchObject({ stdout: 'ready\n', exitCode: 130, error: { code: 'ERR_ABORTED', cause: 'why' } });
    const refused = await pool.exec('a\0b', { reject: false });
    expect(refused).toMatchObject({ stdout: '', stderr: '', error: { code: 'ERR_OPTIONS', started: false } });
  });

  it('gives text without one final newline', async () => {
    expect(await pool.exec('printf "a\\n\\n"').text()).toBe('a\n');
    expect(await pool.exec('printf a').text()).toBe('a');
    expect(await pool.exec(':').text()).toBe('');
    expect(await pool.exec('printf 日', { encoding: 'buffer' }).text()).toBe('日');
  });

  it('gives lines', async () => {
    expect(await pool.exec('printf "a\\n\\nb\\n"').lines()).toEqual(['a', '', 'b']);
    expect(await pool.exec('printf "a\\nb"').lines()).toEqual(['a', 'b']);
    expect(await pool.exec(':').lines()).toEqual([]);
  });

  it('gives one empty line for one newline', async () => {
    expect(await pool.exec('echo').lines()).toEqual(['']);
  });

  it('gives JSON', async () => {
    expect(await pool.exec(`echo '{"a": [1, "日"]}'`).json<{ a: unknown[] }>()).toEqual({ a: [1, '日'] });
  });

  it.each(['text', 'lines', 'json'] as const)(
    'rejects %s() of a command that failed, was truncated, or was stopped',
    async (method) => {
      expect(await rejection(pool.exec('echo 1; false')[method]())).toMatchObject({
        code: 'ERR_COMMAND_FAILED',
        stdout: '1\n',
      });
      expect(await rejection(pool.exec('echo 12345', { maxBuffer: 3 })[method]())).toMatchObject({
        code: 'ERR_OUTPUT',
        stdout: '123',
        truncated: { stdout: 3, stderr: 0 },
        started: true,
      });
      expect(await rejection(pool.exec('echo 1', { timeout: -1 })[method]())).toMatchObject({ code: 'ERR_OPTIONS' });
      const run = pool.exec('echo ready; sleep 100', { reject: false });
      await said(run, 'ready');
      run.abort();
      expect(await rejection(run[method]())).toMatchObject({ code: 'ERR_ABORTED', stdout: 'ready\n' });
    },
  );

  it('rejects json() of what is not JSON, with the output', async () => {
    const error = await rejection(pool.exec('echo "{no"').json());
    expect(error).toMatchObject({ code: 'ERR_OUTPUT', stdout: '{no\n', started: true, exitCode: 0 });
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });

  it('is queued, then running, then stopping, then ended', async () => {
    const one = testPool({ shell: bash() });
    const first = one.exec('echo ready; sleep 100');
    const second = one.exec('echo second');
    expect([first.state, second.state]).toEqual(['queued', 'queued']);
    await said(first, 'ready');
    expect([first.state, second.state]).toEqual(['running', 'queued']);
    first.abort();
    expect(first.state).toBe('stopping');
    await rejection(first);
    expect(first.state).toBe('ended');
    expect((await second).stdout).toBe('second\n');
    expect(second.state).toBe('ended');
  });

  it('is interrupted once: it resolves with what the shell reports', async () => {
    const run = pool.exec('echo ready; sleep 100; echo b');
    await said(run, 'ready');
    expect(run.interrupt()).toBe(true);
    expect(run.state).toBe('running');
    expect(await run).toMatchObject({ exitCode: 130, stdout: 'ready\n', shellExited: false });
    expect(run.interrupt()).toBe(false);
  });

  it('cannot be interrupted in the queue', async () => {
    const one = testPool({ shell: bash() });
    const run = one.exec('echo a');
    expect(run.interrupt()).toBe(false);
    expect((await run).stdout).toBe('a\n');
  });

  it('is aborted with a reason', async () => {
    const run = pool.exec('echo ready; echo err >&2; sleep 100');
    await said(run, 'err');
    const reason = new Error('changed my mind');
    run.abort(reason);
    run.abort('another reason comes too late');
    expect(await rejection(run)).toMatchObject({
      code: 'ERR_ABORTED',
      cause: reason,
      started: true,
      rung: 'interrupt',
      stateLost: false,
      stdout: 'ready\n',
      stderr: 'err\n',
      exitCode: 130,
      shellExited: false,
      id: run.id,
    });
    run.abort();
  });

  it('is aborted by its signal while it runs', async () => {
    const controller = new AbortController();
    const run = pool.exec('echo ready; sleep 100', { signal: controller.signal });
    await said(run, 'ready');
    controller.abort('by signal');
    expect(await rejection(run)).toMatchObject({
      code: 'ERR_ABORTED',
      cause: 'by signal',
      started: true,
      rung: 'interrupt',
    });
  });

  it('does not start when its signal is aborted already', async () => {
    const signal = AbortSignal.abort('before');
    const run = pool.exec('echo a', { signal });
    expect(run.state).toBe('ended');
    const error = await rejection(run);
    expect(error).toMatchObject({ code: 'ERR_ABORTED', cause: 'before', started: false });
    expect(error.stdout).toBeUndefined();
  });

  it('leaves the queue when it is aborted there, and nothing of it runs', async () => {
    const one = testPool({ shell: bash() });
    const first = one.exec('echo ready; sleep 100');
    const controller = new AbortController();
    const second = one.exec('touch /dev/null; ran=yes', { signal: controller.signal });
    const third = one.exec('ran=yes');
    const last = one.exec('echo "[$ran]"');
    await said(first, 'ready');
    controller.abort('gone');
    third.abort();
    expect(await rejection(second)).toMatchObject({ code: 'ERR_ABORTED', cause: 'gone', started: false });
    expect(await rejection(third)).toMatchObject({ code: 'ERR_ABORTED', started: false });
    expect([second.state, third.state, one.status().queued]).toEqual(['ended', 'ended', 1]);
    first.interrupt();
    expect((await last).stdout).toBe('[]\n');
  });

  it('leaves no listener on its signal', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    await Promise.all(Array.from({ length: 10 }, () => pool.exec('echo a', { signal })));
    expect(listeners).toBe(0);
  });

  it('is killed with its shell', async () => {
    const one = testPool({ shell: bash(), killGrace: 60_000 });
    const run = one.exec("trap '' INT; echo ready; sleep 100");
    await said(run, 'ready');
    run.kill();
    const error = await rejection(run);
    expect(error).toMatchObject({
      code: 'ERR_ABORTED',
      rung: 'kill',
      stateLost: true,
      shellExited: true,
      signal: 'SIGKILL',
      stdout: 'ready\n',
    });
    expect((await one.exec('echo $$')).pid).not.toBe(error.pid);
  });

  it('that is being aborted can be killed', async () => {
    const one = testPool({ shell: bash(), killGrace: 60_000 });
    const run = one.exec("trap '' INT; echo ready; sleep 100");
    await said(run, 'ready');
    run.abort('first');
    run.kill();
    expect(await rejection(run)).toMatchObject({ code: 'ERR_ABORTED', cause: 'first', rung: 'kill', stateLost: true });
  });

  it('ends at its timeout with the output so far', async () => {
    const one = testPool({ shell: bash() });
    await one.ready();
    const error = await rejection(one.exec('echo out; echo err >&2; sleep 100; echo b', { timeout: 1_000 }));
    expect(error).toMatchObject({
      name: 'ShellwrightError',
      code: 'ERR_TIMEOUT',
      kind: 'run',
      rung: 'interrupt',
      stateLost: false,
      started: true,
      exitCode: 130,
      failed: true,
      shellExited: false,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
    expect(error).toBeInstanceOf(ShellwrightError);
    expect(isShellwrightError(error)).toBe(true);
    expect(error.message).toContain('1000');
    expect(error.durationMs).toBeGreaterThanOrEqual(999);
  });

  it('does not count its time in the queue towards its timeout', async () => {
    const one = testPool({ shell: bash() });
    const first = one.exec('sleep 1.2');
    const second = await one.exec('echo a', { timeout: 1_000 });
    expect(second.stdout).toBe('a\n');
    expect(second.waitMs).toBeGreaterThan(1_000);
    await first;
  });

  it('is killed by overflow kill', async () => {
    const run = pool.exec('yes', { maxBuffer: 100, overflow: 'kill' });
    const error = await rejection(run);
    expect(error).toMatchObject({ code: 'ERR_MAX_BUFFER', started: true, stdout: 'y\n'.repeat(50) });
    expect(error.truncated).toMatchObject({ stderr: 0 });
    const onStderr = await rejection(pool.exec('yes >&2', { maxBuffer: 100, overflow: 'kill' }));
    expect(onStderr).toMatchObject({ code: 'ERR_MAX_BUFFER', stdout: '', stderr: 'y\n'.repeat(50) });
    expect(await pool.exec('printf 12345', { maxBuffer: 5, overflow: 'kill' })).toMatchObject({
      stdout: '12345',
      truncated: false,
    });
  });

  it('keeps memory bounded by maxBuffer under output without end', async () => {
    const run = pool.exec('yes', { maxBuffer: 1000, overflow: 'tail' });
    let bytes = 0;
    await new Promise<void>((resolve) => {
      run.output$.subscribe(({ data }) => {
        bytes += data.length;
        if (bytes > 5_000_000) resolve();
      });
    });
    expect(run.partial().stdout).toHaveLength(1000);
    run.abort();
    expect((await rejection(run)).stdout).toHaveLength(1000);
  });

  it('shows the output so far: partial', async () => {
    const run = pool.exec('printf "a日"; printf err >&2; sleep 100');
    expect(run.partial()).toEqual({ stdout: '', stderr: '' });
    await said(run, 'a日');
    await said(run, 'err');
    expect(run.partial()).toEqual({ stdout: 'a日', stderr: 'err' });
    run.interrupt();
    await run;
    expect(run.partial()).toEqual({ stdout: 'a日', stderr: 'err' });
  });
});

describe('the lines of an execution', () => {
  it('come while the command runs', async () => {
    const fifoLike: string[] = [];
    const run = pool.exec('echo one; echo two; sleep 100; echo never');
    for await (const line of run) {
      fifoLike.push(line);
      expect(run.state).toBe('running');
      if (line === 'two') run.interrupt();
    }
    expect(fifoLike).toEqual(['one', 'two']);
    expect((await run).exitCode).toBe(130);
  });

  it('are whole, however they are cut: empty lines, a last one without newline, characters split by reads', async () => {
    const lines: string[] = [];
    for await (const line of pool.exec("printf 'a\\n\\nb\\n'; printf '\\346\\227'; sleep 0.05; printf '\\245\\nlast'"))
      lines.push(line);
    expect(lines).toEqual(['a', '', 'b', '日', 'last']);
  });

  it('are all of them, also those that came before the loop began, and after the end', async () => {
    const run = pool.exec('echo one; echo two');
    await run;
    const lines: string[] = [];
    for await (const line of run) lines.push(line);
    expect(lines).toEqual(['one', 'two']);
  });

  it('are complete or an error when the loop begins after maxBuffer was passed', async () => {
    const run = pool.exec('i=0; while [ $i -lt 100 ]; do echo line$i; i=$((i+1)); done', { maxBuffer: 50 });
    await run;
    const lines: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const line of run) lines.push(line);
      })(),
    );
    expect(error.code).toBe('ERR_OUTPUT');
  });

  it('are not limited by maxBuffer when they are read as they come', async () => {
    let lines = 0;
    const run = pool.exec('i=0; while [ $i -lt 5000 ]; do echo line$i; i=$((i+1)); done', { maxBuffer: 100 });
    for await (const line of run) expect(line).toBe(`line${lines++}`);
    expect(lines).toBe(5000);
  });

  it('end with ERR_MAX_BUFFER, and no made-up line, at a line longer than maxBuffer', async () => {
    const lines: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const line of pool.exec(
          'echo first; head -c 5000 /dev/zero | tr "\\0" x; sleep 0.05; head -c 20 /dev/zero | tr "\\0" y; echo; echo after',
          { maxBuffer: 100 },
        ))
          lines.push(line);
      })(),
    );
    expect(error.code).toBe('ERR_MAX_BUFFER');
    expect(lines).toEqual(['first']);
  });

  it('throw at the end what the promise rejects with', async () => {
    const lines: string[] = [];
    const collect = async (text: string, options: object): Promise<void> => {
      for await (const line of pool.exec(text, options)) lines.push(line);
    };
    expect((await rejection(collect('echo a; false', { reject: true }))).code).toBe('ERR_COMMAND_FAILED');
    await collect('echo b; false', {});
    expect((await rejection(collect('echo c', { timeout: -1 }))).code).toBe('ERR_OPTIONS');
    expect(lines).toEqual(['a', 'b']);
  });

  it('abort the command when the loop is left early', async () => {
    const run = pool.exec('while :; do echo line; done');
    for await (const line of run) {
      expect(line).toBe('line');
      break;
    }
    expect(await rejection(run)).toMatchObject({ code: 'ERR_ABORTED', rung: 'interrupt', stateLost: false });
  });

  it('abort the command when the loop throws', async () => {
    const run = pool.exec('yes');
    const thrown = await rejection(
      (async () => {
        for await (const line of run) throw new Error(`on ${line}`);
      })(),
    );
    expect(thrown.message).toBe('on y');
    expect((await rejection(run)).code).toBe('ERR_ABORTED');
  });

  it('do not abort a command that has ended', async () => {
    const run = pool.exec('echo a; echo b');
    await run;
    for await (const line of run) if (line !== '') break;
    expect(await run).toMatchObject({ exitCode: 0 });
  });

  it('hold the pipe: output without end into a slow loop stays bounded', async () => {
    const run = pool.exec('yes', { maxBuffer: 1000 });
    let bytes = 0;
    run.output$.subscribe(({ data }) => (bytes += data.length));
    let lines = 0;
    const seen: number[] = [];
    for await (const line of run) {
      if (line !== 'y') throw new Error(`Expected y, got ${line}`);
      if (++lines <= 20) {
        // Many chances to read: without a hold, each takes up to 64 kB.
        await turns(50);
        seen.push(bytes);
      }
      if (lines === 200_000) break;
    }
    expect(Math.max(...seen)).toBeLessThanOrEqual(256 * 1024);
    // It goes on when the loop does.
    expect(bytes).toBeGreaterThanOrEqual(400_000);
    expect((await rejection(run)).code).toBe('ERR_ABORTED');
  });

  it('let go of the pipe at the end: the shell runs the next command', async () => {
    const one = testPool({ shell: bash() });
    for (let round = 0; round < 3; round++) {
      for await (const line of one.exec('yes')) if (line === 'y') break;
      expect((await one.exec(`echo next${round}`)).stdout).toBe(`next${round}\n`);
    }
  });
});

describe('output$', () => {
  const collect = (run: { output$: { subscribe(observer: object): unknown } }): Promise<OutputChunk[]> =>
    new Promise((resolve, reject) => {
      const chunks: OutputChunk[] = [];
      run.output$.subscribe({
        next: (chunk: OutputChunk) => chunks.push(chunk),
        error: reject,
        complete: () => resolve(chunks),
      });
    });
  const text = (chunks: OutputChunk[], stream: string): string =>
    chunks
      .filter((chunk) => chunk.stream === stream)
      .map(({ data }) => data)
      .join('');

  it('has all chunks of both streams in order, and completes', async () => {
    const before = Date.now();
    const run = pool.exec('i=0; while [ $i -lt 2000 ]; do echo out$i; echo err$i >&2; i=$((i+1)); done');
    const chunks = await collect(run);
    const result = await run;
    expect(text(chunks, 'stdout')).toBe(result.stdout);
    expect(text(chunks, 'stderr')).toBe(result.stderr);
    const times = chunks.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((at) => at >= before && at <= Date.now())).toBe(true);
  });

  it('comes while the command runs', async () => {
    const run = pool.exec('echo now; sleep 100');
    await said(run, 'now');
    expect(run.state).toBe('running');
    run.interrupt();
    await run;
  });

  it('decodes characters that reads have split', async () => {
    const run = pool.exec("printf 'a\\360\\237'; sleep 0.05; printf '\\230'; sleep 0.05; printf '\\200b\\346'");
    const chunks = await collect(run);
    expect(text(chunks, 'stdout')).toBe('a😀b\ufffd');
    expect(chunks.every(({ data }) => data.length > 0)).toBe(true);
    expect((await run).stdout).toBe('a😀b\ufffd');
  });

  it('has Buffers that stay as they are with encoding buffer', async () => {
    const run = pool.exec('echo one; sleep 0.05; echo two', { encoding: 'buffer' });
    const chunks = (await collect(run)) as unknown as OutputChunk<Buffer>[];
    expect(Buffer.concat(chunks.map(({ data }) => data)).toString()).toBe('one\ntwo\n');
    await run;
  });

  it('completes at once for who comes late, and buffers nothing', async () => {
    const run = pool.exec('echo a');
    await run;
    expect(await collect(run)).toEqual([]);
    const live = pool.exec('echo ready; sleep 100');
    await said(live, 'ready');
    const late = collect(live);
    live.interrupt();
    await live;
    expect(text(await late, 'stdout')).toBe('');
  });

  it('completes, and never errors, when the command is stopped or refused', async () => {
    const run = pool.exec('echo ready; sleep 100');
    const chunks = collect(run);
    await said(run, 'ready');
    run.kill();
    await rejection(run);
    expect(text(await chunks, 'stdout')).toBe('ready\n');
    const refused = pool.exec('a\0b');
    expect(await collect(refused)).toEqual([]);
    await rejection(refused);
  });

  it('serves many subscribers, and the loop over the lines beside them', async () => {
    const run = pool.exec('echo a; echo b');
    const [first, second] = [collect(run), collect(run)];
    const lines: string[] = [];
    for await (const line of run) lines.push(line);
    expect([text(await first, 'stdout'), text(await second, 'stdout'), lines]).toEqual([
      'a\nb\n',
      'a\nb\n',
      ['a', 'b'],
    ]);
  });

  it('has finished when the promise is settled', async () => {
    const run = pool.exec('echo a');
    let completed = false;
    run.output$.subscribe({ complete: () => (completed = true) });
    await run;
    expect(completed).toBe(true);
  });
});
