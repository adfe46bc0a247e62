const light = {
  page: '#ffffff',
  frame: '#d0d7de',
  compound: '#f6f8fa',
  border: '#8c959f',
  ink: '#1f2328',
  muted: '#59636e',
  accent: '#0550ae',
  edge: '#6e7781',
  pill: '#e6f1fd',
};

const dark = {
  page: '#0d1117',
  frame: '#30363d',
  compound: '#151b23',
  border: '#656c76',
  ink: '#e6edf3',
  muted: '#9aa2ac',
  accent: '#79c0ff',
  edge: '#8b949e',
  pill: '#13263d',
};

/** The look of a chart. Its colours are variables, so that a dark page changes them alone. */
export const style = `
svg{${variables(light)}}
@media(prefers-color-scheme:dark){svg{${variables(dark)}}}
text{fill:var(--muted);font:11.5px "Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif}
.title,.name{fill:var(--ink);font-weight:700}
.title{font-size:17px}
.name{font-size:14px}
.event,.exit,.small{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.exit,.small{font-size:10.5px}
.event,.exit{fill:var(--accent)}
rect{fill:var(--page);stroke:var(--border)}
.machine rect{stroke:var(--frame)}
.compound rect{fill:var(--compound)}
.simple rect{stroke-width:1.25}
.any rect{stroke-dasharray:3 3}
.label rect{fill:var(--pill);stroke:none}
.edge{fill:none;stroke:var(--edge);stroke-width:1.25}
.folded{stroke:var(--border);stroke-dasharray:2 3}
marker path{fill:var(--edge)}
circle{fill:var(--ink)}
`.replaceAll('\n', '');

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name}:${value};`)
    .join('');
}
