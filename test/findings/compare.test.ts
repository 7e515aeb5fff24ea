import { expect, test } from "@jest/globals";
import { compare, type Side, withStatus } from "../../src/findings/compare.ts";
import type { Prediction } from "../../src/simulate/prediction.ts";
import { pendingPod, poolPrediction, prediction, subnetPrediction } from "../support/prediction.ts";
import { finding, range } from "../support/report.ts";

const side = (predicted: Partial<Prediction>, findings: Side["findings"] = []): Side => ({
  world: { instances: [], objects: [], predictions: [prediction(predicted)] },
  findings,
});
const placed = (count: number, pool: string) =>
  Array.from({ length: count }, (_, index) => ({
    pod: `Pod/shop/cart-${index}`,
    owner: "Deployment/shop/cart",
    node: `${pool}-${index}`,
    pool,
  }));

test("nothing changed is one line", () => {
  const same = side({ placements: placed(3, "user"), pools: [poolPrediction("user")] }, [finding("AKS1001")]);
  expect(compare(same, same)).toMatchObject({ nothingChanged: true, summary: "Nothing changes.", behaviour: [] });
});

test("a finding is the same when only its line moved", () => {
  const base = side({}, [finding("AKS1001", { range: range("main.tf", 3) })]);
  const head = side({}, [finding("AKS1001", { range: range("main.tf", 90) }), finding("AKS4001")]);
  const { findings } = compare(base, head);
  expect([findings.new.map(({ code }) => code), findings.fixed, findings.unchanged]).toEqual([["AKS4001"], [], 1]);
  expect(withStatus(base.findings, head.findings).map(({ status }) => status)).toEqual(["unchanged", "new"]);
});

test("a finding that is gone is fixed", () => {
  const { findings, summary } = compare(side({}, [finding("AKS1001")]), side({}));
  expect(findings.fixed.map(({ code }) => code)).toEqual(["AKS1001"]);
  expect(summary).toBe("1 fixed.");
});

const rows: readonly (readonly [
  name: string,
  before: Partial<Prediction>,
  after: Partial<Prediction>,
  says: string,
  worse: boolean,
])[] = [
  [
    "pods that stay Pending",
    { placements: placed(3, "user") },
    { placements: placed(1, "user"), pending: [pendingPod("a"), pendingPod("b")] },
    "2 of 3 pods of Deployment/shop/cart stay Pending (0 before).",
    true,
  ],
  [
    "pods that move to another pool",
    { placements: placed(3, "user") },
    { placements: [...placed(1, "user"), ...placed(2, "spot")] },
    '2 of 3 pods of Deployment/shop/cart move: 3 on "user" → 2 on "spot", 1 on "user".',
    false,
  ],
  [
    "more pods",
    { placements: placed(3, "user") },
    { placements: placed(5, "user") },
    "Deployment/shop/cart: 3 → 5 pods.",
    false,
  ],
  [
    "a pool that grows",
    { pools: [poolPrediction("user")] },
    { pools: [poolPrediction("user", { max: 9, nodes: { initial: 3, predicted: { low: 3, high: 7 } } })] },
    'Pool "user": nodes 3 → 3–7, bounds 3..3 → 3..9.',
    false,
  ],
  [
    "a subnet that no longer fits",
    { subnets: [subnetPrediction("nodes")] },
    { subnets: [subnetPrediction("nodes", { reserved: 163, free: -12 })] },
    'Subnet "nodes": used 100 → 100, reserved 51 → 163, free 100 → -12 of 251.',
    true,
  ],
  [
    "a new public IP",
    {},
    { publicIps: [{ name: "web", purpose: "service", owner: "Service/shop/web", managed: true }] },
    "New public IP: web (service).",
    false,
  ],
];

test.each(rows)("%s", (_, before, after, says, worse) => {
  const { behaviour } = compare(side(before), side(after));
  expect(behaviour.map(({ summary }) => summary)).toEqual([says]);
  expect(behaviour[0]?.worse).toBe(worse);
});
