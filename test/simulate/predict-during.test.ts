import { expect, test } from "@jest/globals";
import type { AksCluster } from "../../src/azure/platform.ts";
import { readPlatform } from "../../src/read-platform.ts";
import { poolsOnTheWay } from "../../src/simulate/predict-during.ts";
import { sampleInput } from "../support/samples.ts";

const cluster = (): AksCluster => {
  const found = readPlatform(sampleInput("samples/online-shop")).platform.clusters[0];
  if (found === undefined) throw new Error("the sample has a cluster");
  return found;
};

const system = "azurerm_kubernetes_cluster.shop.default_node_pool";
const nodes = new Map([[system, 4]]);

test("nothing moves where nothing changes", () => {
  expect(poolsOnTheWay(cluster(), cluster(), nodes)).toEqual([]);
});

test("an upgrade brings surge nodes: a third of 4, rounded up", () => {
  const base = cluster();
  const head = { ...base, kubernetesVersion: "1.34" };
  expect(poolsOnTheWay(base, head, nodes)).toEqual([
    { address: system, kind: "upgrade", extraNodes: 2, because: "1.33 → 1.34" },
  ]);
});

test("a new VM size of a pool with a temporary name brings a second pool of its size", () => {
  const base = cluster();
  const pools = base.pools.map((pool) => (pool.isDefault ? { ...pool, vmSize: "Standard_D8ds_v5" } : pool));
  expect(poolsOnTheWay(base, { ...base, pools }, nodes)).toEqual([
    { address: system, kind: "rotate", extraNodes: 4, because: "vm_size changes" },
  ]);
});

test("a new VM size of a pool without one is left to the findings", () => {
  const base = cluster();
  const pools = base.pools.map((pool) => (pool.isDefault ? pool : { ...pool, vmSize: "Standard_D8ds_v5" }));
  expect(poolsOnTheWay(base, { ...base, pools }, nodes)).toEqual([]);
});
