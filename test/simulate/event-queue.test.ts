import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { millis } from "../../src/model/quantity.ts";
import { createEventQueue } from "../../src/simulate/event-queue.ts";

test("events run in order of time, priority and the order they were asked for", () => {
  const queue = createEventQueue();
  const seen: string[] = [];
  const add = (delay: number, priority: number, label: string) =>
    queue.schedule(millis(delay), priority, label, () => seen.push(`${queue.now} ${label}`));
  add(10, 0, "later");
  add(5, 1, "b");
  add(5, 0, "a");
  add(5, 1, "c");
  add(7, 0, "taken back")();
  queue.runUntil(millis(6));
  expect([seen, queue.now, queue.size, queue.next]).toEqual([["5 a", "5 b", "5 c"], 6, 1, 10]);
  while (queue.step());
  expect(seen.at(-1)).toBe("10 later");
});

test("law: any mix of events runs sorted, and stably", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { maxLength: 200 }), (asked) => {
      const queue = createEventQueue();
      const ran: [number, number, number][] = [];
      asked.forEach(([delay, priority], order) => {
        queue.schedule(millis(delay), priority, "", () => ran.push([delay, priority, order]));
      });
      while (queue.step());
      const sorted = [...ran].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
      expect(ran).toEqual(sorted);
      expect(ran).toHaveLength(asked.length);
    }),
  );
});
