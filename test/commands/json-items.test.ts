import { expect, test } from "@jest/globals";
import { JsonItems } from "../../src/commands/json-items.ts";

const cut = (text: string, size: number) => {
  const items = new JsonItems();
  const bytes = Buffer.from(text);
  const found: unknown[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    for (const item of items.push(bytes.subarray(at, at + size))) found.push(JSON.parse(item));
  }
  return { found, isComplete: items.isComplete() };
};

const objects = [{ a: 1 }, { b: { c: ["}", '\\"]', "é"] } }, {}];
const list = JSON.stringify({ apiVersion: "v1", kind: "List", metadata: { x: {} }, items: objects, more: [{ no: 1 }] });

test.each([1, 2, 3, 7, 1000])("the items of a List are found in chunks of %d bytes", (size) => {
  expect(cut(list, size)).toEqual({ found: objects, isComplete: true });
});

test.each([1, 5, 1000])("the items of a bare array are found in chunks of %d bytes", (size) => {
  expect(cut(JSON.stringify(objects, undefined, 2), size)).toEqual({ found: objects, isComplete: true });
});

test("a text that breaks off is not complete", () => {
  expect(cut(list.slice(0, -3), 10).isComplete).toBe(false);
});
