import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { readCluster } from "../../../src/simulate/scheduler/cluster-input.ts";
import { Dice } from "./random-cluster.ts";
import { decisionsOn, parseObjects, readText, recordedCases } from "./recorded-case.ts";

const node = (more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1", labels: { "kubernetes.io/hostname": "n1" } },
  ...{ status: { allocatable: { cpu: "2", memory: "4Gi", pods: "10" } }, ...more },
});

const pod = (spec: object): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default", labels: { app: "p" } },
  ...{ spec: { containers: [{ name: "c" }], ...spec } },
});

const requesting = (requests: object) => pod({ containers: [{ name: "c", resources: { requests } }] });
const affinity = (labelSelector: object, topologyKey = "kubernetes.io/hostname") =>
  pod({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }] } },
  });

test.each([
  ["a negative request", [node(), requesting({ cpu: "-1" })], "AKS9604", "scheduled"],
  ["a request that is no quantity", [node(), requesting({ cpu: "lots" })], "AKS9604", "scheduled"],
  ["an exponent beyond reason", [node(), requesting({ cpu: "1e999999999" })], "AKS9604", "scheduled"],
  ["a request for everything there is", [node(), requesting({ memory: "9999999E" })], undefined, "unschedulable"],
  ["a node without allocatable", [node({ status: {} }), pod({})], "AKS9605", "unschedulable"],
  [
    "an unreadable selector",
    [node(), affinity({ matchExpressions: [{ key: "a", operator: "Near" }] })],
    "AKS9606",
    "unschedulable",
  ],
  ["a topology key on no node", [node(), affinity({ matchLabels: { app: "p" } }, "rack")], "AKS9607", "unschedulable"],
  ["a field of the wrong type", [node(), pod({ tolerations: "all" })], "AKS9604", "scheduled"],
  ["an object given twice", [node(), node(), pod({})], "AKS9601", "scheduled"],
])("%s is told of, and the pod is still decided about", (_, objects, code, result) => {
  const codes = readCluster(objects).diagnostics.map((each) => each.code);
  expect(codes).toEqual(code === undefined ? [] : [code]);
  const decisions = decisionsOn(objects, {}, "fast").map((line) => JSON.parse(line) as { readonly result: string });
  expect(decisions.map((each) => each.result)).toEqual([result]);
});

const junk = [null, 0, -1, 1e300, "", "x", "-5", true, [], {}, [null], { a: null }, [[1]]];

/** A copy in which some values have become something else. */
const spoiled = (value: unknown, dice: Dice): unknown => {
  if (dice.below(60) === 0) return dice.pick(junk);
  if (Array.isArray(value)) return value.map((each) => spoiled(each, dice));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === "name" ? each : spoiled(each, dice)]),
  );
};

test("no spoiled input makes the scheduler fail or hang", () => {
  const cases = recordedCases().filter((each) => each.name.startsWith("named/"));
  let decided = 0;
  for (const [seed, each] of cases.entries()) {
    const dice = new Dice(seed + 1);
    const objects = parseObjects(readText(each.input));
    for (let round = 0; round < 12; round++) {
      const broken = objects
        .map((object) => ({
          ...(spoiled(object, dice) as object),
          kind: object.kind,
          metadata: { ...object.metadata },
        }))
        .map((object) => object as unknown as KubeObject);
      decided += decisionsOn(broken, each.options, round % 2 === 0 ? "fast" : "reference").length;
    }
  }
  expect(decided).toBeGreaterThan(500);
});
