/** A list that takes so many and counts the rest: what is not taken is not kept. */
export class Bounded<Item> {
  readonly #limit: number;
  #items: Item[] = [];
  #omitted = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether another one fits; if not, it counts as omitted. Asked before an item is made. */
  takes(): boolean {
    if (this.#items.length < this.#limit) return true;
    this.#omitted++;
    return false;
  }

  push(item: Item): void {
    if (this.takes()) this.#items.push(item);
  }

  /** What it has; it is empty then. */
  take(): { items: Item[]; omitted: number } {
    const taken = { items: this.#items, omitted: this.#omitted };
    this.#items = [];
    this.#omitted = 0;
    return taken;
  }
}
