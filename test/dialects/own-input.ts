import { randomBytes } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { rejection, said } from '../support/run.ts';
import { expectInStep, outcome, type Harness } from './harness.ts';

type Make = (bytes: Buffer) => string | Uint8Array | Readable;

/** Each way in which the same bytes can be given. */
const kinds: [kind: string, make: Make][] = [
  ['a Buffer', (bytes) => bytes],
  ['a Uint8Array', (bytes) => new Uint8Array(bytes)],
  ['a stream', (bytes) => Readable.from(pieces(bytes), { objectMode: false })],
  ['a stream that comes in pieces', (bytes) => Readable.from(slowly(pieces(bytes)))],
];

export function inputContract(given: Harness): void {
  const session = (): ReturnType<Harness['session']> => given.session();

  it.each(['', 'a', 'a\n', '\n', 'no newline at the end', "it's $HOME `x` \\n\n", '日本語 😀 \u0000 \ufeff\n'])(
    'is the text that was given: %j',
    async (text) => {
      const shell = await session();
      expect(outcome(await shell.exec('cat', { input: text }))).toEqual([0, text, '']);
      expect(outcome(await shell.exec('cat', { input: Readable.from([text]) }))).toEqual([0, text, '']);
      await expectInStep(shell);
    },
  );

  it.each(kinds)('is binary-safe at every size: %s', async (_, make) => {
    const shell = await session();
    for (const size of [0, 1, 4096, 65_535, 65_536, 65_537, 1024 * 1024, 1024 * 1024 + 1, 5_000_000]) {
      const bytes = randomBytes(size);
      bytes.fill(0, 0, Math.min(size, 100));
      const { stdout, exitCode } = await shell.exec('cat', { input: make(bytes), encoding: 'buffer' });
      expect([exitCode, stdout.length, stdout.equals(bytes)]).toEqual([0, size, true]);
    }
    await expectInStep(shell);
  });

  it('is a string of 5 MB', async () => {
    const shell = await session();
    const text = `line of a long text: 日本語\n`.repeat(160_000);
    const { stdout } = await shell.exec('cat', { input: text });
    expect(stdout === text).toBe(true);
    await expectInStep(shell);
  });

  it('is a file that is read as it goes', async () => {
    const shell = await session();
    const file = given.fresh();
    writeFileSync(file, randomBytes(200_000));
    const { stdout } = await shell.exec('cat', { input: createReadStream(file), encoding: 'buffer' });
    expect(stdout.equals(readFileSync(file))).toBe(true);
  });

  it('is what is written to run.stdin', async () => {
    const shell = await session();
    const run = shell.exec('read -r x; echo "got $x"; cat; echo end', { input: 'open' });
    run.stdin?.write('first\n');
    await said(run, 'got first\n');
    run.stdin?.end('second\n');
    expect(outcome(await run)).toEqual([0, 'got first\nsecond\nend\n', '']);
    expect(shell.exec('true').stdin).toBeUndefined();
    await expectInStep(shell);
  });

  it.each([
    ['read -r x; read -r y; echo "$y"', 'two\n'],
    ['while read -r line; do echo "[$line]"; done', '[one]\n[two]\n[echo three; exit 7]\n'],
    ['(head -n 1; cat >/dev/null) | cat', 'one\n'],
    ['f() { cat; }; f | tail -n 1', 'echo three; exit 7\n'],
    ['tail -n 1 | sh; echo $?', 'three\n7\n'],
    ['cat /dev/stdin | head -n 1', 'one\n'],
    ['cat <&0 >/dev/null; echo done', 'done\n'],
    ['cat <<END\nown\nEND', 'own\n'],
  ])('is read by whatever reads: %s', async (text, expected) => {
    const shell = await session();
    const input = 'one\ntwo\necho three; exit 7\n';
    expect(outcome(await shell.exec(text, { input }))).toEqual([0, expected, '']);
    expect(outcome(await shell.exec(text, { input: Readable.from([input]) }))).toEqual([0, expected, '']);
    await expectInStep(shell);
  });

  it.each([
    ['true', ''],
    ['head -c 1000 >/dev/null; echo half', 'half\n'],
    ['read -r x; echo "$x"', 'exit 7\n'],
    ['exec <&-; echo closed', 'closed\n'],
    ['exec </dev/null; cat; sleep 0.05; echo on', 'on\n'],
    ['(exec <&-; exit 0); echo on', 'on\n'],
  ])('that is not all read is for nobody else, and no failure: %s', async (text, expected) => {
    const shell = await session();
    const input = 'exit 7\necho injected\n\0'.repeat(200_000);
    for (const make of [
      () => input.slice(0, 5000),
      () => input,
      () => Readable.from(pieces(Buffer.from(input))),
      () => endless(),
    ]) {
      expect(outcome(await shell.exec(text, { input: make() }))).toEqual([0, expected, '']);
      expect(outcome(await shell.exec('cat'))).toEqual([0, '', '']);
    }
    await expectInStep(shell);
  });

  it('lets the command see the status before it', async () => {
    const shell = await session();
    for (const input of ['x', Readable.from(['x'])]) {
      await shell.exec('(exit 7)');
      expect(outcome(await shell.exec('echo $?; cat; (exit 8)', { input }))).toEqual([8, '7\nx', '']);
      expect((await shell.exec('echo $?')).stdout).toBe('8\n');
    }
  });

  it('that a job still reads is not that of the next command', async () => {
    const shell = await session();
    const file = given.fresh();
    const job = `sh -c 'while [ ! -e ${file} ]; do sleep 0.01; done; cat' <&0 >${file}.read 2>&1 &`;
    await shell.exec(`${job} head -c 2 >/dev/null`, { input: Readable.from(['abcd']) });
    for (const text of ['efgh', 'ijkl'])
      expect((await shell.exec('cat', { input: Readable.from([text]) })).stdout).toBe(text);
    await shell.exec(`: >${file}; wait`);
    expect(readFileSync(`${file}.read`, 'utf8')).toMatch(/^(?:cd)?$/);
    await expectInStep(shell);
  });

  it.skipIf(given.foregroundOnly)('may still flow when the command is aborted: the shell is kept', async () => {
    const shell = await session();
    await shell.exec('kept=yes');
    const source = endless();
    const run = shell.exec('head -c 1000000 >/dev/null; echo ready; cat >/dev/null; echo b', { input: source });
    await said(run, 'ready');
    run.abort();
    expect(await rejection(run)).toMatchObject({
      code: 'ERR_ABORTED',
      rung: 'interrupt',
      stateLost: false,
      stdout: 'ready\n',
    });
    expect(source.destroyed).toBe(true);
    expect((await shell.exec('echo $kept')).stdout).toBe('yes\n');
    await expectInStep(shell);
  });

  it.skipIf(given.foregroundOnly)('may be aborted before the shell has opened it', async () => {
    const shell = await session();
    for (let round = 0; round < 20; round++) {
      const run = shell.exec('cat; echo b', { input: 'open' });
      const next = shell.exec(`echo next${round}`);
      run.abort();
      expect(await rejection(run)).toMatchObject({ code: 'ERR_ABORTED', stateLost: false, stdout: '' });
      expect(outcome(await next)).toEqual([0, `next${round}\n`, '']);
    }
    await expectInStep(shell);
  });

  it('that never ends does not outlive a timeout', async () => {
    const shell = await session();
    const run = shell.exec('read -r x; echo "$x"; cat', { input: 'open', timeout: 300 });
    const stdin = run.stdin;
    stdin?.write('first\n');
    expect(await rejection(run)).toMatchObject({ code: 'ERR_TIMEOUT', kind: 'run', rung: 'interrupt' });
    // For nobody, and no uncaught error.
    stdin?.write('late');
    stdin?.end('later');
    expect(stdin?.destroyed).toBe(true);
    await expectInStep(shell);
  });

  it('may be written to when the command has ended', async () => {
    const shell = await session();
    const run = shell.exec('echo done', { input: 'open' });
    const written = new Promise((resolve) => {
      run.stdin?.write('x'.repeat(1_000_000));
      void run.then(() => run.stdin?.write('late', resolve));
    });
    expect(outcome(await run)).toEqual([0, 'done\n', '']);
    expect(await written).toBeInstanceOf(Error);
    await expectInStep(shell);
  });

  it.skipIf(given.foregroundOnly)('that fails stops its command, which is not told that it has ended', async () => {
    const shell = await session();
    const source = new PassThrough();
    const run = shell.exec('cat; echo complete', { input: source });
    source.write('half');
    await said(run, 'half');
    source.destroy(new Error('the disk is gone'));
    const error = await rejection(run);
    expect(error).toMatchObject({ code: 'ERR_ABORTED', started: true, stateLost: false, stdout: 'half' });
    expect(error.message).toContain('the disk is gone');
    expect(error.cause).toMatchObject({ message: 'the disk is gone' });
    await expectInStep(shell);
  });
}

/** Several chunks, of uneven sizes. */
function pieces(bytes: Buffer): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.min(size * 3, 300_000))
    all.push(bytes.subarray(at, at + size));
  return all;
}

/** With turns of the event loop in between. */
async function* slowly(parts: Buffer[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    await new Promise((resolve) => setImmediate(resolve));
    yield part;
  }
}

function endless(): Readable {
  return new Readable({
    read() {
      this.push('exit 7\n'.repeat(2000));
    },
  });
}
