import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openSource, type Job, type Source } from '../../src/cli/source.ts';
import { testFolder } from './run-cli.ts';

const fromStdin = (stdin: Readable): Source => openSource({ file: '-' }, () => stdin);
const fromChunks = (...chunks: (string | Buffer)[]): Source =>
  fromStdin(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));

async function all(source: Source): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let job = await source.next(); job; job = await source.next()) jobs.push(job);
  return jobs;
}

const texts = async (source: Source): Promise<string[]> => (await all(source)).map(({ text }) => text);

describe('a source of given commands', () => {
  test('gives each, as it is, and knows how many', async () => {
    const source = openSource(['a\nb', '', '# c'], () => expect.fail('stdin was asked for'));
    expect(source.total).toBe(3);
    expect(await all(source)).toEqual(['a\nb', '', '# c'].map((text, index) => ({ index, text })));
  });

  test('gives nothing more once closed', async () => {
    const source = openSource(['a', 'b'], () => expect.fail('stdin was asked for'));
    await source.next();
    source.close();
    expect(await source.next()).toBeUndefined();
  });
});

describe('a source of lines', () => {
  test('skips blank lines and comments, and counts them', async () => {
    expect(await all(fromChunks('#!/x\n\n \t\n  # y\na # z\n\nb'))).toEqual([
      { index: 0, text: 'a # z', line: 5 },
      { index: 1, text: 'b', line: 7 },
    ]);
  });

  test('finds the same lines at every split of the bytes', async () => {
    const bytes = Buffer.from('\u{FEFF}é1\r\n日本\n\u2028\rx\n');
    for (let at = 0; at <= bytes.length; at++) {
      expect(await texts(fromChunks(bytes.subarray(0, at), bytes.subarray(at)))).toEqual(['é1', '日本', '\u2028\rx']);
    }
  });

  test.each([[[0xff]], [[0x61, 0xc3, 0x0a]], [[0x61, 0xe2, 0x82]]])(
    'refuses the bytes %j, which are not UTF-8',
    async (bytes) => {
      await expect(all(fromChunks(Buffer.from(bytes)))).rejects.toThrow('Expected standard input to be UTF-8 text');
    },
  );

  test('gives a line before the next one has come', async () => {
    const stdin = new PassThrough();
    const source = fromStdin(stdin);
    stdin.write('a\nb');
    expect(await source.next()).toMatchObject({ text: 'a' });
    stdin.end('c\n');
    expect(await source.next()).toMatchObject({ text: 'bc' });
  });

  test('answers several who wait in order', async () => {
    const stdin = new PassThrough();
    const source = fromStdin(stdin);
    const asked = [source.next(), source.next(), source.next()];
    stdin.end('a\nb\n');
    expect((await Promise.all(asked)).map((job) => job?.text)).toEqual(['a', 'b', undefined]);
  });

  test('lets everybody go who waits when it is closed', async () => {
    const stdin = new PassThrough();
    const source = fromStdin(stdin);
    const asked = [source.next(), source.next()];
    source.close();
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
    expect(stdin.destroyed).toBe(true);
  });

  test('reads a file', async () => {
    const path = join(testFolder(), 'jobs');
    writeFileSync(path, 'a\nb\n');
    const source = openSource({ file: path }, () => expect.fail('stdin was asked for'));
    expect(await texts(source)).toEqual(['a', 'b']);
  });

  test.each([
    ['/nope/jobs', "Could not read the file '/nope/jobs': no such file or directory"],
    ['/', "Expected a file of commands, got the folder '/'"],
  ])('refuses the file %s', (file, message) => {
    expect(() => openSource({ file }, () => expect.fail('stdin was asked for'))).toThrow(message);
  });
});
