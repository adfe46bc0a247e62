import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bash, secret } from '../../src/index.ts';
import { StreamMask } from '../../src/masking/late.ts';
import { Mask } from '../../src/masking/mask.ts';
import { cut, cutsOf } from '../support/run.ts';

function masked(pieces: readonly Buffer[], mask: Mask): string {
  const stream = new StreamMask();
  const shown = pieces.map((piece) => stream.push(piece, mask));
  return Buffer.concat([...shown, stream.flush(mask)]).toString();
}

describe('a stream', () => {
  test.each([
    ['secrets', ['hunter2', 'ter2-x', 'aba'], [], 'a hunter2-x hunter ababa hunhunter2 é日本 abaab'],
    ['patterns, in lines', [], [/k=\w+/, /^é/m], 'k=12 x\nék=日k=ab\nok\nk=9'],
    ['both', ['日本'], [/k=\w+/], 'k=1日本k=2\n日日本本k= 日'],
    ['secrets of many lines', ['one\nlonger-two\nthree'], [], 'one\nlonger-two\nthree\none\nlonger-two\nxthree'],
  ])('is masked as a whole would be, however it is cut: %s', (_, values, patterns, text) => {
    const mask = Mask.of([...values.map((value) => secret(value)), ...patterns], bash())!;
    const bytes = Buffer.from(text);
    const whole = mask.output(text, false);
    expect(whole).toContain('***');
    for (const places of cutsOf(bytes.length)) expect(masked(cut(bytes, places), mask)).toBe(whole);
  });

  test('is masked as a whole would be, whatever it is', () => {
    const letters = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', "'", 'é'), minLength: 1, maxLength });
    fc.assert(
      fc.property(
        fc.array(letters(4), { minLength: 1, maxLength: 3 }),
        letters(40),
        fc.array(fc.nat(80), { maxLength: 6 }),
        (values, text, places) => {
          const mask = Mask.of(
            values.map((value) => secret(value)),
            bash(),
          )!;
          expect(masked(cut(Buffer.from(text), places), mask)).toBe(mask.output(text, false));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('holds nothing back that cannot begin a secret', () => {
    const mask = Mask.of([secret('hunter2')], bash())!;
    const stream = new StreamMask();
    expect(stream.push(Buffer.from('no line end'), mask).toString()).toBe('no line end');
    expect(stream.push(Buffer.from(' hunt'), mask).toString()).toBe(' ');
    expect(stream.push(Buffer.from('ed'), mask).toString()).toBe('hunted');
  });

  test('with patterns holds no line longer than 64 KiB', () => {
    const mask = Mask.of([/x+y/], bash())!;
    const stream = new StreamMask();
    expect(stream.push(Buffer.alloc(60_000, 'z'), mask)).toHaveLength(0);
    expect(stream.push(Buffer.alloc(60_000, 'z'), mask)).toHaveLength(120_000);
  });
});
