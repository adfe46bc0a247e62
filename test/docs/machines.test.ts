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
    const [, chart = ''] = /```mermaid\n(.*?)```/s.exec(textOf('README.md')) ?? [];
    const drawn = Array.from(chart.matchAll(/(\w+) --> (\w+) : (.*)/g), ([, from, to, labels = '']) =>
      labels.split(', ').map((label) => `${from} --> ${to} : ${label}`),
    );
    expect(drawn.flat().toSorted()).toEqual(edges().toSorted());
    expect(chart).toContain('[*] --> spawning\n');
    expect(chart).toContain('destroyed --> [*]\n');
  });
});

/** Every edge from one state to another, as the chart names it. Those of the machine itself start at each state that does not handle their event. */
function edges(): string[] {
  const { root } = shellMachine;
  const states = Object.values(root.states) as AnyStateNode[];
  const found = states.flatMap((state) => {
    const own = [...state.transitions.values(), state.always ?? []].flat() as AnyTransitionDefinition[];
    const shared = [...root.transitions.entries()].flatMap(([event, transitions]) =>
      state.type === 'final' || state.transitions.has(event) ? [] : (transitions as AnyTransitionDefinition[]),
    );
    return [...own, ...shared].flatMap(({ target, eventType }) =>
      (target ?? []).map((to) => ({ from: state.key, to: to.key, label: labelOf(eventType) })),
    );
  });
  // Who is invalid or destroying has its verdict: the guard `isCondemned` then keeps the process actor's error from doing anything.
  const lawful = found.filter(
    ({ from, label }) => label !== 'process error' || !['invalid', 'destroying'].includes(from),
  );
  return [...new Set(lawful.map(({ from, to, label }) => `${from} --> ${to} : ${label}`))];
}

function labelOf(eventType: string): string {
  if (eventType === '') return 'not borrowed';
  const [, outcome, actor] = /^xstate\.(done|error)\.actor\.(\w+)$/.exec(eventType) ?? [];
  return actor === undefined ? eventType : `${actor} ${outcome}`;
}
