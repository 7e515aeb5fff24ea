import { expect, test } from "@jest/globals";
import {
  allows,
  intersection,
  intersects,
  operatorOf,
  type Requirement,
  requirement,
  requirementText,
} from "../../../src/simulate/autoscaling/karpenter-requirement.ts";
import {
  conflictOf,
  incompatibility,
  joined,
  labelRequirements,
  requirementsOf,
} from "../../../src/simulate/autoscaling/karpenter-requirements.ts";

const key = "tier";
const of = (operator: string, ...values: string[]): Requirement => requirement(key, operator, values);

test.each<[Requirement, Requirement, string]>([
  [of("In", "a", "b"), of("In", "b", "c"), "tier In [b]"],
  [of("In", "a"), of("In", "b"), "tier DoesNotExist"],
  [of("In", "a", "b"), of("NotIn", "b"), "tier In [a]"],
  [of("In", "a"), of("Exists"), "tier In [a]"],
  [of("In", "a"), of("DoesNotExist"), "tier DoesNotExist"],
  [of("NotIn", "a"), of("NotIn", "b"), "tier NotIn [a, b]"],
  [of("NotIn", "a"), of("Exists"), "tier NotIn [a]"],
  [of("Exists"), of("Exists"), "tier Exists"],
  [of("Gt", "3"), of("Lt", "9"), "tier >= 4 <= 8"],
  [of("Gt", "8"), of("Lt", "9"), "tier DoesNotExist"],
  [of("Gte", "4"), of("Lte", "4"), "tier >= 4 <= 4"],
  [of("In", "2", "4", "8", "big"), of("Gt", "2"), "tier In [4, 8]"],
  [of("NotIn", "16", "64"), of("Lt", "32"), "tier NotIn [16] <= 31"],
])("intersection %#", (a, b, expected) => {
  expect(requirementText(intersection(a, b))).toBe(expected);
  expect(requirementText(intersection(b, a))).toBe(expected);
});

test("two requirements meet exactly where their intersection leaves a value", () => {
  const all = [
    of("In", "1", "5"),
    of("In", "a"),
    of("NotIn", "1"),
    of("NotIn", "a", "5"),
    of("Exists"),
    of("DoesNotExist"),
    of("Gt", "4"),
    of("Lt", "4"),
  ];
  for (const a of all)
    for (const b of all) expect(intersects(a, b)).toBe(operatorOf(intersection(a, b)) !== "DoesNotExist");
});

test("an intersection that takes nothing away is the first of the two itself", () => {
  const narrow = of("In", "a");
  expect(intersection(narrow, of("Exists"))).toBe(narrow);
  const base = requirementsOf([narrow]);
  expect(joined(base, [of("In", "a", "b")])).toBe(base);
});

test.each<[Requirement, string, boolean]>([
  [of("In", "a"), "a", true],
  [of("In", "a"), "b", false],
  [of("NotIn", "a"), "b", true],
  [of("Gt", "4"), "4", false],
  [of("Gt", "4"), "5", true],
  [of("Gt", "4"), "many", false],
  [of("DoesNotExist"), "a", false],
])("value %#", (given, value, expected) => {
  expect(allows(given, value)).toBe(expected);
});

test("older names of labels and the disk driver's zone stand for the present ones", () => {
  expect(requirement("beta.kubernetes.io/instance-type", "In", ["x"]).key).toBe("node.kubernetes.io/instance-type");
  const disk = requirement("topology.disk.csi.azure.com/zone", "In", [""]);
  expect(requirementText(disk)).toBe("topology.kubernetes.io/zone In [0]");
});

test("minValues keeps the larger of two", () => {
  const both = intersection(requirement(key, "Exists", [], 2), requirement(key, "Exists", [], 5));
  expect(both.minValues).toBe(5);
});

const have = requirementsOf([of("In", "gold"), requirement("size", "NotIn", ["s"])]);

test.each<[string, Requirement[], boolean, string | undefined]>([
  ["a label that is known with that value", [of("In", "gold")], false, undefined],
  ["a label with another value", [of("In", "tin")], false, "tier In [tin] does not go with tier In [gold]"],
  ["a label that is not known", [requirement("zone", "In", ["a"])], false, 'label "zone" is not known there'],
  ["NotIn of a label that is not known", [requirement("zone", "NotIn", ["a"])], false, undefined],
  ["absence of a label that is not known", [requirement("zone", "DoesNotExist")], false, undefined],
  [
    "a label that sizes bring, where that counts",
    [requirement("topology.kubernetes.io/zone", "In", ["a"])],
    true,
    undefined,
  ],
  [
    "a label that sizes bring, where it does not",
    [requirement("topology.kubernetes.io/zone", "In", ["a"])],
    false,
    'label "topology.kubernetes.io/zone" is not known there',
  ],
  ["a value that NotIn leaves", [requirement("size", "In", ["m"])], false, undefined],
  ["NotIn beside NotIn", [requirement("size", "NotIn", ["m"])], false, undefined],
])("%s", (_, asked, wellKnown, expected) => {
  expect(incompatibility(have, requirementsOf(asked), { wellKnown })).toBe(expected);
});

test("labels that only one side has are no conflict", () => {
  expect(conflictOf(have, labelRequirements({ other: "x" }))).toBeUndefined();
});
