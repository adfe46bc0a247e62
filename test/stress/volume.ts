// A program: reads so many MiB of a command's output, in the way it is told, and says how much came and what memory it took. Run with --expose-gc.
import { setTimeout as delay } from 'node:timers/promises';
import { createPool, type Execution } from 'shellwright';

const [how, mebibytes] = process.argv.slice(2);
const total = Number(mebibytes) * 2 ** 20;
/** `yes` repeats it, so every byte of its output is known. */
const line = 'The quick brown fox jumps over the lazy dog, 123';
const cycle = Buffer.from(`${line}\n`.repeat(2_000));
const period = line.length + 1;

const pool = createPool({ max: 1, logger: false, maxBuffer: 2 ** 20, encoding: 'buffer' });
await pool.ready();
let bytes = 0;
let wrong = 0;
const held: number[] = [];
const begun = performance.now();
const { truncated } = await { stream, lines, slow }[how as 'stream' | 'lines' | 'slow']();
const seconds = (performance.now() - begun) / 1_000;
await pool.close();
console.log(JSON.stringify({ bytes, wrong, omitted: truncated && truncated.stdout, held, seconds }));

/** As fast as it comes. */
function stream(): Execution<Buffer> {
  const run = pool.exec(`yes '${line}' | head -c ${total}`);
  run.output$.subscribe(({ data }) => take(data));
  return run;
}

/** By a loop that keeps up. */
async function lines(): Promise<Execution<Buffer>> {
  const run = pool.exec(`yes '${line}' | head -c ${total - (total % period)}`);
  for await (const got of run) take(Buffer.from(`${got}\n`));
  return run;
}

/** By a loop that does not: what it does not take must not be read, for it would be kept. */
async function slow(): Promise<{ truncated: false }> {
  const run = pool.exec(`yes '${line}'`);
  for await (const got of run) {
    take(Buffer.from(`${got}\n`));
    if (bytes >= total) break;
    // The command would write some thousand times as much.
    if ((bytes / period) % 1_000 === 0) await delay(20);
  }
  return { truncated: false };
}

function take(data: Buffer): void {
  const from = bytes % period;
  for (let at = 0; at < data.length; at += cycle.length - period) {
    const part = data.subarray(at, at + cycle.length - period);
    const start = (from + at) % period;
    if (!part.equals(cycle.subarray(start, start + part.length))) wrong++;
  }
  const before = bytes;
  bytes += data.length;
  if (Math.floor((16 * before) / total) !== Math.floor((16 * bytes) / total)) note();
}

function note(): void {
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  held.push(heapUsed + external);
}
