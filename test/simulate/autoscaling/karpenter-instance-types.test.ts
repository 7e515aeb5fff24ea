import { expect, test } from "@jest/globals";
import { vmSizesFromSkuDump } from "../../../src/azure/sku-dump.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { instanceTypes } from "../../../src/simulate/autoscaling/karpenter-instance-types.ts";
import { type KarpenterNodeClass, readNodeClass } from "../../../src/simulate/autoscaling/karpenter-node-class.ts";
import { byWeight, readNodePool } from "../../../src/simulate/autoscaling/karpenter-node-pool.ts";
import { requirementText } from "../../../src/simulate/autoscaling/karpenter-requirement.ts";
import { nodePool } from "../../support/karpenter.ts";

const nodeClass = (spec: object = {}): KarpenterNodeClass =>
  readNodeClass({
    apiVersion: "karpenter.azure.com/v1beta1",
    kind: "AKSNodeClass",
    metadata: { name: "c" },
    spec,
  } as KubeObject);

const types = (spec: object = {}, location = "westeurope") =>
  instanceTypes({ location, nodeClass: nodeClass(spec), maxPods: 250, nodeResourceGroup: "MC_g_c_westeurope" });

const named = (name: string, spec: object = {}) => types(spec).find((type) => type.name === name);

test.each([
  ["Standard_D4s_v5", true],
  ["Standard_B2s", true],
  ["Standard_NC4as_T4_v3", true],
  // One vCPU, little memory, confidential, constrained, not on the provider's list, unknown GPU.
  ["Standard_DS1_v2", false],
  ["Standard_B2ats_v2", false],
  ["Standard_DC4as_v5", false],
  ["Standard_E8-4s_v5", false],
  ["Standard_E64is_v3", false],
  ["Standard_NP10s", false],
])("%s is taken: %s", (name, expected) => {
  expect(named(name) !== undefined).toBe(expected);
});

test("labels of a size", () => {
  const { requirements } = named("Standard_NC24ads_A100_v4") ?? { requirements: new Map() };
  const value = (key: string): string => [...(requirements.get(key)?.values ?? [])].join("|");
  expect(value("karpenter.azure.com/sku-family")).toBe("N");
  expect(value("karpenter.azure.com/sku-series")).toBe("NCads_v4");
  expect(value("karpenter.azure.com/sku-gpu-name")).toBe("A100");
  expect(value("karpenter.azure.com/sku-gpu-manufacturer")).toBe("nvidia");
  expect(value("karpenter.azure.com/sku-gpu-count")).toBe("1");
  expect(value("karpenter.azure.com/sku-cpu")).toBe("24");
  expect(value("kubernetes.azure.com/sku-memory")).toBe("225280");
  expect(value("topology.kubernetes.io/zone")).toBe("westeurope-1|westeurope-2|westeurope-3|0");
});

test("what pods may ask for: nominal memory less 7.5 %, the older reservation, and 750 MiB", () => {
  const type = named("Standard_D4s_v5");
  const mib = 1024 ** 2;
  expect(type?.allocatable.get("cpu")).toBe(3860);
  const nominal = 16 * 1024 * mib;
  const reserved = Math.trunc(1024 * (4 * 0.25 + 4 * 0.2 + 8 * 0.1)) + 750;
  expect(type?.allocatable.get("memory")).toBe(nominal - Math.ceil(nominal * 0.075) - reserved * mib);
  expect(type?.allocatable.get("pods")).toBe(250);
});

test.each<[string, object, string, boolean]>([
  ["Azure Linux has no image for older GPUs", { imageFamily: "AzureLinux" }, "Standard_NV12s_v3", false],
  ["and has one for newer", { imageFamily: "AzureLinux" }, "Standard_NC4as_T4_v3", true],
  ["AMD's driver is not installed by AKS", {}, "Standard_ND96isr_MI300X_v5", false],
  ["and need not be", { gpu: { mode: "None" } }, "Standard_ND96isr_MI300X_v5", true],
  ["local DNS needs four vCPUs", { localDNS: { mode: "Required" } }, "Standard_D2s_v5", false],
  ["artifact streaming knows no arm64", { artifactStreaming: { enabled: true } }, "Standard_D4ps_v5", false],
])("%s", (_, spec, name, expected) => {
  expect(named(name, spec) !== undefined).toBe(expected);
});

test("a region without zones has machines of the region alone", () => {
  const type = types({}, "West US").find(({ name }) => name === "Standard_D4s_v5");
  expect(type?.offerings.map(({ zone, capacityType }) => `${zone} ${capacityType}`)).toEqual(["0 on-demand", "0 spot"]);
});

test("a SKU dump of the region says which sizes there are, and in which zones", () => {
  const dump = [
    {
      resourceType: "virtualMachines",
      name: "Standard_D4s_v5",
      family: "standardDSv5Family",
      locationInfo: [{ location: "westeurope", zones: ["3", "1"] }],
      capabilities: [{ name: "vCPUs", value: "4" }],
    },
  ];
  const sizes = vmSizesFromSkuDump(dump);
  const found = instanceTypes({
    location: "westeurope",
    nodeClass: nodeClass(),
    maxPods: 30,
    nodeResourceGroup: "g",
    sizes,
  });
  expect(found.map(({ name }) => name)).toEqual(["Standard_D4s_v5"]);
  expect([...new Set(found[0]?.offerings.map(({ zone }) => zone))]).toEqual(["westeurope-1", "westeurope-3", "0"]);
});

test("defaults of a NodePool and of an AKSNodeClass", () => {
  const pool = nodePool("a");
  expect(pool.disruption).toEqual({
    policy: "WhenEmptyOrUnderutilized",
    after: 0,
    budgets: [{ nodes: "10%", reasons: undefined, schedule: undefined, duration: undefined }],
  });
  expect(pool.expireAfter).toBe(720 * 3_600_000);
  expect(nodeClass()).toMatchObject({
    imageFamily: "Ubuntu",
    osDiskSizeGb: 128,
    gpuDriver: true,
    localDns: "Disabled",
  });
});

test("a NodePool in full, and one of v1beta1", () => {
  const pool = nodePool(
    "a",
    {
      weight: 20,
      limits: { cpu: "10", memory: "64Gi", nodes: 5 },
      disruption: {
        consolidationPolicy: "WhenEmpty",
        consolidateAfter: "1m30s",
        budgets: [{ nodes: "0", schedule: "@daily", duration: "10m", reasons: ["Empty"] }],
      },
    },
    {
      expireAfter: "Never",
      taints: [{ key: "a", value: "b", effect: "NoSchedule" }],
      nodeClassRef: { group: "karpenter.azure.com", kind: "AKSNodeClass", name: "c" },
      requirements: [{ key: "karpenter.azure.com/sku-cpu", operator: "Lt", values: ["33"], minValues: 2 }],
    },
  );
  expect(pool.weight).toBe(20);
  expect([...pool.limits]).toEqual([
    ["cpu", 10_000],
    ["memory", 64 * 1024 ** 3],
    ["nodes", 5],
  ]);
  expect(pool.disruption).toMatchObject({ policy: "WhenEmpty", after: 90_000 });
  expect(pool.disruption.budgets).toEqual([{ nodes: "0", reasons: ["Empty"], schedule: "@daily", duration: 600_000 }]);
  expect(pool.expireAfter).toBeUndefined();
  expect(pool.nodeClass).toEqual({ group: "karpenter.azure.com", kind: "AKSNodeClass", name: "c" });
  expect(pool.requirements.map(requirementText)).toEqual(["karpenter.azure.com/sku-cpu <= 32 minValues 2"]);
  const older = readNodePool({
    apiVersion: "karpenter.sh/v1beta1",
    kind: "NodePool",
    metadata: { name: "a" },
    spec: {
      disruption: { consolidationPolicy: "WhenUnderutilized", expireAfter: "24h" },
      template: { spec: { nodeClassRef: { apiVersion: "karpenter.azure.com/v1alpha2", name: "c" }, requirements: [] } },
    },
  } as KubeObject);
  expect(older.expireAfter).toBe(24 * 3_600_000);
  expect(older.disruption.policy).toBe("WhenEmptyOrUnderutilized");
  expect(older.nodeClass).toEqual({ group: "karpenter.azure.com", kind: "AKSNodeClass", name: "c" });
});

test("order of NodePools", () => {
  const pools = [nodePool("a"), nodePool("b"), nodePool("z", { weight: 1 }), nodePool("c", { weight: 5 })];
  expect([...pools].sort(byWeight).map(({ name }) => name)).toEqual(["c", "z", "b", "a"]);
});
