import { expect, test } from "@jest/globals";
import {
  addQuantities,
  canonicalQuantity,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
} from "../../src/kubernetes/quantity.ts";

test.each([
  ["1", 1, 1000],
  ["500m", 1, 500],
  ["1.5Gi", 1610612736, 1610612736000],
  ["100Mi", 104857600, 104857600000],
  ["2e3", 2000, 2_000_000],
  ["1E", 1e18, 2 ** 63],
  ["0.1", 1, 100],
  ["1n", 1, 1],
  [".5", 1, 500],
  ["-250m", -1, -250],
  [2, 2, 2000],
  [0.25, 1, 250],
])("%s is %d units and %d thousandths", (text, value, milli) => {
  expect(quantityValue(text)).toBe(value);
  expect(quantityMilliValue(text)).toBe(milli);
});

test.each(["", "abc", "1 Gi", "1gi", "1ki", "e3", "1e", ".", "1.2.3", "--1", "1Gi2"])("%p is no quantity", (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test.each([
  ["1000m", "1"],
  ["0.5", "500m"],
  ["1024Mi", "1Gi"],
  ["1500Mi", "1500Mi"],
  ["1.5Gi", "1536Mi"],
  ["0.5Gi", "512Mi"],
  ["512", "512"],
  ["1000", "1k"],
  ["10000k", "10M"],
  ["1e3", "1e3"],
  ["1000e3", "1e6"],
  ["0", "0"],
  ["0Gi", "0"],
  ["1.1Ki", "1126400m"],
])("%s is printed as %s", (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});

test("a sum keeps the format of its first part", () => {
  const [a, b] = [parseQuantity("1Gi"), parseQuantity("1024k")];
  expect(a && b && formatQuantity(addQuantities(a, b))).toBe("1049576Ki");
});
