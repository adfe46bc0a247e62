import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, timeout } from 'rxjs';
import { onTestFinished } from 'vitest';
import {
  createSupervisor,
  type ChildOptions,
  type EventName,
  type Pool,
  type PoolOptions,
  type ShellwrightEvent,
  type Supervisor,
  type SupervisorOptions,
} from '../../src/index.ts';
import { temporaryFolder } from './folders.ts';

type EventOf<Name extends EventName> = Extract<ShellwrightEvent, { type: Name }>;

/** How long anything may take before a test gives up. ms */
const patience = 60_000;

/** A silent tree that is closed by force when its test ends, however it ends. Long `period`: what counts is the number. */
export function openTree(options: SupervisorOptions = {}): Supervisor {
  const tree = createSupervisor({ logger: false, period: 600_000, ...options });
  onTestFinished(() => tree.close({ force: true }));
  return tree;
}

/** A child that is a pool of one shell, which is there from the start. */
export function child(id: string, options: Partial<ChildOptions> = {}): ChildOptions {
  return { id, pool: { min: 1, max: 1 }, ...options };
}

/** The next event of that name that fits: call it before what causes the event. */
export function nextIn<Name extends EventName>(
  { events$ }: Pick<Supervisor, 'events$'>,
  name: Name,
  fits: (event: EventOf<Name>) => boolean = () => true,
): Promise<EventOf<Name>> {
  const event = firstValueFrom(
    events$.pipe(
      filter((event): event is EventOf<Name> => event.type === name && fits(event as EventOf<Name>)),
      timeout(patience),
    ),
  );
  const wanted = event.catch((error: unknown) => {
    throw new Error(`Waited in vain for ${name}`, { cause: error });
  });
  // A test that failed before it came to wait has said enough.
  wanted.catch(() => {});
  return wanted;
}

/** Every event with one of these names from now on, each as `name path`, or `name path/child`. */
export function namesOf({ events$ }: Pick<Supervisor, 'events$'>, ...names: EventName[]): string[] {
  const seen: string[] = [];
  events$.subscribe((event) => {
    const { type, path } = event;
    if (names.includes(type)) seen.push(`${type} ${'childId' in event ? `${path}/${event.childId}` : path}`);
  });
  return seen;
}

/** The pid of the shell that answers. */
export async function pidOf(pool: Pool): Promise<number> {
  return (await pool.exec('true')).pid ?? 0;
}

/** A pool of one shell that a test can make fail. */
export interface Fragile {
  readonly pool: PoolOptions;
  /** Its shells fail to start from now on, or no longer. */
  readonly break: () => void;
  readonly mend: () => void;
  /** Makes the pool, which runs, fail; what starts after that starts well. Resolves when it has failed. */
  readonly crash: (pool: Pool) => Promise<void>;
}

export function fragile(options: PoolOptions = {}): Fragile {
  const flag = join(temporaryFolder(), 'well');
  const mend = (): void => writeFileSync(flag, '');
  const destroy = (): void => rmSync(flag, { force: true });
  mend();
  return {
    pool: { min: 1, max: 1, init: [`test -e ${flag}`], restart: { attempts: 1 }, ...options },
    break: destroy,
    mend,
    async crash(pool) {
      const failed = new Promise<void>((resolve) => {
        pool.once('pool.failed', () => {
          mend();
          resolve();
        });
      });
      destroy();
      await pool.exec('exit 1');
      await failed;
    },
  };
}
