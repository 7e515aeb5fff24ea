import { type Millis, millis } from "../model/quantity.ts";

/** The clock of a simulation: what is to happen, in order of time, then priority (small first), then the order it was asked for. */
export interface EventQueue {
  readonly now: Millis;
  /** Events that wait. */
  readonly size: number;
  /** Time of the next event. */
  readonly next: Millis | undefined;
  /** Calls `run` after `delay`; the function returned takes it back. */
  schedule(delay: Millis, priority: number, label: string, run: () => void): () => void;
  /** Runs the next event; false when there is none. */
  step(): boolean;
  /** Runs all events up to and including `end`, and sets the clock there. */
  runUntil(end: Millis): void;
}

interface Event {
  readonly at: number;
  readonly priority: number;
  readonly order: number;
  readonly label: string;
  run: (() => void) | undefined;
}

/** A binary heap of events; an event taken back stays in the heap as an empty one. */
export const createEventQueue = (start: Millis = millis(0)): EventQueue => {
  const heap: Event[] = [];
  let now = start;
  let order = 0;
  let waiting = 0;

  const take = (): Event | undefined => {
    for (;;) {
      const event = pop(heap);
      if (event === undefined || event.run !== undefined) return event;
    }
  };

  const peek = (): Event | undefined => {
    while (heap[0] !== undefined && heap[0].run === undefined) pop(heap);
    return heap[0];
  };

  const step = (): boolean => {
    const event = take();
    if (event === undefined) return false;
    waiting--;
    now = millis(event.at);
    event.run?.();
    return true;
  };

  return {
    get now() {
      return now;
    },
    get size() {
      return waiting;
    },
    get next() {
      const event = peek();
      return event === undefined ? undefined : millis(event.at);
    },
    schedule: (delay, priority, label, run) => {
      const event: Event = { at: now + Math.max(0, delay), priority, order: order++, label, run };
      push(heap, event);
      waiting++;
      return () => {
        if (event.run === undefined) return;
        event.run = undefined;
        waiting--;
      };
    },
    step,
    runUntil: (end) => {
      for (let event = peek(); event !== undefined && event.at <= end; event = peek()) step();
      if (end > now) now = end;
    },
  };
};

const before = (a: Event, b: Event): boolean =>
  a.at !== b.at ? a.at < b.at : a.priority !== b.priority ? a.priority < b.priority : a.order < b.order;

const push = (heap: Event[], event: Event): void => {
  let place = heap.length;
  heap.push(event);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent] as Event;
    if (!before(event, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = event;
};

const pop = (heap: Event[]): Event | undefined => {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    const right = child + 1;
    if (right < heap.length && before(heap[right] as Event, heap[child] as Event)) child = right;
    const below = heap[child] as Event;
    if (!before(below, last)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = last;
  return top;
};
