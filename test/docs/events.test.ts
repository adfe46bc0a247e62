import { expect, test } from 'vitest';
import { catalogue, type EventName } from '../../src/events/catalogue.ts';
import { textOf } from '../support/pages.ts';

test('docs/events.md has the table that the catalogue makes', () => {
  const page = textOf('docs/events.md');
  const table = page.slice(page.indexOf('| event ')).split('\n\n', 1)[0] ?? '';
  expect(withoutPadding(table)).toBe(eventTable());
});

/** The formatter pads cells to the width of their column. */
function withoutPadding(table: string): string {
  return table.trim().replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
}

/** To be pasted into the page. One row for each event; its own fields are types only, so they are read from the source. */
function eventTable(): string {
  const source = textOf('src/events/catalogue.ts');
  const rows = (Object.keys(catalogue) as EventName[]).map((name) => {
    const { level, doc } = catalogue[name];
    const cells = [`\`${name}\``, level || 'never', fieldsOf(source, name), doc.replaceAll('|', String.raw`\|`)];
    return `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  });
  return ['| event | log level | own fields | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function fieldsOf(source: string, name: EventName): string {
  const line = source.split('\n').find((text) => text.startsWith(`  '${name}': `) && text.endsWith(';'));
  if (line === undefined) throw new Error(`src/events/catalogue.ts has no line of the type of ${name}`);
  const [, own = ''] = /& \{ (.*) \};$/.exec(line) ?? [];
  return Array.from(own.matchAll(/(\w+)\??:/g), ([, field]) => `\`${field}\``).join(', ');
}
