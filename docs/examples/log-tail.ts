/** A log as an Observable: `tail -F` in a shell, its lines filtered and counted while they come, and stopped when enough was seen. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, map, Observable, scan, take } from 'rxjs';
import { createPool } from 'shellwright';

const folder = await mkdtemp(join(tmpdir(), 'log-tail-'));
const file = join(folder, 'app.log');
await writeFile(file, 'info started\n');
const pool = createPool({ name: 'logs', max: 2, logger: false });

const errors$ = tail(file).pipe(
  filter((line) => line.startsWith('error ')),
  map((line) => line.slice('error '.length)),
);

// Who subscribes starts it; with the third error the subscription ends, and the command with it.
const counts = new Map<string, number>();
const counting = errors$
  .pipe(
    scan((all, message) => all.set(message, (all.get(message) ?? 0) + 1), counts),
    take(3),
  )
  .forEach((all) => process.stdout.write(`${JSON.stringify(Object.fromEntries(all))}\n`));
await writeLog();
await counting;

assert.deepEqual(Object.fromEntries(counts), { 'disk full': 2, 'no route': 1 });
await pool.close();
await rm(folder, { recursive: true });

/** The lines that are in a file, and those that come, for as long as somebody listens. */
function tail(path: string): Observable<string> {
  return new Observable((subscriber) => {
    const run = pool.$`tail -n +1 -F ${path}`;
    // The loop and not `output$`: it gives whole lines, and `tail` waits where nobody keeps up.
    const reading = (async () => {
      for await (const line of run) subscriber.next(line);
      subscriber.complete();
    })();
    reading.catch((error: unknown) => subscriber.error(error)); // of no interest to one who has left
    return () => run.abort();
  });
}

/** Stands for the program that writes the log; a line may come in pieces. */
async function writeLog(): Promise<void> {
  const pieces = [
    'error disk full\n',
    'info still here\nerror no route\n',
    'error disk',
    ' full\n',
    'error too late\n',
  ];
  for (const piece of pieces) await appendFile(file, piece);
}
