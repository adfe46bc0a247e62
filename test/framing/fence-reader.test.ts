import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FenceReader } from '../../src/framing/fence-reader.ts';
import { cut, cutsOf } from '../support/run.ts';

const secret = 's0123456789abcdef01234567';
const marker = Buffer.from(`\0${secret}7 `, 'latin1');
const otherMarker = Buffer.from(`\0${secret}8 `, 'latin1');

interface Read {
  data: string;
  late: string;
  payloads: string[];
  parts: string[];
  /** The order of calls, for what must come before what. */
  calls: string[];
}

/** All strings are latin1: one character a byte, so that a difference can be read. */
function read(stream: Buffer, places: readonly number[], { flush = false } = {}): Read {
  const seen: Read = { data: '', late: '', payloads: [], parts: [], calls: [] };
  const reader = new FenceReader({
    data: (view) => {
      seen.data += view.toString('latin1');
      seen.calls.push('data');
      expect(view.length).toBeGreaterThan(0);
    },
    value: (part) => {
      seen.parts.push(part);
      seen.calls.push('value');
    },
    late: (view) => {
      seen.late += view.toString('latin1');
      seen.calls.push('late');
    },
    fence: (payload) => {
      seen.payloads.push(payload);
      seen.calls.push('fence');
    },
  });
  reader.expect(marker);
  for (const piece of cut(stream, places)) if (piece.length > 0) reader.push(Buffer.from(piece));
  if (flush) reader.flush();
  return seen;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Pieces of output that look as much like a fence as output can that does not know the nonce. */
const markerLike = fc.oneof(
  fc.constant('\0'),
  fc.constant('\0\0\0'),
  fc.constant('\n'),
  fc.integer({ min: 1, max: marker.length - 1 }).map((length) => marker.toString('latin1', 0, length)),
  fc.integer({ min: 1, max: marker.length - 1 }).map((start) => marker.toString('latin1', start)),
  fc.constant(otherMarker.toString('latin1')),
  fc.constant(`${otherMarker.toString('latin1')}0  \n`),
  // Everything right but the last byte.
  fc.constant(`${marker.toString('latin1', 0, marker.length - 1)}x`),
);
const output = fc
  .array(
    fc.oneof(
      markerLike,
      fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1')),
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''))
  // A whole marker by accident has the probability of the nonce: not a case.
  .filter((text) => !text.includes(marker.toString('latin1')));
const payload = fc.stringMatching(/^[0-9]{1,3} [0-9]{0,10} x?$/);
const late = fc.oneof(fc.constant(''), output);

describe('a fence reader', () => {
  it('finds data, payload and late bytes exactly, at every single cut and byte by byte', () => {
    fc.assert(
      fc.property(output, payload, late, (before, status, after) => {
        const stream = bytes(`${before}${marker.toString('latin1')}${status}\n${after}`);
        for (const places of cutsOf(stream.length)) {
          const { data, payloads, late } = read(stream, places);
          expect({ data, payloads, late }).toEqual({ data: before, payloads: [status], late: after });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('finds them at any cuts', () => {
    fc.assert(
      fc.property(output, payload, late, fc.array(fc.nat(300), { maxLength: 20 }), (before, status, after, places) => {
        const stream = bytes(`${before}${marker.toString('latin1')}${status}\n${after}`);
        const { data, payloads, late } = read(stream, places);
        expect({ data, payloads, late }).toEqual({ data: before, payloads: [status], late: after });
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds them at every pair of cuts around the fence', () => {
    const before = `out\0${secret}7\0\0`;
    const stream = bytes(`${before}${marker.toString('latin1')}0  \nlate`);
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const { data, payloads, late } = read(stream, [first, second]);
        expect({ data, payloads, late }).toEqual({ data: before, payloads: ['0  '], late: 'late' });
      }
    }
  });

  it('loses nothing of a stream that ends without a fence', () => {
    fc.assert(
      fc.property(output, fc.nat(marker.length), (before, begun) => {
        // Ends in the middle of a marker, or in the middle of a payload.
        const text = `${before}${marker.toString('latin1', 0, begun)}`;
        for (const places of cutsOf(text.length)) {
          expect(read(bytes(text), places, { flush: true })).toMatchObject({ data: text, late: '', payloads: [] });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('takes no more than a payload for one: a marker without a newline near it is output', () => {
    const text = `${marker.toString('latin1')}${'9'.repeat(100)}\n`;
    const stream = bytes(`${text}${marker.toString('latin1')}1  \n`);
    for (const places of cutsOf(stream.length))
      expect(read(stream, places)).toMatchObject({ data: text, payloads: ['1  '], late: '' });
  });

  it('cuts the parts of a value out of what is written around them, at any two cuts', () => {
    const at = marker.toString('latin1');
    const parts = ['', 'YQ==', 'A'.repeat(100)];
    const stream = bytes(`one${at}=\ntwo${at}=YQ==\n${at}=${parts[2]}\n\0three${at}7  \nlate`);
    for (const places of cutsOf(stream.length))
      expect(read(stream, places)).toMatchObject({ data: 'onetwo\0three', parts, payloads: ['7  '], late: 'late' });
  });

  it('takes no more than a pipe does at once for a part of a value', () => {
    const at = marker.toString('latin1');
    const part = 'A'.repeat(4000);
    const tooLong = `${at}=${'A'.repeat(5000)}\n`;
    const stream = bytes(`${tooLong}${at}=${part}\n${at}0  \n`);
    for (const places of [[], [10, 4100], [5060], Array.from({ length: 90 }, (_, index) => (index + 1) * 100)])
      expect(read(stream, places)).toMatchObject({ data: tooLong, parts: [part], payloads: ['0  '] });
  });

  it('hands out all data before the fence, and late bytes before the fence too', () => {
    const stream = bytes(`out${marker.toString('latin1')}0  \nlate`);
    expect(read(stream, []).calls).toEqual(['data', 'late', 'fence']);
  });

  it('gives what comes between two commands to nobody but late, and the next command its own', () => {
    const seen: string[] = [];
    const reader = new FenceReader({
      data: (view) => seen.push(`data ${view.toString('latin1')}`),
      value: () => {},
      late: (view) => seen.push(`late ${view.toString('latin1')}`),
      fence: (payload) => seen.push(`fence ${payload}`),
    });
    reader.expect(marker);
    reader.push(bytes(`a${marker.toString('latin1')}0  \n`));
    reader.push(bytes(`b\0${secret}`));
    reader.expect(otherMarker);
    reader.push(bytes(`c${otherMarker.toString('latin1')}1  \n`));
    expect(seen).toEqual(['data a', 'fence 0  ', `late b\0${secret}`, 'data c', 'fence 1  ']);
  });

  it('may be given the next marker from inside the fence call', () => {
    const seen: string[] = [];
    const reader: FenceReader = new FenceReader({
      data: (view) => seen.push(`data ${view.toString('latin1')}`),
      value: () => {},
      late: (view) => seen.push(`late ${view.toString('latin1')}`),
      fence: (payload) => {
        seen.push(`fence ${payload}`);
        reader.expect(otherMarker);
      },
    });
    reader.expect(marker);
    reader.push(bytes(`a${marker.toString('latin1')}0  \n`));
    reader.push(bytes(`b${otherMarker.toString('latin1')}0  \n`));
    expect(seen).toEqual(['data a', 'fence 0  ', 'data b', 'fence 0  ']);
  });

  describe('on the worst output', () => {
    afterEach(() => vi.restoreAllMocks());

    /** Bytes looked at or copied, at most, by the four Buffer methods that touch many. */
    function workOf(run: () => void): number {
      let work = 0;
      // oxlint-disable-next-line typescript/unbound-method -- each is called with its own `this` below
      const { indexOf, lastIndexOf, compare } = Buffer.prototype;
      // oxlint-disable-next-line typescript/unbound-method -- neither uses `this`
      const { concat, from } = Buffer;
      vi.spyOn(Buffer.prototype, 'indexOf').mockImplementation(function (this: Buffer, ...args: unknown[]) {
        const found = (indexOf as (...args: unknown[]) => number).apply(this, args);
        work += (found === -1 ? this.length : found) - Number(args[1] ?? 0);
        return found;
      });
      vi.spyOn(Buffer.prototype, 'lastIndexOf').mockImplementation(function (this: Buffer, ...args: unknown[]) {
        const found = (lastIndexOf as (...args: unknown[]) => number).apply(this, args);
        work += this.length - Math.max(0, found);
        return found;
      });
      vi.spyOn(Buffer.prototype, 'compare').mockImplementation(function (this: Buffer, ...args: unknown[]) {
        work += Number(args[2]) - Number(args[1]);
        return (compare as (...args: unknown[]) => -1 | 0 | 1).apply(this, args);
      });
      vi.spyOn(Buffer, 'concat').mockImplementation((list, length) => {
        work += list.reduce((sum, part) => sum + part.length, 0);
        return concat(list, length);
      });
      vi.spyOn(Buffer, 'from').mockImplementation(((...args: unknown[]) => {
        work += (args[0] as Buffer).length;
        return (from as (...args: unknown[]) => Buffer)(...args);
      }) as typeof Buffer.from);
      run();
      vi.restoreAllMocks();
      return work;
    }

    function workPerByte(pieces: readonly Buffer[]): number {
      let out = 0;
      const reader = new FenceReader({
        data: (view) => (out += view.length),
        value: () => {},
        late: () => {},
        fence: () => {},
      });
      reader.expect(marker);
      const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const work = workOf(() => pieces.forEach((piece) => reader.push(piece)));
      reader.flush();
      expect(out).toBe(total);
      return work / total;
    }

    const chunk = 64 * 1024;
    const almost = marker.subarray(0, marker.length - 1);
    it.each([
      ['only NULs, in chunks', Array.from({ length: 64 }, () => Buffer.alloc(chunk))],
      ['only NULs, byte by byte', Array.from({ length: 20_000 }, () => Buffer.alloc(1))],
      ['only almost markers, in chunks', Array.from({ length: 16 }, () => Buffer.alloc(chunk, almost))],
      ['an almost marker each piece', Array.from({ length: 2_000 }, () => almost)],
      ['NULs split unevenly', Array.from({ length: 4_000 }, (_, index) => Buffer.alloc((index % 7) + 1))],
    ])('looks at each byte a bounded number of times: %s', (_, pieces) => {
      const half = workPerByte(pieces.slice(0, pieces.length / 2));
      const whole = workPerByte(pieces);
      expect(whole).toBeLessThan(40);
      expect(whole).toBeLessThan(half * 1.2 + 1);
    });
  });
});
