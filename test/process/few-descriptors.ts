// A program: asks twice as many commands as `max` of a pool, under whatever limits it was started with, and says how that went.
import { closeSync, openSync } from 'node:fs';
import { bash, createPool, sh } from '../../src/index.ts';

const [dialect, max, seconds, spare = ''] = process.argv.slice(2);
// The limit cannot be lower from the start: the program has modules to read, many at a time.
if (spare !== '') leaveDescriptors(Number(spare));
const pool = createPool({
  shell: dialect === 'sh' ? sh() : bash(),
  max: Number(max),
  logger: false,
  restart: { attempts: 3, backoff: { initial: 10 } },
});
const failed: string[] = [];
pool.on('pool.failed', ({ error }) => failed.push((error.cause as Error).message));

const runs = Array.from({ length: 2 * Number(max) }, async (_, n) => {
  const command = `echo o${n}; echo e${n} >&2; echo d >/dev/stderr; echo $(sleep ${seconds}; echo sub) >/dev/stdout`;
  const { stdout, stderr, error } = await pool.exec(command, { reject: false });
  const isRight = stdout === `o${n}\nsub\n` && stderr === `e${n}\nd\n`;
  return isRight ? 'right' : (error?.code ?? JSON.stringify({ stdout, stderr }));
});
const answers: Record<string, number> = {};
for (const answer of await Promise.all(runs)) answers[answer] = (answers[answer] ?? 0) + 1;

const { ready, invalid } = pool.metrics().shells;
const { lastError } = pool.status();
await pool.close();
console.log(JSON.stringify({ answers, failed, ready, invalid, lastError: lastError?.message }));

/** Opens so many files that no more than this can be opened. */
function leaveDescriptors(amount: number): void {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // EMFILE: that was the last
  }
  taken.slice(-amount).forEach((fd) => closeSync(fd));
}
