import type { ClassName } from './classes.ts';
import type { Comparison } from './compare.ts';

/** For people: how many agree, and the ids of the others by class. */
export function asText(shell: string, { total, agree, atExit, differing, left }: Comparison): string {
  const lines = [`${agree} of ${total} agree (${shell}, ${percent(agree, total)} %)`];
  if (atExit.length > 0) lines.push(`  with the exit of their shell (${atExit.length}): ${atExit.join(' ')}`);
  for (const [name, ids] of byClass(differing)) lines.push(`  ${name} (${ids.length}): ${ids.join(' ')}`);
  if (left.length > 0) lines.push(`  left a process (${left.length}): ${left.join(' ')}`);
  return lines.join('\n');
}

/** For programs: one JSON document, with both runs of every program that differs. */
export function asJson(shell: string, { total, agree, atExit, differing, left }: Comparison): string {
  const classes = Object.fromEntries(byClass(differing));
  return JSON.stringify(
    { shell, total, agree, percent: Number(percent(agree, total)), atExit, classes, left, differing },
    undefined,
    1,
  );
}

function byClass(differing: Comparison['differing']): [name: ClassName, ids: string[]][] {
  const names = [...new Set(differing.map((each) => each.class))].toSorted();
  return names.map((name) => [name, differing.filter((each) => each.class === name).map(({ id }) => id)]);
}

/** Never 100 while one differs. */
function percent(agree: number, total: number): string {
  return (total === 0 ? 100 : Math.floor((agree / total) * 10_000) / 100).toFixed(2);
}
