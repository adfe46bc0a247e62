import type { Observer } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import { messageOf } from '../errors.ts';
import type { Bus } from './bus.ts';

/** What `inspect` takes. */
export type Inspect = ((event: InspectionEvent) => void) | Observer<InspectionEvent>;

/**
 * The observer, called so that it cannot break what it looks at: XState calls it in the midst of a machine's step, where an error would end the
 * machine. What it throws, or rejects with, is one line in the log.
 */
export function harmless(inspect: Inspect | undefined, bus: Bus): ((event: InspectionEvent) => void) | undefined {
  if (inspect === undefined) return undefined;
  const observe = typeof inspect === 'function' ? inspect : (event: InspectionEvent): void => inspect.next(event);
  const complain = (error: unknown): void => bus.warnOnce('The inspect observer failed', messageOf(error));
  return (event) => {
    try {
      const returned: unknown = observe(event);
      if (returned instanceof Promise) returned.catch(complain);
    } catch (error) {
      complain(error);
    }
  };
}
