import { textOf } from '../support/pages.ts';
import { chartOf } from './chart.ts';
import { graphs } from './machines.ts';
import { mermaidOf } from './mermaid.ts';
import { pageCharts } from './page-charts.ts';
import { svgOf } from './svg.ts';

const page = 'docs/machines.md';

/** Every file that is made from the machines, with what is to be in it. */
export async function chartFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const all = graphs();
  let text = textOf(page);
  for (const graph of all) {
    const chart = await chartOf(graph);
    files.set(`docs/charts/${graph.name}.svg`, svgOf(chart));
    text = withMermaid(text, graph.name, mermaidOf(graph));
  }
  files.set(page, text);
  files.set('src/inspector/page/charts.json', await pageCharts(all));
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
