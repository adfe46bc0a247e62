import { createPool } from '../index.ts';
import { inspected } from './inspected.ts';
import type { RunInvocation } from './invocation.ts';
import type { Io } from './io.ts';
import { JsonReport } from './json-report.ts';
import { progressOf, summaryOf } from './messages.ts';
import { Runner } from './runner.ts';
import { watchSignals } from './signals.ts';
import { openSource } from './source.ts';
import { Terminal } from './terminal.ts';
import { TextReport } from './text-report.ts';

/** ms between two looks of the progress line. */
const progressInterval = 100;

/**
 * Runs the commands; resolves to the exit status.
 * @throws {UsageError} for commands that cannot be read
 */
export async function execute(invocation: RunInvocation, io: Io): Promise<number> {
  const { commands, shell, min, max, timeout, json, keepGoing, inspect } = invocation;
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const source = openSource(commands, io.stdin);
  const pool = createPool({ name: 'cli', shell, min, max, timeout, logger: false });
  const terminal = new Terminal(io);
  const report = json ? new JsonReport(terminal) : new TextReport(terminal);
  const runner = new Runner(pool, source, report, keepGoing);
  const signals = watchSignals(io.signals, runner, terminal);
  const ticker = setInterval(
    () => terminal.progress(progressOf(runner.tally, source.total, elapsed())),
    progressInterval,
  );
  terminal.onBroken = () => runner.kill();
  let inspector: AsyncDisposable | undefined;
  try {
    inspector = inspect && (await inspected(pool, inspect, terminal));
    await runner.run(max);
    if (inspect?.stays && !terminal.error) await signals.came;
  } finally {
    clearInterval(ticker);
    report.close();
    await pool.close();
    await inspector?.[Symbol.asyncDispose]();
    signals.end();
  }
  if (terminal.error) throw terminal.error;
  const { tally, draining } = runner;
  const why =
    signals.exitCode !== undefined ? 'interrupted' : draining ? 'nothing was started after the failure' : undefined;
  terminal.note(summaryOf(tally, elapsed(), why));
  return signals.exitCode ?? (tally.failed > 0 ? 1 : 0);
}
