import { join } from 'node:path';
import * as fc from 'fast-check';
import { cmd } from 'shellwright';
import { describe, expect, test } from 'vitest';
import { FenceReader } from '../../../src/framing/fence-reader.ts';

const secret = 's0123456789abcdef01234567';
const dialect = cmd();
const driver = dialect.driver(secret, 'both');
const [variable, folder] = Object.entries(dialect.env ?? {})[0] as [string, string];
const textFile = join(folder, 'shellwright-aB3xY9', '12.cmd');
const tag = fc.nat().map((number) => number.toString(36));
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom('(', '^', 'echo a\n', '"', '\u0001', '%x%'),
);
const status = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('what is written to cmd.exe', () => {
  test('is a few whole lines of ASCII that no text can change', () => {
    fc.assert(
      fc.property(tag, text, (tag, text) => {
        const frame = driver.frame(tag, text, { textFile });
        expect(frame).toBe(driver.frame(tag, 'other', { textFile }));
        expect(frame.split('\r\n').map((line) => line[0])).toEqual(['@', '@', '@', '@', '@', undefined]);
        expect(Buffer.from(frame).length).toBe(frame.length);
      }),
    );
  });

  test('names the file by a variable, since what is on stdin must be ASCII', () => {
    expect(driver.frame('0', 'x', { textFile })).toContain(
      `@"%${variable}%${textFile.slice(folder.length)}" <nul & echo off\r\n`,
    );
    const elsewhere = join('/elsewhere', '0.cmd');
    expect(driver.frame('0', 'x', { textFile: elsewhere })).toContain(`@"${elsewhere}" <nul`);
  });

  test('reads the status on a line behind that of the text, and makes it 0 before', () => {
    const lines = driver.frame('7', 'x', { textFile }).split('\r\n');
    expect(lines.map((line) => line.slice(0, 8))).toEqual([
      '@set "er',
      '@ver >nu',
      `@"%${variable.slice(0, 5)}`,
      '@echo \u0001s',
      '@echo \u0001s',
      '',
    ]);
    expect(lines[3]).toBe(`@echo \x01${secret}7 %errorlevel%`);
    expect(lines[4]).toBe(`@echo \x01${secret}7 .>&2`);
  });

  test('has no fence for stderr where the host writes that', () => {
    expect(dialect.driver(secret, 'stdout').frame('0', 'x', { textFile })).not.toContain('>&2');
  });

  test('runs nothing where there is no text, and no file for one', () => {
    expect(driver.frame('0', '')).not.toContain('<nul');
    fc.assert(
      fc.property(text, (text) => {
        const frame = driver.frame('0', text);
        expect(frame).toBe(`@echo \x01${secret}0 none\r\n@echo \x01${secret}0 .>&2\r\n`);
      }),
    );
    expect(driver.report('none\r')).toEqual({ exitCode: 1, lacked: 'file' });
  });
});

test('a text is a batch file of its own, in UTF-8, each of its lines ended by CRLF', () => {
  const { suffix, content } = driver.textFile!;
  expect(suffix).toBe('.cmd');
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }).map((line) => line.replaceAll(/[\r\n]/g, ''))), (lines) => {
      for (const end of ['\n', '\r\n']) expect(content(lines.join(end))).toBe(`${lines.join('\r\n')}\r\n`);
    }),
  );
});

describe('what comes back', () => {
  test('is the output, byte for byte, and ERRORLEVEL, at any split', () => {
    fc.assert(
      fc.property(tag, status, fc.uint8Array(), fc.array(fc.nat({ max: 60 })), (tag, status, output, cuts) => {
        const bytes = Buffer.concat([output, Buffer.from(`\x01${secret}${tag} ${status}\r\n`, 'latin1')]);
        const data: Buffer[] = [];
        const fences: unknown[] = [];
        const none = (): never => expect.unreachable();
        const fence = (payload: string): unknown => fences.push(driver.report(payload));
        const reader = new FenceReader({
          data: (view) => data.push(Buffer.from(view)),
          value: none,
          late: none,
          fence,
        });
        reader.expect(driver.marker(tag));
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
        ends.forEach(
          (end, index) => end > (ends[index - 1] ?? 0) && reader.push(bytes.subarray(ends[index - 1] ?? 0, end)),
        );
        expect(Buffer.concat(data).equals(output)).toBe(true);
        expect(fences).toEqual([{ exitCode: status }]);
      }),
    );
  });

  test.each(['', '\r', 'x\r', '1 2\r', '%errorlevel%\r', '0x1\r', '1.5\r', '-\r', '12345678901\r', '1\r\r'])(
    'is no report of cmd when it is %j: the shell is replaced',
    (payload) => {
      expect(driver.report(payload)).toBeUndefined();
    },
  );
});

test('cmd() takes a path and arguments, and nothing else', () => {
  expect(cmd({ path: 'C:\\x\\cmd.exe', args: ['/k'] })).toMatchObject({ path: 'C:\\x\\cmd.exe', args: ['/k'] });
  expect(cmd()).toMatchObject({
    name: 'cmd',
    args: ['/d', '/q', '/e:on', '/v:off', '/k'],
    capabilities: { signals: false, streamInput: false, localFiles: true },
  });
  for (const wrong of [{ path: '' }, { args: 'x' }, { args: ['\0'] }, { capabilities: {} }])
    expect(() => cmd(wrong as never)).toThrow(/cmd\(\)/);
});
