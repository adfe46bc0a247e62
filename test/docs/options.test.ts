import { describe, expect, test } from 'vitest';
import { rowsOf, sectionOf, textOf } from '../support/pages.ts';

interface Option {
  readonly name: string;
  /** The name of its type without what is optional. */
  readonly type: string;
  readonly default: string;
}

const pool = 'src/options/pool-options.ts';
const upkeep = 'src/options/upkeep.ts';
const exec = 'src/options/exec-options.ts';
const calls = 'src/options/pool-calls.ts';
const supervisor = 'src/options/supervisor-options.ts';
const supervisorCalls = 'src/options/supervisor-calls.ts';

const sections: [heading: string, file: string, type: string][] = [
  ['## createPool', pool, 'PoolOptions'],
  ['## healthCheck', upkeep, 'HealthCheckOptions'],
  ['## createSupervisor', supervisor, 'SupervisorOptions'],
  ['## Children of a supervisor', supervisor, 'ChildOptions'],
  ['## close of a supervisor', supervisorCalls, 'SupervisorCloseOptions'],
  ['## exec, execAll and $', exec, 'ExecOptions'],
  ['## acquire and use', exec, 'AcquireOptions'],
  ['## session', 'src/options/session-options.ts', 'SessionOptions'],
  ['## ready', calls, 'ReadyOptions'],
  ['## close', calls, 'CloseOptions'],
  ['## createInspector', 'src/options/inspector-options.ts', 'InspectorOptions'],
];

describe('docs/options.md', () => {
  test.each(sections)('%s has every option with its default, and no other', (heading, file, type) => {
    const documented = rowsOf(sectionOf('docs/options.md', heading)).map(([name, , value]) => ({
      name,
      default: value,
    }));
    const expected = optionsOf(textOf(file), type).map(({ name, default: value }) => ({ name, default: value }));
    expect(documented).toEqual(expected);
  });
});

/** The options of an interface, those of a nested one without a section behind its own name: `restart`, `restart.attempts`. */
function optionsOf(source: string, type: string, prefix = ''): Option[] {
  return membersOf(source, type).flatMap((option) => {
    const named = { ...option, name: prefix + option.name };
    const hasOwnSection = sections.some(([, , own]) => own === option.type);
    const isNested = !hasOwnSection && source.includes(`interface ${option.type} {`);
    return isNested ? [named, ...optionsOf(source, option.type, `${named.name}.`)] : [named];
  });
}

function membersOf(source: string, type: string): Option[] {
  const [, body = ''] = new RegExp(`^export interface ${type} \\{\\n(.*?)^\\}`, 'ms').exec(source) ?? [];
  const members = body.matchAll(
    /(?: {2}\/\*\*(?<doc>.*?)\*\/\n)? {2}(?<name>\w+)\??: (?<type>.*?)(?: \| undefined)?;\n/gs,
  );
  return Array.from(members, ({ groups: { doc = '', name = '', type: of = '' } = {} }) => ({
    name,
    type: of,
    default: /@default (.*?)\s*$/s.exec(doc)?.[1] ?? '',
  }));
}
