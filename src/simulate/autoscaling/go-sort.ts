/** Whether the first must come before the second. */
type Less<Item> = (first: Item, second: Item) => boolean;

const FEW = 12;
const MANY = 50;
const MOST_SWAPS = 12;
const MOST_STEPS = 5;

/**
 * Sorts in place exactly as Go's `sort.Sort` and `sort.Slice` do: equal items end in an order of their own, which decides what the
 * autoscaler looks at first. Source: Go 1.24 `sort/zsortfunc.go` (pattern-defeating quicksort).
 */
export const goSort = <Item>(items: Item[], less: Less<Item>): Item[] => {
  new Sorter(items, less).sort(0, items.length, bitLength(items.length));
  return items;
};

const bitLength = (value: number): number => 32 - Math.clz32(value);

class Sorter<Item> {
  readonly #items: Item[];
  readonly #comesFirst: Less<Item>;
  #swaps = 0;

  constructor(items: Item[], comesFirst: Less<Item>) {
    this.#items = items;
    this.#comesFirst = comesFirst;
  }

  sort(from: number, to: number, badPivotsAllowed: number): void {
    let [start, end, limit] = [from, to, badPivotsAllowed];
    let wasBalanced = true;
    let wasPartitioned = true;
    while (true) {
      const length = end - start;
      if (length <= FEW) {
        this.#insertionSort(start, end);
        return;
      }
      if (limit === 0) {
        this.#heapSort(start, end);
        return;
      }
      if (!wasBalanced) {
        this.#breakPatterns(start, end);
        limit -= 1;
      }
      let pivot = this.#choosePivot(start, end);
      let looksSorted = this.#swaps === 0;
      if (this.#swaps === MOST_SWAPS) {
        this.#reverse(start, end);
        pivot = end - 1 - (pivot - start);
        looksSorted = true;
      }
      if (wasBalanced && wasPartitioned && looksSorted && this.#finishSorted(start, end)) return;
      if (start > 0 && !this.#less(start - 1, pivot)) {
        start = this.#splitEqual(start, end, pivot);
        continue;
      }
      const { middle, wasSplit } = this.#split(start, end, pivot);
      wasPartitioned = wasSplit;
      const left = middle - start;
      const right = end - middle;
      wasBalanced = Math.min(left, right) >= Math.floor(length / 8);
      if (left < right) {
        this.sort(start, middle, limit);
        start = middle + 1;
      } else {
        this.sort(middle + 1, end, limit);
        end = middle;
      }
    }
  }

  #at(index: number): Item {
    return this.#items[index] as Item;
  }

  #less(first: number, second: number): boolean {
    return this.#comesFirst(this.#at(first), this.#at(second));
  }

  #swap(first: number, second: number): void {
    const kept = this.#at(first);
    this.#items[first] = this.#at(second);
    this.#items[second] = kept;
  }

  #insertionSort(start: number, end: number): void {
    for (let index = start + 1; index < end; index += 1) {
      for (let place = index; place > start && this.#less(place, place - 1); place -= 1) this.#swap(place, place - 1);
    }
  }

  #heapSort(start: number, end: number): void {
    const length = end - start;
    for (let root = Math.floor((length - 1) / 2); root >= 0; root -= 1) this.#siftDown(root, length, start);
    for (let last = length - 1; last >= 0; last -= 1) {
      this.#swap(start, start + last);
      this.#siftDown(0, last, start);
    }
  }

  #siftDown(from: number, length: number, start: number): void {
    let root = from;
    while (2 * root + 1 < length) {
      let child = 2 * root + 1;
      if (child + 1 < length && this.#less(start + child, start + child + 1)) child += 1;
      if (!this.#less(start + root, start + child)) return;
      this.#swap(start + root, start + child);
      root = child;
    }
  }

  /** Puts what is less than the pivot before it and the rest behind. */
  #split(start: number, end: number, pivot: number): { readonly middle: number; readonly wasSplit: boolean } {
    this.#swap(start, pivot);
    let [low, high] = this.#narrow(start + 1, end - 1, start);
    if (low > high) {
      this.#swap(high, start);
      return { middle: high, wasSplit: true };
    }
    while (low <= high) {
      this.#swap(low, high);
      [low, high] = this.#narrow(low + 1, high - 1, start);
    }
    this.#swap(high, start);
    return { middle: high, wasSplit: false };
  }

  #narrow(from: number, to: number, pivot: number): readonly [number, number] {
    let [low, high] = [from, to];
    while (low <= high && this.#less(low, pivot)) low += 1;
    while (low <= high && !this.#less(high, pivot)) high -= 1;
    return [low, high];
  }

  /** Puts what equals the pivot first; nothing is less than it. */
  #splitEqual(start: number, end: number, pivot: number): number {
    this.#swap(start, pivot);
    let [low, high] = [start + 1, end - 1];
    while (true) {
      while (low <= high && !this.#less(start, low)) low += 1;
      while (low <= high && this.#less(start, high)) high -= 1;
      if (low > high) return low;
      this.#swap(low, high);
      low += 1;
      high -= 1;
    }
  }

  /** Puts the few items right that are out of order; whether all are in order then. */
  #finishSorted(start: number, end: number): boolean {
    let index = start + 1;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      while (index < end && !this.#less(index, index - 1)) index += 1;
      if (index === end) return true;
      if (end - start < MANY) return false;
      this.#swap(index, index - 1);
      if (index - start >= 2) {
        for (let place = index - 1; place >= 1 && this.#less(place, place - 1); place -= 1)
          this.#swap(place, place - 1);
      }
      if (end - index >= 2) {
        for (let place = index + 1; place < end && this.#less(place, place - 1); place += 1) {
          this.#swap(place, place - 1);
        }
      }
    }
    return false;
  }

  /** Scatters three items in the middle, so that an adverse order does not go on. */
  #breakPatterns(start: number, end: number): void {
    const length = end - start;
    let random = BigInt(length);
    const mask = BigInt(2 ** bitLength(length) - 1);
    const middle = start + Math.floor(length / 4) * 2;
    for (let index = middle - 1; index <= middle + 1; index += 1) {
      random ^= BigInt.asUintN(64, random << 13n);
      random ^= random >> 7n;
      random ^= BigInt.asUintN(64, random << 17n);
      const other = Number(random & mask);
      this.#swap(index, start + (other >= length ? other - length : other));
    }
  }

  #choosePivot(start: number, end: number): number {
    const quarter = Math.floor((end - start) / 4);
    let [low, middle, high] = [start + quarter, start + quarter * 2, start + quarter * 3];
    this.#swaps = 0;
    if (end - start >= MANY) {
      low = this.#median(low - 1, low, low + 1);
      middle = this.#median(middle - 1, middle, middle + 1);
      high = this.#median(high - 1, high, high + 1);
    }
    return this.#median(low, middle, high);
  }

  #median(first: number, second: number, third: number): number {
    const [low, middle] = this.#ordered(first, second);
    const [smaller] = this.#ordered(middle, third);
    return this.#ordered(low, smaller)[1];
  }

  #ordered(first: number, second: number): readonly [number, number] {
    if (!this.#less(second, first)) return [first, second];
    this.#swaps += 1;
    return [second, first];
  }

  #reverse(start: number, end: number): void {
    for (let low = start, high = end - 1; low < high; low += 1, high -= 1) this.#swap(low, high);
  }
}
