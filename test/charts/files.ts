import type { Chart } from '../../src/inspector/chart.ts';
import { textOf } from '../support/pages.ts';
import { chartOf } from './chart.ts';
import { graphs } from './machines.ts';
import { mermaidOf } from './mermaid.ts';
import { svgOf } from './svg.ts';

const page = 'docs/machines.md';

/** Every file that is made from the machines, with what is to be in it. */
export async function chartFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const charts: Chart[] = [];
  let text = textOf(page);
  for (const graph of graphs()) {
    const chart = await chartOf(graph);
    charts.push(chart);
    files.set(`docs/charts/${graph.name}.svg`, svgOf(chart));
    text = withMermaid(text, graph.name, mermaidOf(graph));
  }
  files.set(page, text);
  files.set('src/inspector/charts.ts', moduleOf(charts));
  return files;
}

/** The page with the Mermaid block that follows the machine's image replaced. */
function withMermaid(text: string, name: string, mermaid: string): string {
  const start = text.indexOf('```mermaid\n', text.indexOf(`](charts/${name}.svg)`));
  const end = text.indexOf('\n```', start);
  if (start === -1 || end === -1)
    throw new Error(`${page} has no Mermaid block after the image of the ${name} machine`);
  return `${text.slice(0, start)}\`\`\`mermaid\n${mermaid}${text.slice(end)}`;
}

/** A line for each box and arrow, so that a change shows. */
function moduleOf(charts: readonly Chart[]): string {
  const entries = charts.map(({ name, states, anys, edges, ...rest }) => {
    const lists = Object.entries({ states, anys, edges }).map(
      ([list, items]) => `    ${list}: [\n${items.map((item) => `      ${JSON.stringify(item)},\n`).join('')}    ],\n`,
    );
    const own = Object.entries({ name, ...rest }).map(([key, value]) => `    ${key}: ${JSON.stringify(value)},\n`);
    return `  ${name}: {\n${own.join('')}${lists.join('')}  },\n`;
  });
  return `import type { Chart } from './chart.ts';

// Made by \`npm run charts\` from the machines; a test compares the two.

/** The statechart of each machine, laid out. */
export const charts: Readonly<Record<${charts.map(({ name }) => `'${name}'`).join(' | ')}, Chart>> = {
${entries.join('')}};
`;
}
