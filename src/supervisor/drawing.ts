import type { PoolTree, SupervisorTree } from './tree.ts';

type Tree = PoolTree | SupervisorTree;

/** A line: what the columns have. */
type Row = readonly [name: string, state: string, details: string];

/** A tree as lines of text. @param limit children of one supervisor that are shown */
export function draw(tree: SupervisorTree, limit: number): string {
  const rows = rowsOf(tree, '', '', limit);
  const width = (column: 0 | 1): number => rows.reduce((longest, row) => Math.max(longest, row[column].length), 0);
  const widths = [width(0), width(1)] as const;
  return rows
    .map(([name, state, details]) => `${name.padEnd(widths[0])}  ${state.padEnd(widths[1])}  ${details}`.trimEnd())
    .join('\n');
}

function rowsOf(tree: Tree, first: string, further: string, limit: number): Row[] {
  const details = tree.type === 'pool' ? poolDetails(tree) : supervisorDetails(tree);
  const own: Row = [first + tree.id, stateOf(tree), [...details, ...supervisedDetails(tree)].join(', ')];
  if (tree.type === 'pool') return [own];
  const shown = tree.children.slice(0, limit);
  const hidden = tree.children.length - shown.length;
  const rows = shown.flatMap((child, index) => {
    const isLast = index === shown.length - 1 && hidden === 0;
    return rowsOf(child, `${further}${isLast ? '└─ ' : '├─ '}`, `${further}${isLast ? '   ' : '│  '}`, limit);
  });
  return [own, ...rows, ...(hidden > 0 ? [[`${further}└─ … ${hidden} more`, '', ''] as const] : [])];
}

function poolDetails({ size, idle, busy, queued }: PoolTree): string[] {
  return [
    amount(size, 'shell'),
    ...(idle > 0 ? [`${idle} idle`] : []),
    ...(busy > 0 ? [`${busy} busy`] : []),
    ...(queued > 0 ? [`${queued} waiting`] : []),
  ];
}

function supervisorDetails(tree: SupervisorTree): string[] {
  const { strategy, count, recentRestarts, intensity, period, lastError, lastExit } = tree;
  return [
    strategy,
    `${count.active} of ${amount(count.specs, 'child', 'children')} active`,
    ...(recentRestarts > 0 ? [`${recentRestarts} of ${amount(intensity, 'restart')} in ${period} ms`] : []),
    // Below the root, the supervisor above tells how it ended.
    ...(lastError === undefined || lastExit ? [] : [clip(lastError, 300)]),
  ];
}

function supervisedDetails({ restart = 'permanent', restarts = 0, lastExit }: Tree): string[] {
  const isBad = lastExit?.reason === 'crash' || lastExit?.reason === 'killed';
  return [
    ...(restart === 'permanent' ? [] : [restart]),
    ...(restarts > 0 ? [`restarted ${restarts === 1 ? 'once' : `${restarts} times`}`] : []),
    ...(isBad ? [`last end: ${clip(lastExit.cause ?? lastExit.reason, 150)}`] : []),
  ];
}

/** A pool with `min: 0` starts its first shell, and is ready, only when something is wanted of it. */
function stateOf({ type, state, active }: Tree): string {
  return type === 'pool' && state === 'starting' && active ? 'running' : state;
}

function amount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** On one line. */
function clip(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
