import { exportsOf, type Documented, type Exported } from './exports.ts';

/** The file that `npm run api` makes. */
export const page = 'docs/api.md';

/** Names of what has one of its own. */
const aliases = new Set(['default', 'module.exports']);

export const entries = {
  shellwright: 'src/index.ts',
  'shellwright/compat': 'src/compat/index.ts',
  'shellwright/inspector': 'src/inspector/index.ts',
  'shellwright/testing': 'src/testing/index.ts',
};

const kinds: readonly (readonly [kind: Exported['kind'], title: string])[] = [
  ['function', 'Functions'],
  ['class', 'Classes'],
  ['interface', 'Interfaces'],
  ['type', 'Types'],
  ['value', 'Values'],
];

/** The reference, from the doc comments of all that the entries export. */
export function referencePage(): string {
  const parts = Object.entries(entries).map(([name, entry]) =>
    partOf(
      name,
      exportsOf(entry).filter(({ name }) => !aliases.has(name)),
    ),
  );
  return `# API

<!-- Made by \`npm run api\` from the doc comments; test/docs/api.test.ts compares the two. -->

All that the package exports, with what its doc comments say. Times are in milliseconds unless something else is said, options that are absent or \`undefined\` have their default, and every error is a
[\`ShellwrightError\`](errors.md). Tables of all options are in [options](options.md), those of events in [events](events.md). \`shellwright/machines\` is described in [machines](machines.md): its types are no promise.

${parts.join('\n\n')}
`;
}

function partOf(name: string, all: readonly Exported[]): string {
  const sections = kinds.flatMap(([kind, title]) => {
    const some = all.filter((exported) => exported.kind === kind).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return some.length === 0 ? [] : [`### ${title}\n\n${some.map(entryOf).join('\n\n')}`];
  });
  return [`## ${name}`, ...sections].join('\n\n');
}

function entryOf(exported: Exported): string {
  const { name, signatures, members } = exported;
  const hasBody = exported.kind === 'class' || exported.kind === 'interface';
  const code = signatures.map((signature) => (hasBody ? `${signature} {}` : signature)).join('\n');
  return [`#### ${name}`, `\`\`\`mts\n${code}\n\`\`\``, proseOf(exported), members.map(itemOf).join('\n')]
    .filter(Boolean)
    .join('\n\n');
}

function itemOf(member: Documented): string {
  const signature = member.signatures.map((text) => `\`${text}\``).join(', ');
  return [`- ${signature}`, proseOf(member)].filter(Boolean).join(' — ');
}

function proseOf({ doc, defaults, throws }: Documented): string {
  return [
    doc.replaceAll(/\{@link (\w+)\}/g, '`$1`'),
    ...defaults.map((text) => `Default: ${text.replace(/[.;]$/, '')}.`),
    ...throws.map((text) => `Throws ${text.replace(/\.$/, '')}.`),
  ]
    .filter(Boolean)
    .join(' ');
}
