import { describe, expect, test } from 'vitest';
import { poolMachine, removalReasons, shellMachine } from '../../machines/index.ts';
import { rowsOf, sectionOf } from '../support/pages.ts';

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
