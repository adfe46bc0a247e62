/** The one listener of a signal: those whom it tells, and its end. */
interface Listener {
  readonly waiting: Set<() => void>;
  readonly end: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/**
 * Calls `run` once when `signal` aborts; what it returns forgets that.
 *
 * Any number share one listener of the signal: Node warns of a leak from the eleventh on, and one signal for all that a request does is the
 * usual case. The listener goes with the last that waits, so that a signal that lives long keeps nothing.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const { waiting, end } = listeners.get(signal) ?? listen(signal);
  waiting.add(run);
  return () => {
    if (waiting.delete(run) && waiting.size === 0) end();
  };
}

function listen(signal: AbortSignal): Listener {
  const waiting = new Set<() => void>();
  const tell = (): void => {
    end();
    for (const run of waiting) {
      waiting.delete(run);
      run();
    }
  };
  const end = (): void => {
    signal.removeEventListener('abort', tell);
    listeners.delete(signal);
  };
  signal.addEventListener('abort', tell, { once: true });
  const listener = { waiting, end };
  listeners.set(signal, listener);
  return listener;
}
