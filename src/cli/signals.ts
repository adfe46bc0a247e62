import { constants } from 'node:os';
import type { Io } from './io.ts';
import type { Runner } from './runner.ts';
import type { Terminal } from './terminal.ts';

const handled = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface SignalWatch {
  /** 128 + n once a signal came. */
  readonly exitCode: number | undefined;
  /** Resolves at the first signal. */
  readonly came: Promise<void>;
  end(): void;
}

/** Ctrl-C drains, a second one kills; the signals that nobody types kill at once. Shells have groups of their own and get none of them. */
export function watchSignals(signals: Io['signals'], runner: Runner, terminal: Terminal): SignalWatch {
  let exitCode: number | undefined;
  let tell = (): void => {};
  const came = new Promise<void>((resolve) => (tell = resolve));
  const onSignal = (signal: NodeJS.Signals): void => {
    const first = exitCode === undefined;
    exitCode ??= 128 + constants.signals[signal];
    tell();
    const { running } = runner.tally;
    if (signal !== 'SIGINT' || !first) return runner.kill();
    runner.drain();
    if (runner.tally.running > 0) terminal.note(`waiting for what runs (${running}); Ctrl-C again kills it`);
  };
  for (const signal of handled) signals.on(signal, onSignal);
  return {
    came,
    get exitCode() {
      return exitCode;
    },
    end() {
      for (const signal of handled) signals.off(signal, onSignal);
    },
  };
}
