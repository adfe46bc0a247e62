/** The same `amount` of items each time, spread over all of them. */
export function sampleOf<Item>(items: readonly Item[], amount: number, seed = 1): Item[] {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  const keyed = items.map((item) => ({ item, key: next() }));
  return keyed
    .toSorted((one, other) => one.key - other.key)
    .slice(0, amount)
    .map(({ item }) => item);
}
