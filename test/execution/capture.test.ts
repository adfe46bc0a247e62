import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../src/execution/capture.ts';
import type { Overflow } from '../../src/options/exec-options.ts';
import { cut } from '../support/run.ts';

const overflows: Overflow[] = ['head', 'tail', 'middle', 'kill'];
const overflow = fc.constantFrom(...overflows);
const limit = fc.integer({ min: 1, max: 64 });
const places = fc.array(fc.nat(200), { maxLength: 30 });
const binary = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
/** Characters of one to four bytes. */
const text = fc
  .array(fc.constantFrom('a', '\n', 'é', '日', '本', '😀', '\0', '\u{10FFFF}', '\u07ff', '\uffff'), {
    maxLength: 60,
  })
  .map((characters) => characters.join(''));

function captured(bytes: Buffer, pieces: readonly number[], max: number, mode: Overflow): Capture {
  const capture = new Capture(max, mode);
  // Each piece is overwritten once it was pushed: views are valid during the call only.
  for (const piece of cut(bytes, pieces)) {
    const view = Buffer.from(piece);
    capture.push(view);
    view.fill(0xff);
  }
  return capture;
}

/** The kept parts, without the line that `middle` puts between them. */
function partsOf(output: Buffer, omitted: number, mode: Overflow): Buffer[] {
  if (mode !== 'middle' || omitted === 0) return [output];
  const note = `\n[${omitted} bytes omitted]\n`;
  const at = output.indexOf(note);
  expect(at).not.toBe(-1);
  return [output.subarray(0, at), output.subarray(at + note.length)];
}

const lengthOf = (parts: readonly Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0);

describe('a capture', () => {
  it('keeps everything up to its limit, exactly', () => {
    fc.assert(
      fc.property(binary, places, overflow, (bytes, pieces, mode) => {
        const capture = captured(bytes, pieces, Math.max(1, bytes.length), mode);
        expect(capture.read('buffer')).toEqual({ output: bytes, omitted: 0 });
        expect(capture.read('utf8')).toEqual({ output: bytes.toString('utf8'), omitted: 0 });
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps everything without a limit', () => {
    for (const mode of overflows)
      expect(captured(Buffer.alloc(300_000, 'ab'), [7, 100_000], Infinity, mode).read('utf8')).toEqual({
        output: 'ab'.repeat(150_000),
        omitted: 0,
      });
  });

  it('accounts for every byte: kept and omitted are all that came', () => {
    fc.assert(
      fc.property(binary, places, limit, overflow, (bytes, pieces, max, mode) => {
        const capture = captured(bytes, pieces, max, mode);
        const { output, omitted } = capture.read('buffer');
        const kept = partsOf(output as Buffer, omitted, mode);
        expect(capture.total).toBe(bytes.length);
        expect(lengthOf(kept) + omitted).toBe(bytes.length);
        expect(lengthOf(kept)).toBeLessThanOrEqual(max);
        expect(omitted > 0).toBe(bytes.length > max);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps bytes of the right end: the first, the last, or both', () => {
    fc.assert(
      fc.property(binary, places, limit, overflow, (bytes, pieces, max, mode) => {
        const { output, omitted } = captured(bytes, pieces, max, mode).read('buffer');
        const [first = Buffer.alloc(0), second] = partsOf(output as Buffer, omitted, mode);
        if (mode === 'tail') expect(first).toEqual(bytes.subarray(bytes.length - first.length));
        else expect(first).toEqual(bytes.subarray(0, first.length));
        if (second) expect(second).toEqual(bytes.subarray(bytes.length - second.length));
      }),
      { numRuns: 2_000 },
    );
  });

  it('cuts between characters, so that valid UTF-8 stays valid, and loses less than one character at each cut', () => {
    fc.assert(
      fc.property(text, places, limit, overflow, (written, pieces, max, mode) => {
        const bytes = Buffer.from(written);
        const { output, omitted } = captured(bytes, pieces, max, mode).read('utf8');
        expect(output).not.toContain('\ufffd');
        const kept = partsOf(Buffer.from(output), omitted, mode);
        expect(lengthOf(kept) + omitted).toBe(bytes.length);
        expect(lengthOf(kept)).toBeLessThanOrEqual(max);
        if (omitted > 0) expect(lengthOf(kept)).toBeGreaterThan(max - 4 * kept.length);
        for (const part of kept) expect(written).toContain(part.toString());
      }),
      { numRuns: 3_000 },
    );
  });

  it('accounts for every byte of invalid UTF-8 too', () => {
    fc.assert(
      fc.property(binary, limit, fc.constantFrom<Overflow>('head', 'tail', 'kill'), (bytes, max, mode) => {
        const { output, omitted } = captured(bytes, [], max, mode).read('utf8');
        const keptLength = bytes.length - omitted;
        const kept = mode === 'tail' ? bytes.subarray(omitted) : bytes.subarray(0, keptLength);
        expect(keptLength).toBeLessThanOrEqual(max);
        expect(output).toBe(kept.toString('utf8'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not care how the bytes were split', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          binary,
          text.map((written) => Buffer.from(written)),
        ),
        places,
        limit,
        overflow,
        (bytes, pieces, max, mode) => {
          const whole = captured(bytes, [], max, mode);
          for (const split of [captured(bytes, pieces, max, mode), captured(bytes, [...bytes.keys()], max, mode)]) {
            expect(split.read('buffer')).toEqual(whole.read('buffer'));
            expect(split.read('utf8')).toEqual(whole.read('utf8'));
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('does not care how much more came than it keeps', () => {
    for (const mode of overflows) {
      const capture = new Capture(10, mode);
      for (let index = 0; index < 100_000; index++) capture.push(Buffer.from(String(index).padStart(6, '0')));
      const { output, omitted } = capture.read('utf8');
      const kept = partsOf(Buffer.from(output), omitted, mode).map(String);
      expect(omitted).toBe(600_000 - 10);
      expect(kept).toEqual(
        { head: ['0000000000'], kill: ['0000000000'], tail: ['9998099999'], middle: ['00000', '99999'] }[mode],
      );
    }
  });

  it('can be read at any time, and again', () => {
    fc.assert(
      fc.property(text, limit, overflow, (written, max, mode) => {
        const capture = new Capture(max, mode);
        const bytes = Buffer.from(written);
        for (let index = 0; index < bytes.length; index++) {
          capture.push(bytes.subarray(index, index + 1));
          expect(capture.read('buffer')).toEqual(captured(bytes.subarray(0, index + 1), [], max, mode).read('buffer'));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('asks to kill from the first byte above the limit, and in no other mode', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 20 }), limit, overflow, (sizes, max, mode) => {
        const capture = new Capture(max, mode);
        let total = 0;
        for (const size of sizes) {
          total += size;
          expect(capture.push(Buffer.alloc(size))).toBe(mode !== 'kill' || total <= max);
        }
      }),
    );
  });
});
