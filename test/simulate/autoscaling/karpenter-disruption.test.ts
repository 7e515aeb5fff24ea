import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import {
  allowedDisruptions,
  isNotToBeDisrupted,
  savingsRatio,
} from "../../../src/simulate/autoscaling/karpenter-disruption.ts";
import { readNodePool } from "../../../src/simulate/autoscaling/karpenter-node-pool.ts";

const HOUR = 3_600_000;

const pool = (budgets?: readonly object[]) =>
  readNodePool({
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name: "p" },
    spec: { disruption: budgets === undefined ? {} : { budgets } },
  } as unknown as KubeObject);

/** A schedule's times are whole hours of a number: `9` is 9 o'clock each day. */
const nextTime = (schedule: string, after: number): number | undefined => {
  const at = Number(schedule) * HOUR;
  if (Number.isNaN(at)) return undefined;
  const day = Math.floor((after - at) / (24 * HOUR)) + 1;
  return at + day * 24 * HOUR;
};

const allowed = (budgets: readonly object[] | undefined, nodes: number, disrupting = 0, now = 0): number =>
  allowedDisruptions(pool(budgets), "Empty", { nodes, disrupting }, nextTime, now);

test.each<readonly [string, readonly object[] | undefined, number, number, number]>([
  ["a tenth where nothing is said", undefined, 20, 0, 2],
  ["shares are rounded up", undefined, 1, 0, 1],
  ["what is disrupted counts", undefined, 20, 1, 1],
  ["never less than none", [{ nodes: "1" }], 20, 5, 0],
  ["counts as they are", [{ nodes: "5" }], 20, 0, 5],
  ["none", [{ nodes: "0" }], 20, 0, 0],
  ["all", [{ nodes: "100%" }], 20, 0, 20],
  ["the least of several", [{ nodes: "5" }, { nodes: "10%" }], 20, 0, 2],
  ["those of other reasons aside", [{ nodes: "0", reasons: ["Drifted"] }, { nodes: "3" }], 20, 0, 3],
  ["those of this one among others", [{ nodes: "0", reasons: ["Drifted", "Empty"] }, { nodes: "3" }], 20, 0, 0],
  ["without a budget all", [], 20, 0, Number.POSITIVE_INFINITY],
  ["nothing where it cannot be read", [{ nodes: "ten" }], 20, 0, 0],
])("budgets: %s", (_, budgets, nodes, disrupting, expected) => {
  expect(allowed(budgets, nodes, disrupting)).toBe(expected);
});

test.each([
  ["before it begins", 8, Number.POSITIVE_INFINITY],
  ["at its beginning", 9, 0],
  ["while it lasts", 12, 0],
  ["at its end", 17, Number.POSITIVE_INFINITY],
  ["after it", 18, Number.POSITIVE_INFINITY],
])("a budget from 9 for eight hours: %s", (_, hour, expected) => {
  expect(allowed([{ nodes: "0", schedule: "9", duration: "8h" }], 10, 0, hour * HOUR)).toBe(expected);
});

test("a schedule that cannot be read blocks", () => {
  expect(allowed([{ nodes: "5", schedule: "x", duration: "1h" }], 10)).toBe(0);
});

const pod = (parts: { readonly annotations?: Record<string, string>; readonly priority?: number } = {}): Pod =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", annotations: parts.annotations },
    spec: { containers: [], priority: parts.priority },
  }) as unknown as Pod;

test("what is dear and holds little goes first", () => {
  expect(savingsRatio(2, [])).toBe(2);
  expect(savingsRatio(2, [pod()])).toBe(1);
  expect(savingsRatio(2, [pod({ priority: 2 ** 25 })])).toBeCloseTo(2 / 3);
  expect(savingsRatio(2, [pod({ priority: -(2 ** 30) })])).toBe(2);
  const cost = { "controller.kubernetes.io/pod-deletion-cost": String(2 ** 27) };
  expect(savingsRatio(3, [pod({ annotations: cost })])).toBe(1);
});

test("a pod says that it is not to be disrupted", () => {
  expect(isNotToBeDisrupted(pod({ annotations: { "karpenter.sh/do-not-disrupt": "true" } }))).toBe(true);
  expect(isNotToBeDisrupted(pod())).toBe(false);
});
