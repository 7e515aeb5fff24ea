import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { goSort } from "../../../src/simulate/autoscaling/go-sort.ts";

/** What Go's `sort.Slice` made of these keys. */
const recorded: readonly { readonly keys: readonly number[]; readonly order: readonly number[] }[] = JSON.parse(
  readFileSync(new URL("go-sort.json", import.meta.url), "utf8"),
);

describe("goSort", () => {
  it("leaves equal items in the order that Go leaves them in", () => {
    for (const { keys, order } of recorded) {
      const sorted = goSort(
        keys.map((key, index) => ({ key, index })),
        (first, second) => first.key < second.key,
      );
      expect(sorted.map(({ index }) => index)).toEqual(order);
    }
  });

  it("keeps the order of few or only equal items", () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    expect(goSort([...items], () => false)).toEqual(items);
    expect(goSort([3, 1, 2], (first, second) => first < second)).toEqual([1, 2, 3]);
  });
});
