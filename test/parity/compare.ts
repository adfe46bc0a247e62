import { availableParallelism } from 'node:os';
import { classOf, type ClassName, type Difference } from './classes.ts';
import { endLeft, makeGround } from './ground.ts';
import { runReference } from './reference.ts';
import { runInPool } from './session.ts';
import type { ShellKind } from './shells.ts';
import type { Snippet } from './snippets.ts';

export interface Comparison {
  readonly total: number;
  /** What the command gave is the same; of programs with an EXIT trap, with what the shell did when it was told to exit. */
  readonly agree: number;
  /** Those that agree only with that exit. */
  readonly atExit: string[];
  readonly differing: (Difference & { class: ClassName })[];
  /** Programs that left a process when their pool was closed. */
  readonly left: string[];
}

/** How long one run of a program may take. ms */
export const usualLimit = 10_000;

/** Runs every program both ways, as many at a time as there are processors. */
export async function compare(shell: ShellKind, snippets: readonly Snippet[], limit = usualLimit): Promise<Comparison> {
  const compared = await inParallel(snippets, (snippet) => compareOne(shell, snippet, limit));
  const differing = compared.flatMap(({ difference }) =>
    difference ? [{ ...difference, class: classOf(difference) }] : [],
  );
  const idsOf = (fits: (one: Compared) => boolean): string[] => compared.filter(fits).map(({ id }) => id);
  return {
    total: snippets.length,
    agree: snippets.length - differing.length,
    atExit: idsOf(({ atExit }) => atExit),
    differing,
    left: idsOf(({ left }) => left),
  };
}

interface Compared {
  readonly id: string;
  readonly difference?: Difference;
  readonly atExit: boolean;
  readonly left: boolean;
}

async function compareOne(shell: ShellKind, snippet: Snippet, limit: number): Promise<Compared> {
  const { id, code } = snippet;
  const ground = makeGround(snippet);
  try {
    const session = await runInPool(shell, code, ground, limit);
    const left = endLeft(ground) > 0;
    ground.renew();
    const reference = await runReference(shell, code, ground, limit);
    endLeft(ground);
    const isSame = ({ status, stdout }: { status: number | string; stdout: string }): boolean =>
      status === reference.status && stdout === reference.stdout;
    if (!session.error && isSame(session)) return { id, atExit: false, left };
    if (session.exited && isSame(session.exited)) return { id, atExit: true, left };
    return { id, difference: { id, code, reference, session }, atExit: false, left };
  } finally {
    ground.remove();
  }
}

/** Results in the order of the items. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}
