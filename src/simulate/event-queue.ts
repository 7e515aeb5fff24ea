import { type Millis, millis } from "../model/quantity.ts";
import { popFrom, pushOn } from "./heap.ts";

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
      const event = popFrom(heap, before);
      if (event === undefined || event.run !== undefined) return event;
    }
  };

  const peek = (): Event | undefined => {
    while (heap[0] !== undefined && heap[0].run === undefined) popFrom(heap, before);
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
      pushOn(heap, event, before);
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
