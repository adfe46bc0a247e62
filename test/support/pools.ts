import { firstValueFrom, filter, timeout } from 'rxjs';
import { onTestFinished } from 'vitest';
import {
  createPool,
  isShellwrightError,
  type Pool,
  type PoolEvent,
  type PoolEventName,
  type PoolOptions,
  type PoolStatus,
  type ShellwrightError,
} from '../../src/index.ts';

type EventOf<Name extends PoolEventName> = Extract<PoolEvent, { type: Name }>;

/** How long anything may take before a test gives up. ms; far above what is needed, since the machine may be loaded. */
const patience = 60_000;

/** A silent pool that is closed by force when its test ends, however it ends. */
export function openPool(options: PoolOptions = {}): Pool {
  const pool = createPool({ max: 2, logger: false, ...options });
  onTestFinished(() => pool.close({ force: true }));
  return pool;
}

/** The next event of that name that fits: call it before what causes the event. */
export function nextEvent<Name extends PoolEventName>(
  pool: Pool,
  name: Name,
  fits: (event: EventOf<Name>) => boolean = () => true,
): Promise<EventOf<Name>> {
  const event = firstValueFrom(
    pool.events$.pipe(
      filter((event): event is EventOf<Name> => event.type === name && fits(event as EventOf<Name>)),
      timeout(patience),
    ),
  );
  return described(event, `the event ${name}`);
}

/** Every event from now on; with names, only those. */
export function record<Name extends PoolEventName>(pool: Pool, ...names: Name[]): EventOf<Name>[] {
  const events: EventOf<Name>[] = [];
  pool.events$.subscribe((event) => {
    if (names.length === 0 || names.includes(event.type as Name)) events.push(event as EventOf<Name>);
  });
  return events;
}

/** The first status, now or later, that fits. */
export function statusWhere(pool: Pool, fits: (status: PoolStatus) => boolean): Promise<PoolStatus> {
  return described(firstValueFrom(pool.status$.pipe(filter(fits), timeout(patience))), 'the status wanted');
}

/** The error of this library that the promise rejects with; anything else fails the test. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<ShellwrightError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`Expected a rejection, got ${JSON.stringify(outcome.value)}`);
  if (!isShellwrightError(outcome.error)) throw outcome.error;
  return outcome.error;
}

/** Settles as the promise does, or rejects when that takes longer than `within` ms: for what must not hang. */
export async function soon<T>(promise: PromiseLike<T>, what = 'the promise', within = patience): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not settle within ${within} ms`)), within);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function described<T>(promise: Promise<T>, what: string): Promise<T> {
  const wanted = promise.catch((error: unknown) => {
    throw new Error(`Waited in vain for ${what}`, { cause: error });
  });
  // A test that failed before it came to wait has said enough.
  wanted.catch(() => {});
  return wanted;
}
