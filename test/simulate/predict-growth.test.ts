import { expect, test } from "@jest/globals";
import type { DaemonSet } from "../../src/kubernetes/workloads.ts";
import { readPlatform } from "../../src/read-platform.ts";
import { PredictCluster } from "../../src/simulate/predict-cluster.ts";
import { addNodes, type GrowingPool } from "../../src/simulate/predict-growth.ts";
import { predictedPools } from "../../src/simulate/predict-pools.ts";
import { admissionClasses, createDaemonPods } from "../../src/simulate/predict-workloads.ts";
import { sampleInput } from "../support/samples.ts";

const daemon: DaemonSet = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "shop" },
  spec: {
    selector: { matchLabels: { app: "agent" } },
    template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "agent", image: "agent:1" }] } },
  },
};

test("each node has its own pod of a DaemonSet, also after a node in the middle has gone", () => {
  const cluster = readPlatform(sampleInput("samples/online-shop")).platform.clusters[0];
  const pool =
    cluster === undefined ? undefined : predictedPools(cluster, undefined).pools.find((each) => each.name === "user");
  if (pool === undefined) throw new Error("the sample has a pool user");
  const filling = new PredictCluster([]);
  const growing: GrowingPool = { pool, count: 0, nextIndex: 0, nodeNames: [] };
  const owners = new Map<string, string>();
  const daemonPods = createDaemonPods([daemon], admissionClasses([]), owners);
  addNodes(filling, growing, 3, daemonPods);
  filling.removeNode(growing.nodeNames[1] ?? "");
  addNodes(filling, growing, 2, daemonPods);
  expect([...filling.placed.values()].map(({ node }) => node).sort()).toEqual(
    filling.nodes.map(({ metadata }) => metadata.name).sort(),
  );
  expect(filling.placed.size).toBe(4);
  expect(new Set(owners.values())).toEqual(new Set(["DaemonSet/shop/agent"]));
});
