import { describe, expect, test } from 'vitest';
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { poolMachine, removalReasons, shellMachine } from '../../machines/index.ts';
import { rowsOf, sectionOf, textOf } from '../support/pages.ts';

describe('docs/machines.md', () => {
  test('has the states of the shell machine', () => {
    const states = rowsOf(sectionOf('docs/machines.md', '## The shell machine')).map(([state]) => state);
    expect(states).toEqual(Object.keys(shellMachine.states));
  });

  test('has every reason for which a shell leaves', () => {
    const reasons = rowsOf(sectionOf('docs/machines.md', '## Reasons')).map(([reason]) => reason);
    expect(reasons).toEqual(removalReasons);
  });

  test('names the states of the pool machine', () => {
    const section = sectionOf('docs/machines.md', '## The pool machine');
    const { states } = poolMachine;
    for (const name of Object.keys(states)) expect(section).toContain(name);
    for (const name of [...Object.keys(states.failed!.states), ...Object.keys(states.closing!.states)])
      expect(section).toContain(name);
  });
});

describe('the chart of the README', () => {
  test('has exactly the edges of the shell machine', () => {
    const chart = chartOf(textOf('README.md'));
    expect(drawnIn(chart)).toEqual(edges());
    expect(chart).toContain('[*] --> spawning\n');
    expect(chart).toContain('destroyed --> [*]\n');
  });
});

describe('the chart of idle in docs/machines.md', () => {
  test('has exactly the edges of the shell machine within idle', () => {
    const chart = chartOf(sectionOf('docs/machines.md', '## The shell machine'));
    const idle = shellMachine.root.states['idle'] as AnyStateNode;
    // What `idle` itself goes to on an event, each of its states goes to.
    const edges = Object.values(idle.states).flatMap((state: AnyStateNode) =>
      [...transitionsOf(idle), ...transitionsOf(state)].flatMap(({ target, eventType }) =>
        (target ?? [])
          .filter((to) => to.parent === idle && to !== state)
          .map((to) => `${state.key} --> ${to.key} : ${labelOf(eventType)}`),
      ),
    );
    expect(drawnIn(chart)).toEqual(edges.toSorted());
    expect(chart).toContain(`[*] --> ${idle.initial.target[0]?.key}\n`);
  });
});

function chartOf(text: string): string {
  const [, chart = ''] = /```mermaid\n(.*?)```/s.exec(text) ?? [];
  return chart;
}

/** The edges of a chart, one for each label. */
function drawnIn(chart: string): string[] {
  const drawn = chart.matchAll(/(\w+) --> (\w+) : (.*)/g);
  return Array.from(drawn, ([, from, to, labels = '']) =>
    labels.split(', ').map((label) => `${from} --> ${to} : ${label}`),
  )
    .flat()
    .toSorted();
}

function transitionsOf(state: AnyStateNode): AnyTransitionDefinition[] {
  return [...state.transitions.values(), state.always ?? []].flat();
}

/** A state or one within it, as the one that has no other around it. */
function topOf(state: AnyStateNode): string {
  return state.path[0] ?? state.key;
}

/** Every edge from one state to another, as the chart names it. Those of the machine itself start at each state that does not handle their event. */
function edges(): string[] {
  const { root } = shellMachine;
  const states = Object.values(root.states) as AnyStateNode[];
  const found = states.flatMap((state) => {
    const own = [state, ...Object.values(state.states)].flatMap(transitionsOf);
    const shared = [...root.transitions.entries()].flatMap(([event, transitions]) =>
      state.type === 'final' || state.transitions.has(event) ? [] : (transitions as AnyTransitionDefinition[]),
    );
    return [...own, ...shared].flatMap(({ target, eventType }) =>
      (target ?? []).map((to) => ({ from: state.key, to: topOf(to), label: labelOf(eventType) })),
    );
  });
  // Who is invalid or destroying has its verdict: the guard `isCondemned` then keeps the process actor's error from doing anything.
  const lawful = found.filter(
    ({ from, to, label }) => from !== to && (label !== 'process error' || !['invalid', 'destroying'].includes(from)),
  );
  return [...new Set(lawful.map(({ from, to, label }) => `${from} --> ${to} : ${label}`))].toSorted();
}

function labelOf(eventType: string): string {
  if (eventType === '') return 'not borrowed';
  const [, outcome, actor] = /^xstate\.(done|error)\.actor\.(\w+)$/.exec(eventType) ?? [];
  return actor === undefined ? eventType : `${actor} ${outcome}`;
}
