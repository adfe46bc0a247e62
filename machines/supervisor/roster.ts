import type { Child, ChildCounts, Roster } from './types.ts';

/** Children to a chunk: changing one copies its chunk and the list of chunks, at 10,000 children as at 10. */
const chunkSize = 64;

/** Children to a bucket of the index, at most and on average. */
const bucketSize = 8;

const nobody: Roster = { chunks: [], index: [[]], size: 0, specs: 0, supervisors: 0, active: 0, alive: 0, killed: 0 };

/** A roster of these, in this order. */
export function rosterOf(children: readonly Child[]): Roster {
  const chunks = Array.from({ length: Math.ceil(children.length / chunkSize) }, (_, index) =>
    children.slice(index * chunkSize, (index + 1) * chunkSize),
  );
  const index: number[][] = Array.from({ length: bucketsFor(children.length) }, () => []);
  let counts: Omit<Roster, 'chunks' | 'index' | 'size'> = nobody;
  children.forEach((child, place) => {
    index[hash(child.id) % index.length]?.push(place);
    counts = recounted(counts, undefined, child);
  });
  return { ...nobody, ...counts, chunks, index, size: children.length };
}

/** The child with this id. */
export function childOf(roster: Roster, id: string): Child | undefined {
  const place = placeOf(roster, id);
  return place === undefined ? undefined : at(roster, place);
}

/** All children, in start order. */
export function* childrenOf(roster: Roster): Generator<Child> {
  for (const chunk of roster.chunks) for (const child of chunk) if (child) yield child;
}

/** How many there are. */
export function countsOf({ specs, active, supervisors }: Roster): ChildCounts {
  return { specs, active, supervisors, workers: specs - supervisors };
}

/** Which crew is to host the child that is added at this place. */
export function crewAt(place: number): number {
  return Math.floor(place / chunkSize);
}

/** The roster with this child in the place of its former self, or last. */
export function withChild(roster: Roster, child: Child): Roster {
  const place = placeOf(roster, child.id);
  if (place !== undefined) return put(roster, place, child);
  if (roster.size >= roster.index.length * bucketSize) return rosterOf([...childrenOf(roster), child]);
  const index = roster.index.with(bucketOf(roster, child.id), [...bucket(roster, child.id), roster.size]);
  return put({ ...roster, index, size: roster.size + 1 }, roster.size, child);
}

/** The roster without this child. */
export function withoutChild(roster: Roster, id: string): Roster {
  const place = placeOf(roster, id);
  if (place === undefined) return roster;
  const index = roster.index.with(
    bucketOf(roster, id),
    bucket(roster, id).filter((other) => other !== place),
  );
  const without = put({ ...roster, index }, place, undefined);
  const isSparse = without.size > chunkSize && without.size > 2 * without.specs;
  return isSparse ? rosterOf([...childrenOf(without)]) : without;
}

/** Whether a child has an actor. */
export function isAlive({ state }: Child): boolean {
  return state === 'starting' || state === 'running' || state === 'stopping' || state === 'killed';
}

function put(roster: Roster, place: number, child: Child | undefined): Roster {
  const number = Math.floor(place / chunkSize);
  const chunk = [...(roster.chunks[number] ?? [])];
  const before = chunk[place % chunkSize];
  chunk[place % chunkSize] = child;
  const chunks = number < roster.chunks.length ? roster.chunks.with(number, chunk) : [...roster.chunks, chunk];
  return { ...roster, ...recounted(roster, before, child), chunks };
}

function recounted(counts: Omit<Roster, 'chunks' | 'index' | 'size'>, before?: Child, after?: Child) {
  const change = (counted: (child: Child) => boolean): number =>
    Number(after !== undefined && counted(after)) - Number(before !== undefined && counted(before));
  return {
    specs: counts.specs + change(() => true),
    supervisors: counts.supervisors + change(({ type }) => type === 'supervisor'),
    active: counts.active + change(({ up }) => up),
    alive: counts.alive + change(isAlive),
    killed: counts.killed + change(({ state }) => state === 'killed'),
  };
}

function at({ chunks }: Roster, place: number): Child | undefined {
  return chunks[Math.floor(place / chunkSize)]?.[place % chunkSize];
}

function placeOf(roster: Roster, id: string): number | undefined {
  return bucket(roster, id).find((place) => at(roster, place)?.id === id);
}

function bucket(roster: Roster, id: string): readonly number[] {
  return roster.index[bucketOf(roster, id)] ?? [];
}

function bucketOf({ index }: Roster, id: string): number {
  return hash(id) % index.length;
}

/** Room to grow, so that adding one by one rebuilds only each time that the number has doubled. */
function bucketsFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, (2 * count) / bucketSize)));
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
