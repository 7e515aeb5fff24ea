import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { rehearseLoadBalancer } from "../../../src/commands/rehearse-loadbalancer.ts";

const folder = new URL("../../conformance/loadbalancer/", import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8"))] as const);

// Recorded from cloud-provider-azure v1.35.3.
test.each(cases)("%s", (_, { input, expected }) => {
  expect(rehearseLoadBalancer({ input })).toEqual(expected);
});

test("all recorded cases are there", () => {
  expect(cases.length).toBe(71);
});

const further = gunzipSync(readFileSync(new URL("further.jsonl.gz", folder)))
  .toString("utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .map(({ name, input, expected }) => [name, { input, expected }] as const);

// Every annotation, good and bad values, dual stack, several Services, changing nodes; recorded likewise.
test.each(further)("%s", (_, { input, expected }) => {
  expect(rehearseLoadBalancer({ input })).toEqual(expected);
});
