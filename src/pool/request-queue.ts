/** What waits: higher priority first, first in first out within it. */
export interface Waiting {
  readonly priority: number;
}

/** An array read from a moving start, so that taking the first costs the same however many wait. */
class Lane<Item> {
  #items: (Item | undefined)[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  get first(): Item | undefined {
    return this.#items[this.#start];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  unshift(item: Item): void {
    if (this.#start === 0) this.#items.unshift(item);
    else this.#items[--this.#start] = item;
  }

  shift(): Item | undefined {
    const item = this.#items[this.#start];
    this.#items[this.#start++] = undefined;
    if (this.#start > 1024 && this.#start * 2 > this.#items.length) this.keep(() => true);
    return item;
  }

  keep(wanted: (item: Item) => boolean): void {
    this.#items = this.#items.slice(this.#start).filter((item) => wanted(item as Item));
    this.#start = 0;
  }
}

/** A queue with priorities in which taking, adding and cancelling cost the same however many wait. */
export class RequestQueue<Item extends Waiting> {
  /** By priority, the highest first. Nearly always there is one. */
  readonly #lanes: { priority: number; lane: Lane<Item> }[] = [];
  /** Cancelled, but still in their lanes: passed over when their turn comes, or swept when they are the most. */
  readonly #cancelled = new Set<Item>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Whose turn it is. */
  get first(): Item | undefined {
    for (const { lane } of this.#lanes) {
      while (lane.length > 0) {
        const item = lane.first as Item;
        if (!this.#cancelled.delete(item)) return item;
        lane.shift();
      }
    }
    return undefined;
  }

  push(item: Item): void {
    this.#length++;
    this.#laneOf(item.priority).push(item);
  }

  /** Back to the head of its priority. */
  unshift(item: Item): void {
    this.#length++;
    this.#laneOf(item.priority).unshift(item);
  }

  shift(): Item | undefined {
    for (const { lane } of this.#lanes) {
      while (lane.length > 0) {
        const item = lane.shift() as Item;
        if (this.#cancelled.delete(item)) continue;
        this.#length--;
        return item;
      }
    }
    return undefined;
  }

  /** Only for an item that waits. */
  cancel(item: Item): void {
    this.#length--;
    this.#cancelled.add(item);
    if (this.#cancelled.size <= this.#length + 1024) return;
    for (const { lane } of this.#lanes) lane.keep((other) => !this.#cancelled.has(other));
    this.#cancelled.clear();
  }

  #laneOf(priority: number): Lane<Item> {
    let index = 0;
    for (; index < this.#lanes.length; index++) {
      const entry = this.#lanes[index] as { priority: number; lane: Lane<Item> };
      if (entry.priority === priority) return entry.lane;
      if (entry.priority < priority) break;
    }
    const lane = new Lane<Item>();
    this.#lanes.splice(index, 0, { priority, lane });
    return lane;
  }
}
