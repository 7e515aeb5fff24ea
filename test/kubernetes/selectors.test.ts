import { expect, test } from "@jest/globals";
import {
  compileLabelSelector,
  compileNodeSelector,
  compileRequiredNodeAffinity,
} from "../../src/kubernetes/selectors.ts";

const expression = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });

test.each([
  ["an absent selector matches nothing", undefined, { app: "web" }, false],
  ["an empty selector matches everything", {}, undefined, true],
  ["labels that are equal match", { matchLabels: { app: "web" } }, { app: "web", tier: "a" }, true],
  ["a missing label does not match", { matchLabels: { app: "web" } }, {}, false],
  ["NotIn matches a missing label", { matchExpressions: [expression("app", "NotIn", "web")] }, {}, true],
  ["In takes one of its values", { matchExpressions: [expression("app", "In", "a", "b")] }, { app: "b" }, true],
  ["Exists needs the key", { matchExpressions: [expression("app", "Exists")] }, { app: "" }, true],
  ["DoesNotExist needs its absence", { matchExpressions: [expression("app", "DoesNotExist")] }, { app: "" }, false],
  ["inherited properties are no labels", { matchExpressions: [expression("constructor", "Exists")] }, {}, false],
])("%s", (_name, selector, labels, expected) => {
  expect(compileLabelSelector(selector).matches(labels)).toBe(expected);
});

test.each([
  ["In without values", expression("app", "In")],
  ["Gt in a label selector", expression("app", "Gt", "1")],
  ["an unknown operator", expression("app", "Like", "x")],
  ["a key with a space", expression("a b", "Exists")],
  ["a value with a slash", expression("app", "In", "a/b")],
])("%s cannot be read and matches nothing", (_name, requirement) => {
  const matcher = compileLabelSelector({ matchExpressions: [requirement] });
  expect(matcher.matches({ app: "x" })).toBe(false);
  expect(matcher.problem).toEqual(expect.any(String));
});

test.each([
  ["Gt compares integers", { matchExpressions: [expression("gen", "Gt", "4")] }, true],
  ["Lt compares integers", { matchExpressions: [expression("gen", "Lt", "4")] }, false],
  ["Gt does not match text", { matchExpressions: [expression("zone", "Gt", "4")] }, false],
  ["a field is the node's name", { matchFields: [expression("metadata.name", "In", "n1")] }, true],
  ["a field can be excluded", { matchFields: [expression("metadata.name", "NotIn", "n1")] }, false],
  ["an empty term matches nothing", {}, false],
])("%s", (_name, term, expected) => {
  const matcher = compileNodeSelector({ nodeSelectorTerms: [term] });
  expect(matcher.matches({ gen: "5", zone: "a" }, "n1")).toBe(expected);
});

test("a term that cannot be read does not spoil the others", () => {
  const terms = [
    { matchExpressions: [expression("a", "Near", "b")] },
    { matchExpressions: [expression("a", "Exists")] },
  ];
  const matcher = compileNodeSelector({ nodeSelectorTerms: terms });
  expect(matcher.matches({ a: "1" }, "n1")).toBe(true);
  expect(matcher.problem).toEqual(expect.any(String));
});

test("nodeSelector and required affinity must both hold", () => {
  const required = { nodeSelectorTerms: [{ matchExpressions: [expression("zone", "In", "1")] }] };
  const spec = {
    containers: [],
    nodeSelector: { os: "linux" },
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
  };
  const matcher = compileRequiredNodeAffinity(spec);
  expect(matcher?.matches({ os: "linux", zone: "1" }, "n")).toBe(true);
  expect(matcher?.matches({ os: "linux", zone: "2" }, "n")).toBe(false);
  expect(matcher?.matches({ zone: "1" }, "n")).toBe(false);
});
