import { type Cidr, containsIp, formatIp, parseIp, sizeOf } from "../../azure/cidr.ts";

/**
 * The addresses of one range, handed out lowest first as Azure does. `keepFirst` and `keepLast` addresses at the ends are never given:
 * 4 and 1 in a subnet. A range past 2^52 addresses counts as that many.
 */
export class AddressPool {
  readonly range: Cidr;
  readonly usable: number;
  readonly #keepFirst: number;
  /** Offsets from here on were never handed out. */
  #next = 0;
  readonly #released: number[] = [];
  readonly #taken = new Set<number>();

  constructor(range: Cidr, keepFirst = 4, keepLast = 1) {
    this.range = range;
    this.#keepFirst = keepFirst;
    this.usable = Math.max(0, Math.min(sizeOf(range), 2 ** 52) - keepFirst - keepLast);
  }

  get used(): number {
    return this.#taken.size;
  }

  get free(): number {
    return this.usable - this.#taken.size;
  }

  /** The lowest free address, or `undefined` when none is left. */
  take(): string | undefined {
    const offset = this.#lowestFree();
    if (offset === undefined) return undefined;
    this.#taken.add(offset);
    return this.#text(offset);
  }

  /** `count` addresses, or none where fewer are left. */
  takeMany(count: number): readonly string[] | undefined {
    if (count > this.free) return undefined;
    const taken: string[] = [];
    for (let index = 0; index < count; index++) {
      const address = this.take();
      if (address !== undefined) taken.push(address);
    }
    return taken;
  }

  /** Gives an address back. */
  release(address: string): void {
    const parsed = parseIp(address);
    if (parsed === undefined || !containsIp(this.range, parsed)) return;
    const offset = Number(parsed.value - this.range.first) - this.#keepFirst;
    if (this.#taken.delete(offset)) pushHeap(this.#released, offset);
  }

  #lowestFree(): number | undefined {
    return popHeap(this.#released) ?? (this.#next < this.usable ? this.#next++ : undefined);
  }

  #text(offset: number): string {
    return formatIp({ family: this.range.family, value: this.range.first + BigInt(this.#keepFirst + offset) });
  }
}

/** Blocks of one length within a range, handed out lowest first: a /24 a node in overlay and kubenet, a /28 in static block mode. */
export class BlockPool {
  readonly total: number;
  readonly #range: Cidr;
  readonly #length: number;
  #next = 0;
  readonly #released: number[] = [];
  readonly #taken = new Set<number>();

  constructor(range: Cidr, length: number, most = Number.POSITIVE_INFINITY) {
    this.#range = range;
    this.#length = length;
    this.total = length < range.length ? 0 : Math.min(2 ** Math.min(52, length - range.length), most);
  }

  get used(): number {
    return this.#taken.size;
  }

  get free(): number {
    return this.total - this.#taken.size;
  }

  /** The lowest free block as a range, or `undefined` when none is left. */
  take(): Cidr | undefined {
    const index = popHeap(this.#released) ?? (this.#next < this.total ? this.#next++ : undefined);
    if (index === undefined) return undefined;
    this.#taken.add(index);
    const bits = BigInt((this.#range.family === 4 ? 32 : 128) - this.#length);
    const first = this.#range.first + (BigInt(index) << bits);
    return { family: this.#range.family, first, last: first + (1n << bits) - 1n, length: this.#length, exact: true };
  }

  release(block: Cidr): void {
    const bits = BigInt((this.#range.family === 4 ? 32 : 128) - this.#length);
    const index = Number((block.first - this.#range.first) >> bits);
    if (this.#taken.delete(index)) pushHeap(this.#released, index);
  }
}

const pushHeap = (heap: number[], value: number): void => {
  let index = heap.push(value) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] ?? 0;
    if (above <= value) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = value;
};

const popHeap = (heap: number[]): number | undefined => {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && right < (heap[child] ?? 0)) child++;
    const value = heap[child] ?? 0;
    if (value >= last) break;
    heap[index] = value;
    index = child;
  }
  heap[index] = last;
  return top;
};
