import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Viewer } from '../../src/inspector/viewer.ts';

/** A response whose other end takes what it is told to. */
class Taker {
  writableLength = 0;
  destroyed = false;
  readonly taken: string[] = [];
  readonly #queue: string[] = [];

  writeHead(): void {}
  flushHeaders(): void {}
  write(text: string): void {
    this.#queue.push(text);
    this.writableLength += text.length;
  }
  destroy(): void {
    this.destroyed = true;
  }
  take(): string[] {
    this.writableLength = 0;
    return this.#queue.splice(0);
  }
}

const frame = 'x'.repeat(50_000);
const present = (missed: number) => `{"missed":${missed}}`;
let taker: Taker;
let viewer: Viewer;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  taker = new Taker();
  viewer = new Viewer(taker as unknown as ServerResponse);
});
afterEach(() => void vi.useRealTimers());

test('a viewer that is slow has few frames waiting, and the others counted', () => {
  for (let n = 0; n < 1_000; n++) viewer.send(frame, present);
  expect(taker.writableLength).toBeLessThan(400_000);
  const waited = taker.take();
  expect(waited.length + viewer.missed).toBe(1_000);
  viewer.send(frame, present);
  expect(taker.take()).toEqual([`event: present\ndata: {"missed":${1_000 - waited.length}}\n\n`]);
  viewer.send('next', present);
  expect(taker.take()).toEqual(['event: frame\ndata: next\n\n']);
});

test('a viewer that takes nothing for two minutes is let go, one that takes something is not', () => {
  const fill = (seconds: number) => {
    for (let s = 0; s < seconds; s++) {
      viewer.send(frame, present);
      vi.advanceTimersByTime(1_000);
    }
  };
  fill(100);
  taker.take();
  fill(100);
  expect(taker.destroyed).toBe(false);
  fill(40);
  expect(taker.destroyed).toBe(true);
});
