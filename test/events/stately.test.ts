import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createWebSocketInspector, createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { createInspectorServer } from '@statelyai/inspect/server';
import { filter, firstValueFrom, Observable, scan } from 'rxjs';
import { createPool, createSupervisor } from 'shellwright';
import { afterEach, describe, expect, test } from 'vitest';
import { poolMachine, shellMachine, supervisorMachine } from 'shellwright/machines';

/** Stately's relay and both of its ends, on this machine: what the inspector's page would get. */
describe("Stately's inspector", () => {
  let end = (): void => {};
  afterEach(() => end());

  test('is told of the pool, its shells, their events and states, and of no command', async () => {
    const { inspect, received } = await startRelay();
    const pool = createPool({ name: 'jobs', max: 1, env: { WORD: 'from-the-environment' }, logger: false, inspect });
    await pool.exec('echo the-command; echo $WORD');
    await pool.close();
    const events = await received(
      (all) => valuesOf(all, 'jobs').includes('closed') && valuesOf(all, 'shell.0').includes('destroyed'),
    );

    expect(namesOf(events)).toEqual(expect.arrayContaining(['jobs', 'shell.0']));
    const shell = valuesOf(events, 'shell.0');
    expect(shell.filter((value, index) => value !== shell[index - 1])).toEqual([
      'spawning',
      'initializing',
      '{"idle":"free"}',
      'busy',
      '{"idle":"free"}',
      'destroying',
      'destroyed',
    ]);
    expect(events.flatMap((event) => (event.type === '@xstate.event' ? [event.event.type] : []))).toEqual(
      expect.arrayContaining(['demand', 'process.spawned', 'borrow', 'shell.busy', 'stop']),
    );
    expect(JSON.stringify(events)).not.toMatch(/the-command|from-the-environment/);
  });

  test('gets definitions of which it can draw every state and transition', async () => {
    const { inspect, received } = await startRelay();
    const tree = createSupervisor({ logger: false, inspect, children: [{ id: 'jobs', pool: { min: 1, max: 1 } }] });
    await tree.ready();
    await tree.close();
    const events = await received((all) => valuesOf(all, 'root').includes('closed'));
    const machines = { root: supervisorMachine, jobs: poolMachine, 'shell.0': shellMachine };
    for (const [name, machine] of Object.entries(machines)) {
      const definition = events.flatMap((event) =>
        event.type === '@xstate.actor' && event.name === name ? [JSON.parse(event.definition ?? '') as unknown] : [],
      );
      expect(skeletonOf(definition[0])).toEqual(skeletonOf(machine.config));
    }
  });

  async function startRelay() {
    const port = await freePort();
    const server = createInspectorServer({ port, autoOpen: false });
    const url = `ws://127.0.0.1:${port}`;
    const receiver = createWebSocketReceiver({ server: url });
    const all$ = new Observable<StatelyInspectionEvent>((subscriber) => receiver.subscribe(subscriber)).pipe(
      scan((all: StatelyInspectionEvent[], event) => [...all, event], []),
    );
    const inspector = createWebSocketInspector({ url });
    end = () => {
      inspector.stop();
      server.stop();
    };
    /** Everything that has come, once it is enough. */
    const wanted: ((all: StatelyInspectionEvent[]) => boolean)[] = [];
    let seen: StatelyInspectionEvent[] = [];
    const ready = firstValueFrom(
      all$.pipe(
        filter((all) => {
          seen = all;
          return wanted.some((isEnough) => isEnough(seen));
        }),
      ),
    );
    const received = (isEnough: (all: StatelyInspectionEvent[]) => boolean) => {
      wanted.push(isEnough);
      return isEnough(seen) ? Promise.resolve(seen) : ready;
    };
    return { inspect: inspector.inspect, received };
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function namesOf(events: readonly StatelyInspectionEvent[]): string[] {
  return events.flatMap((event) => (event.type === '@xstate.actor' ? [event.name] : []));
}

/** The states of an actor, one after the other. */
function valuesOf(events: readonly StatelyInspectionEvent[], name: string): string[] {
  const ids = new Set(
    events.flatMap((event) => (event.type === '@xstate.actor' && event.name === name ? [event.sessionId] : [])),
  );
  return events.flatMap((event) => {
    if (event.type !== '@xstate.snapshot' || !ids.has(event.sessionId)) return [];
    const { value } = event.snapshot as { value?: unknown };
    return [typeof value === 'string' ? value : JSON.stringify(value)];
  });
}

/** States with what leads from them where. */
function skeletonOf(config: unknown): unknown {
  const {
    on = {},
    always,
    states = {},
    initial,
    type,
  } = config as {
    on?: Record<string, unknown>;
    always?: unknown;
    states?: Record<string, unknown>;
    initial?: string;
    type?: string;
  };
  const targets = (value: unknown) =>
    [value ?? []].flat().map((transition) => (transition as { target?: string }).target);
  return {
    initial,
    type,
    on: Object.fromEntries(Object.entries(on).map(([event, value]) => [event, targets(value)])),
    always: targets(always),
    states: Object.fromEntries(Object.entries(states).map(([key, state]) => [key, skeletonOf(state)])),
  };
}
