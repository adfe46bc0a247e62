import type { AnyResult, Tally } from './outcome.ts';
import type { Job } from './source.ts';

/** Why a command failed, on one line; undefined when it did not. */
export function failureOf({ index, line }: Job, result: AnyResult): string | undefined {
  const { error, failed, signal, exitCode, command } = result;
  const place = line === undefined ? `command ${index + 1}` : `line ${line}`;
  // Not this command's own failure: no command has a shell.
  if (error?.code === 'ERR_POOL_FAILED') return oneLine(error.message);
  if (error) return `${place}: ${oneLine(error.message)}`;
  if (!failed) return undefined;
  const how = signal === undefined ? `exit code ${exitCode}` : `its shell died of ${signal}`;
  return `${place}: failed with ${how}: ${oneLine(command)}`;
}

export function summaryOf({ ok, failed, stopped }: Tally, ms: number, why: string | undefined): string {
  const parts = [`${ok} ok`, `${failed} failed`, ...(stopped > 0 ? [`${stopped} stopped`] : []), durationOf(ms)];
  return parts.join(', ') + (why === undefined ? '' : ` (${why})`);
}

export function progressOf({ ok, failed, running }: Tally, total: number | undefined, ms: number): string {
  const done = `${ok + failed}${total === undefined ? '' : ` of ${total}`} done`;
  return [done, ...(failed > 0 ? [`${failed} failed`] : []), `${running} running`, durationOf(ms)].join(', ');
}

function durationOf(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
}

function oneLine(text: string): string {
  const [first = ''] = text.split('\n', 1);
  const clipped = first.length > 160 ? first.slice(0, 160) : first;
  return clipped.length < text.trimEnd().length ? `${clipped} …` : clipped;
}
