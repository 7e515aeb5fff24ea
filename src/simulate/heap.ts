/** Whether one item comes before another. */
export type Before<T> = (a: T, b: T) => boolean;

/** Puts an item into a binary heap held in a list. */
export const pushOn = <T>(heap: T[], item: T, before: Before<T>): void => {
  let place = heap.length;
  heap.push(item);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent] as T;
    if (!before(item, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = item;
};

/** Takes the first item off a heap. */
export const popFrom = <T>(heap: T[], before: Before<T>): T | undefined => {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    const right = child + 1;
    if (right < heap.length && before(heap[right] as T, heap[child] as T)) child = right;
    const below = heap[child] as T;
    if (!before(below, last)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = last;
  return top;
};
