import { expect, test } from "@jest/globals";
import { atLeastVersion } from "../../src/azure/kubernetes-version.ts";
import { automaticPortsPerNode, isValidPortAllocation, snatPlan } from "../../src/azure/outbound.ts";
import { regionName, regionZones } from "../../src/azure/regions.ts";
import { builtInRole } from "../../src/azure/roles.ts";
import { quotasFromUsageDump, vmSizesFromSkuDump } from "../../src/azure/sku-dump.ts";
import { builtInStorageClasses } from "../../src/azure/storage-classes.ts";
import { systemFacts, systemWorkloads } from "../../src/azure/system-workloads.ts";
import { upgradeSurge } from "../../src/azure/upgrade-surge.ts";
import { vmSize, vmSizeNames } from "../../src/azure/vm-sizes.ts";
import { quantityMilliValue, quantityValue } from "../../src/kubernetes/quantity.ts";
import { aksCluster, nodePool } from "../support/platform.ts";

test("all 1,405 sizes are there, found in any case", () => {
  expect(vmSizeNames()).toHaveLength(1405);
  expect(vmSize("standard_d4S_V5")).toMatchObject({
    name: "Standard_D4s_v5",
    vcpus: 4,
    memoryGib: 16,
    csiAllocatable: 8,
    architecture: "amd64",
    premiumIo: true,
  });
  expect(vmSize("Standard_D4pds_v5")?.architecture).toBe("arm64");
  expect(vmSize("Standard_X1")).toBeUndefined();
});

test("a SKU dump goes before the table and knows zones", () => {
  const sizes = vmSizesFromSkuDump([
    {
      resourceType: "virtualMachines",
      name: "Standard_X9s_v9",
      family: "standardXSv9Family",
      locationInfo: [{ location: "WestEurope", zones: ["3", "1", "2"] }],
      restrictions: [
        {
          type: "Zone",
          restrictionInfo: { locations: ["WestEurope"], zones: ["2"] },
          reasonCode: "NotAvailableForSubscription",
        },
      ],
      capabilities: [
        { name: "vCPUs", value: "9" },
        { name: "MemoryGB", value: "36" },
        { name: "MaxDataDiskCount", value: "12" },
        { name: "CpuArchitectureType", value: "Arm64" },
        { name: "PremiumIO", value: "True" },
      ],
    },
    { resourceType: "disks", name: "Premium_LRS" },
  ]);
  const size = vmSize("standard_x9s_v9", sizes);
  expect(size).toMatchObject({ vcpus: 9, memoryGib: 36, architecture: "arm64", maxDataDisks: 12, csiAllocatable: 16 });
  expect(size?.zonesByRegion?.get("westeurope")).toEqual(["1", "3"]);
  expect(
    quotasFromUsageDump([{ name: { value: "standardDSv5Family" }, currentValue: 8, limit: "100" }]).get(
      "standarddsv5family",
    ),
  ).toEqual({
    family: "standardDSv5Family",
    used: 8,
    limit: 100,
  });
});

test("regions are one in every spelling", () => {
  expect(regionName("West Europe")).toBe("westeurope");
  expect(regionZones("West Europe")).toBe("zonal");
  expect(regionZones("westus")).toBe("not zonal");
  expect(regionZones("atlantis")).toBe("not in the table");
});

test("versions compare by major and minor", () => {
  expect([atLeastVersion("1.29.0", "1.29"), atLeastVersion("v1.3", "1.29"), atLeastVersion("2.0", "1.29")]).toEqual([
    true,
    false,
    true,
  ]);
});

// "Configure the load balancer": default port allocation by pool size.
test.each([
  [1, 1024],
  [50, 1024],
  [51, 512],
  [100, 512],
  [101, 256],
  [200, 256],
  [201, 128],
  [400, 128],
  [401, 64],
  [800, 64],
  [801, 32],
])("%i nodes get %i ports each", (nodes, ports) => {
  expect(automaticPortsPerNode(nodes)).toBe(ports);
});

test("an explicit allocation needs addresses for all nodes and surge", () => {
  expect(snatPlan(16, 1, 4000)).toMatchObject({ fits: true, maxNodes: 16, needed: 64_000 });
  expect(snatPlan(17, 1, 4000)).toMatchObject({ fits: false, addressesNeeded: 2 });
  expect([isValidPortAllocation(1000), isValidPortAllocation(1001), isValidPortAllocation(64_008)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("surge rounds up and never exceeds the pool", () => {
  const surge = (count: number, maxSurge: string | undefined, kubernetesVersion = "1.34", spot = false): number =>
    upgradeSurge(count, { maxSurge, kubernetesVersion, spot }).nodes;
  expect([surge(50, undefined), surge(50, undefined, "1.27"), surge(4, "50%"), surge(3, "33%")]).toEqual([5, 1, 2, 1]);
  expect([surge(2, "5"), surge(0, undefined), surge(10, "33%", "1.34", true)]).toEqual([2, 0, 0]);
});

test("roles are found by name, id and definition id", () => {
  expect(builtInRole("acrpull")?.permissions[0]?.actions).toEqual(["Microsoft.ContainerRegistry/registries/pull/read"]);
  const id = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7";
  expect(builtInRole(id)?.name).toBe("Network Contributor");
  expect(builtInRole("No Such Role")).toBeUndefined();
});

test("default classes are zone redundant on zonal clusters from 1.29", () => {
  const sku = (kubernetesVersion: string, zonal: boolean): (string | undefined)[] =>
    builtInStorageClasses({ kubernetesVersion, zonal, disk: true, file: true, blob: false })
      .filter((item) => item.name === "default" || item.name === "managed-csi-premium-v2")
      .map((item) => item.parameters["skuname"]);
  expect(sku("1.28", true)).toEqual(["StandardSSD_LRS"]);
  expect(sku("1.29", true)).toEqual(["StandardSSD_ZRS"]);
  expect(sku("1.35", false)).toEqual(["StandardSSD_LRS", "PremiumV2_LRS"]);
});

// A described node of 1.30.9, one node, overlay, no add-ons: 13 pods, 922m and 928Mi.
test("system pods add up to an observed one-node cluster", () => {
  const cluster = aksCluster({ kubernetesVersion: "1.30.9", pools: [nodePool("system", { nodeCount: 1 })] });
  let [pods, cpu, memory] = [0, 0, 0];
  for (const workload of systemWorkloads(systemFacts(cluster, "1.30.9", 1, 2))) {
    const count = workload.kind === "DaemonSet" ? 1 : workload.replicas;
    pods += count;
    cpu += count * (quantityMilliValue(workload.requests?.["cpu"] ?? "0") ?? 0);
    memory += count * (quantityValue(workload.requests?.["memory"] ?? "0") ?? 0);
  }
  expect({ pods, cpu, memoryMib: memory / 1024 ** 2 }).toEqual({ pods: 13, cpu: 922, memoryMib: 928 });
});
