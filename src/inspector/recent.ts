import type { Happened } from './protocol.ts';

/** How many of each are remembered for those who come late. */
const kept = { messages: 300, turns: 1_000, spans: 1_000, samples: 3_000 } as const;

type Kind = keyof typeof kept;

const kinds = Object.keys(kept) as Kind[];

/** What happened before, as far as it is remembered. */
export class Recent {
  readonly #lists: { [K in Kind]: Happened[K][number][] } = { messages: [], turns: [], spans: [], samples: [] };

  add(happened: Happened): void {
    for (const kind of kinds) {
      const list: unknown[] = this.#lists[kind];
      list.push(...happened[kind]);
      if (list.length > kept[kind]) list.splice(0, list.length - kept[kind]);
    }
  }

  get all(): Happened {
    return { ...this.#lists, steps: [], omitted: { messages: 0, steps: 0, turns: 0, spans: 0 } };
  }

  clear(): void {
    for (const kind of kinds) this.#lists[kind].length = 0;
  }
}
