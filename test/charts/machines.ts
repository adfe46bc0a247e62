import type { AnyStateMachine } from 'xstate';
import { poolMachine, shellMachine, supervisorMachine } from '../../machines/index.ts';
import { delaysOf, type Probe } from './delays.ts';
import { graphOf, type Graph } from './graph.ts';

export interface Charted {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly probe: Probe;
}

/** Every machine that has a chart, and what leads it past each of its timers. */
export const charted: readonly Charted[] = [
  {
    name: 'shell',
    machine: shellMachine,
    probe: {
      input: { path: 'shell.0', slot: 'shell.0', idleTimeout: 1, initTimeout: 1, health: { interval: 1, timeout: 1 } },
      events: [{ type: 'borrow' }],
    },
  },
  {
    name: 'pool',
    machine: poolMachine,
    probe: {
      input: {
        path: 'pool',
        min: 0,
        max: 1,
        spare: 0,
        idleTimeout: 1,
        initTimeout: 1,
        restart: { attempts: 1, cooldown: 1, backoff: { initial: 1, max: 1, factor: 1, jitter: 0 } },
      },
      events: [{ type: 'demand' }],
    },
  },
  {
    name: 'supervisor',
    machine: supervisorMachine,
    probe: {
      input: {
        path: 'root',
        strategy: 'one_for_one',
        intensity: 1,
        period: 1,
        children: [{ id: 'a', type: 'pool', restart: 'permanent', shutdown: 1 }],
      },
      events: [
        { type: 'child.started', id: 'a', run: 1 },
        { type: 'child.terminate', id: 'a' },
        { type: 'child.expired', id: 'a', run: 1 },
      ],
    },
  },
];

export function graphs(): Graph[] {
  return charted.map(({ name, machine, probe }) => graphOf(name, machine, delaysOf(machine, probe)));
}
