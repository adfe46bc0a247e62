import { describe, expect, test, vi } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { charted } from '../charts/machines.ts';
import { textOf } from '../support/pages.ts';

/**
 * What the Stately editor and its VS Code extension ask of a file: one call of a `createMachine`, whose argument is a literal object that can be
 * read without the rest. They look for it by that name, whatever it is a member of, and draw states, names and targets.
 */
describe.each(charted)('machines/$name.machine.ts', ({ name, machine }) => {
  const source = textOf(`machines/${name}.machine.ts`).replaceAll(/\/\*[^]*?\*\/|(?<=\s)\/\/.*/g, '');

  test('has one createMachine call with a literal object, and no spread in its states', () => {
    expect(source.match(/\bcreateMachine\(/g)).toHaveLength(1);
    const [before = '', config = ''] = source.split('createMachine({');
    expect(before).toMatch(/export const \w+Machine = \w+Setup\.$/);
    expect(config).toContain(`id: '${name}'`);
    expect(config.slice(config.indexOf('\n  on: {'))).not.toMatch(/\.\.\.|\[\w+\]:/);
  });

  test('makes the same chart without what its names mean', async () => {
    expect(chartOf(await configAlone(name))).toBe(chartOf(machine.config));
  });

  test('names its guards, actors and delays, and has functions only where values are worked out', () => {
    const elsewhere = functionsIn(machine.config).filter(
      (path) => !/\.(?:params|input|output|context)$|\.actions(?:\.\d+)?$/.test(path),
    );
    expect(elsewhere).toEqual([]);
  });
});

/** The config of the file's machine, with a bare `setup()` in the place of its own. */
async function configAlone(name: string): Promise<unknown> {
  vi.resetModules();
  vi.doMock(`../../machines/${name}/setup.ts`, async () => {
    const { setup } = await import('xstate');
    return { [`${name}Setup`]: setup({}), verdictOf: () => ({}), exitOf: () => ({}) };
  });
  const module = (await import(`../../machines/${name}.machine.ts`)) as Record<string, AnyStateMachine>;
  return module[`${name}Machine`]?.config;
}

/** All that can be drawn. */
function chartOf(config: unknown): string {
  return JSON.stringify(config, (_, value: unknown) => (typeof value === 'function' ? 'function' : value));
}

function functionsIn(value: unknown, path = ''): string[] {
  if (typeof value === 'function') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => functionsIn(inner, `${path}.${key}`));
}
