import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { rehearseLoadBalancer } from "../../../src/commands/rehearse-loadbalancer.ts";

const folder = new URL("../../conformance/loadbalancer-multiple/", import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8"))] as const);

// Recorded from cloud-provider-azure v1.35.3 with an in-memory Azure; see the folder's README.
test.each(cases)("%s", (_, { input, expected }) => {
  expect(rehearseLoadBalancer({ input })).toEqual(expected);
});

const drawn = readFileSync(new URL("random.jsonl", folder), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

test.each(drawn.map((one) => [one.description, one] as const))("%s", (_, { input, expected }) => {
  expect(rehearseLoadBalancer({ input })).toEqual(expected);
});

test("all recorded cases are there", () => {
  expect([cases.length, drawn.length]).toEqual([45, 60]);
});
