import { expect, test } from "@jest/globals";
import { decisionsOn, parseObjects, profilesOf, readText, recordedCases } from "./recorded-case.ts";

const cases = recordedCases();

test("there are recordings to compare with", () => {
  expect(cases.length).toBeGreaterThan(100);
});

test.each(cases.map((each) => [each.name, each] as const))("%s is decided as kube-scheduler 1.35.4 does", (_, each) => {
  const objects = parseObjects(readText(each.input));
  const expected = readText(each.expected).trimEnd().split("\n");
  expect(decisionsOn(objects, each.options, "reference", profilesOf(each))).toEqual(expected);
  expect(decisionsOn(objects, each.options, "fast", profilesOf(each))).toEqual(expected);
});
