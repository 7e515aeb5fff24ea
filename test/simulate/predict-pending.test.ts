import { expect, test } from "@jest/globals";
import { withoutUnknowable } from "../../src/simulate/predict-pending.ts";
import type { PendingPod } from "../../src/simulate/prediction.ts";

const pending = (reason: string): PendingPod => ({
  pod: "shop/web-0",
  owner: "Deployment/shop/web",
  reason,
  message: "0/3 nodes are available: 3 Insufficient cpu.",
  fixableBy: "",
  when: "always",
});

test("a pod that no known pool takes may run on a pool of unknown size", () => {
  const { pending: left, assumptions } = withoutUnknowable([pending("Unschedulable")], ["gpu"]);
  expect(left).toEqual([]);
  expect(assumptions[0]?.text).toContain("whether 1 pod that no other pool takes will run is not known");
});

test("a pod whose volume is refused stays Pending wherever it runs", () => {
  expect(withoutUnknowable([pending("ProvisioningFailed")], ["gpu"]).pending).toHaveLength(1);
});

test("without such a pool every Pending pod is told", () => {
  const given = [pending("Unschedulable")];
  expect(withoutUnknowable(given, []).pending).toBe(given);
});
