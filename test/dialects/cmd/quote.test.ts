import * as fc from 'fast-check';
import { cmd, command, isShellwrightError } from 'shellwright';
import { describe, expect, test } from 'vitest';
import { parse } from '../../support/cmd/parse.mjs';
import { argumentsOf, expandPercents } from '../../support/cmd/text.mjs';
import { values } from './texts.ts';

const dialect = cmd();
const special = fc.constantFrom(...Array.from(`"\\%^&|<>()!,;=@*?~'\` \taé日😀`));
const value = fc.oneof(
  fc.string({ unit: special }),
  fc.string({ unit: 'binary' }).map((text) => withoutLost(text)),
);

function withoutLost(text: string): string {
  return ['\0', '\n', '\r', '\x1a'].reduce((rest, char) => rest.replaceAll(char, ''), text);
}

/** The arguments of the first program on the line of a batch file, as cmd and then the C runtime read it: and what cmd takes for the rest. */
function read(line: string): { kind: string; args: string[] } {
  const expanded = expandPercents(line, { batch: true, variable: () => 'expanded', argument: () => 'expanded' });
  const lines = [expanded];
  const { kind = '', text = '' } = parse(() => lines.shift()) ?? {};
  return { kind, args: argumentsOf(text) };
}

describe('quote()', () => {
  test('gives a program its value, whatever that is', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (all) => {
        const line = `program ${all.map((one) => dialect.quote(one)).join(' ')} last`;
        expect(read(line)).toEqual({ kind: 'simple', args: ['program', ...all, 'last'] });
      }),
      { numRuns: 3_000, examples: values.map((one) => [[one]]) },
    );
  });

  test('leaves what is behind it a command of its own', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(read(`program ${dialect.quote(one)} & other`).kind).toBe('all');
        expect(read(`(program ${dialect.quote(one)})`).kind).toBe('group');
      }),
    );
  });

  test.each([
    ['a b', '"a b"'],
    ['C:\\a b\\', String.raw`"C:\a b\\"`],
    ['100%', '"100%%"'],
    ['a & b', '"a & b"'],
    ['say "hi" & go', String.raw`^"say \^"hi\^" ^& go^"`],
  ])('of %j is %j', (given, quoted) => {
    expect(dialect.quote(given)).toBe(quoted);
  });

  test.each([
    ['a\nb', /no line feed, which cannot be on a line of cmd, got one at index 1/],
    ['a\r', /no carriage return/],
    ['\x1a', /no Ctrl-Z/],
    ['a\0', /no NUL/],
    ['\ud800', /lone surrogate/],
    ['x'.repeat(8_190), /fit a line of cmd, which has 8191 characters, got one that takes 8192/],
    ['"'.repeat(3_000), /fit a line of cmd/],
  ])('refuses %j', (given, message) => {
    let error: unknown;
    try {
      dialect.quote(given);
    } catch (thrown) {
      error = thrown;
    }
    expect(isShellwrightError(error) && error.code).toBe('ERR_OPTIONS');
    expect(String(error)).toMatch(message);
  });
});

describe('a value in a template', () => {
  test.each(['echo "', 'a "b" "c', 'x\ny "', '^^"'])('is refused inside quotes: %j', (before) => {
    expect(dialect.insideQuotes(before)).toBe(true);
  });

  test.each(['echo ', 'a "b" ', '^"', '"^"', '"a\n', '"a\r\nb ', ''])('is not inside quotes: %j', (before) => {
    expect(dialect.insideQuotes(before)).toBe(false);
  });

  test('is one argument, and a list is many', () => {
    expect(command`copy ${['a b', 'c']} ${5}`.render(dialect)).toBe('copy "a b" "c" "5"');
  });
});
