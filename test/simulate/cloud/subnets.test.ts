import { expect, test } from "@jest/globals";
import { predictSubnets, type SubnetsInput } from "../../../src/simulate/cloud/subnets.ts";
import { aksCluster, nodePool, platform, ref, subnet } from "../../support/platform.ts";

const predict = (parts: Partial<SubnetsInput>) => {
  const outcome = predictSubnets({
    platform: platform({ subnets: [subnet("nodes", "10.0.0.0/21"), subnet("pods", "10.1.0.0/16")] }),
    cluster: aksCluster(),
    pools: [],
    ...parts,
  });
  return outcome.value.map(({ name, usable, used, reserved, free }) => ({ name, usable, used, reserved, free }));
};

const azure = (mode?: string, policy?: string) =>
  aksCluster({ network: { plugin: "azure", pluginMode: mode, policy } });

// "Plan IP addressing for AKS clusters": 50 nodes, 30 pods, one surge node: 51 + 51 × 30 = 1,581 addresses, a /21.
test("node subnet: the documented check of 50 nodes, 30 pods and one surge node", () => {
  const pools = [{ pool: nodePool("user", { upgrade: upgrade("1") }), now: 50, predicted: 50, max: 50 }];
  expect(predict({ cluster: azure(), pools })).toEqual([
    { name: "nodes", usable: 2043, used: 1550, reserved: 31, free: 462 },
  ]);
});

const upgrade = (maxSurge: string | undefined) => ({
  maxSurge,
  maxUnavailable: undefined,
  drainTimeoutMinutes: undefined,
  soakMinutes: undefined,
});

test("overlay: one address a node, and a /24 of the pod range; a /16 carries 256 nodes", () => {
  const pools = [{ pool: nodePool("user", { upgrade: upgrade("10%") }), now: 3, predicted: 5, max: 20 }];
  expect(predict({ pools })).toEqual([
    { name: "nodes", usable: 2043, used: 5, reserved: 17, free: 2021 },
    { name: "pod_cidr", usable: 65536, used: 5 * 256, reserved: 17 * 256, free: (256 - 22) * 256 },
  ]);
});

test("kubenet: the route table ends at 400 nodes", () => {
  const cluster = aksCluster({ network: { plugin: "kubenet", pluginMode: undefined, podCidr: "10.128.0.0/12" } });
  const pools = [{ pool: nodePool("user"), now: 10, predicted: 10, max: 10 }];
  expect(predict({ cluster, pools })[1]).toEqual({
    name: "pod_cidr",
    usable: 400 * 256,
    used: 2560,
    reserved: 256,
    free: 389 * 256,
  });
});

// azure-container-networking `ipammath`: 0 to 8 pods 16, 9 to 24 pods 32, 25 48.
test.each([
  [0, 16],
  [8, 16],
  [9, 32],
  [24, 32],
  [25, 48],
])("pod subnet, dynamic: %i pods hold %i addresses a node", (podsPerNode, held) => {
  const pool = nodePool("user", { podSubnet: ref("azurerm_subnet.pods"), upgrade: upgrade("1") });
  const pools = [{ pool, now: 4, predicted: 4, max: 6, podsPerNode }];
  expect(predict({ cluster: azure(), pools })).toEqual([
    { name: "nodes", usable: 2043, used: 4, reserved: 3, free: 2036 },
    { name: "pods", usable: 65531, used: 4 * held, reserved: 3 * held, free: 65531 - 7 * held },
  ]);
});

test("pod subnet, static: blocks of 16 for max_pods and one", () => {
  const pool = (maxPods: number) =>
    nodePool("user", { podSubnet: ref("azurerm_subnet.pods"), podIpAllocationMode: "StaticBlock", maxPods });
  const used = (maxPods: number): number | undefined =>
    predict({ cluster: azure(), pools: [{ pool: pool(maxPods), now: 1, predicted: 1, max: 1 }] })[1]?.used;
  expect([used(15), used(16), used(31), used(110)]).toEqual([16, 32, 32, 112]);
});

test("internal frontends, private endpoints and the API server's own endpoint take addresses too", () => {
  const cluster = aksCluster({ privateCluster: true, pools: [nodePool("system", { isDefault: true })] });
  const endpoint = {
    ...subnet("acr", "10.9.0.0/24"),
    subnet: ref("azurerm_subnet.nodes"),
    target: ref("azurerm_container_registry.shop"),
    subresources: ["registry"],
    dnsZones: [],
  };
  const world = platform({ subnets: [subnet("nodes", "10.0.0.0/26")], privateEndpoints: [endpoint] });
  const [first] = predict({
    platform: world,
    cluster,
    pools: [{ pool: nodePool("system"), now: 2, predicted: 2, max: 2 }],
    internalFrontends: [{ service: "default/web", subnet: undefined }],
  });
  expect(first).toEqual({ name: "nodes", usable: 59, used: 6, reserved: 1, free: 52 });
});

test("two clusters in one subnet are counted together", () => {
  const use = (name: string) => ({
    cluster: aksCluster({ address: `azurerm_kubernetes_cluster.${name}` }),
    pools: [{ pool: nodePool(name), now: 20, predicted: 20, max: 20 }],
  });
  const world = platform({ subnets: [subnet("nodes", "10.0.0.0/26")] });
  expect(predict({ platform: world, ...use("a"), others: [use("b")] })[0]).toEqual({
    name: "nodes",
    usable: 59,
    used: 40,
    reserved: 4,
    free: 15,
  });
});

test("an unknown prefix is said and not counted", () => {
  const outcome = predictSubnets({
    platform: platform({ subnets: [subnet("nodes", "", { addressPrefixes: undefined })] }),
    cluster: azure(),
    pools: [{ pool: nodePool("user"), now: 1, predicted: 1, max: 1 }],
  });
  expect(outcome.value).toEqual([]);
  expect(outcome.diagnostics.map((item) => item.code)).toEqual(["AKS9302"]);
});

test("without a subnet of the user's the managed one is taken", () => {
  const pool = nodePool("user", { subnet: undefined });
  expect(predict({ pools: [{ pool, now: 1, predicted: 1, max: 1 }] })[0]).toMatchObject({
    name: "aks-subnet",
    usable: 65531,
  });
});

test("with VNet integration the API server has a subnet of its own and no private endpoint", () => {
  const cluster = aksCluster({
    privateCluster: true,
    apiServerSubnet: ref("azurerm_subnet.api"),
    pools: [nodePool("system", { isDefault: true })],
  });
  const world = platform({ subnets: [subnet("nodes", "10.0.0.0/26"), subnet("api", "10.0.1.0/28")] });
  const found = predict({
    platform: world,
    cluster,
    pools: [{ pool: nodePool("system"), now: 1, predicted: 1, max: 1 }],
  });
  expect(found.filter((item) => item.name !== "pod_cidr")).toEqual([
    { name: "nodes", usable: 59, used: 1, reserved: 1, free: 57 },
    { name: "api", usable: 11, used: 9, reserved: 0, free: 2 },
  ]);
});

test("the moments of a subnet, and the nodes that still fit", () => {
  const [found] = predictSubnets({
    platform: platform({ subnets: [subnet("nodes", "10.0.0.0/24")] }),
    cluster: azure(),
    pools: [
      {
        pool: nodePool("system", { isDefault: true, maxPods: 30, upgrade: upgrade("1") }),
        now: 1,
        predicted: 2,
        max: 3,
      },
      { pool: nodePool("user", { maxPods: 10, upgrade: upgrade("1") }), now: 1, predicted: 1, max: 2 },
    ],
  }).value;
  expect(found?.moments).toEqual({ now: 42, predicted: 73, max: 115, surge: 157, rotation: 135 });
  expect(found?.moreNodes).toBe(5);
});

const dualStack = (parts: Parameters<typeof aksCluster>[0] = {}) =>
  aksCluster({ ...parts, network: { ipVersions: ["IPv4", "IPv6"], ...parts.network } });
const bothFamilies = subnet("nodes", "", { addressPrefixes: ["10.0.0.0/24", "fd00:10:1::/64"] });

test("dual stack: one address of each family a node, a /24 and a /80 of the pod ranges, internal frontends by family", () => {
  const cluster = dualStack({ pools: [nodePool("system", { isDefault: true })] });
  const found = predict({
    platform: platform({ subnets: [bothFamilies] }),
    cluster,
    pools: [{ pool: nodePool("system", { upgrade: upgrade("1") }), now: 3, predicted: 4, max: 9 }],
    internalFrontends: [
      { service: "shop/web", subnet: undefined },
      { service: "shop/web", subnet: undefined, family: 6 },
    ],
  });
  const most = 2 ** 52;
  expect(found).toEqual([
    { name: "nodes", usable: 251, used: 5, reserved: 6, free: 240 },
    { name: "pod_cidr", usable: 65536, used: 1024, reserved: 6 * 256, free: (256 - 10) * 256 },
    { name: "nodes (IPv6)", usable: most, used: 5, reserved: 6, free: most - 11 },
    { name: "pod_cidr (IPv6, /80 blocks)", usable: 65536, used: 4, reserved: 6, free: 65526 },
  ]);
  for (const one of found) expect(one.used + one.reserved + one.free).toBe(one.usable);
});

test("dual stack with kubenet: two routes a node, 200 nodes", () => {
  const cluster = dualStack({ network: { plugin: "kubenet", pluginMode: undefined, podCidr: "10.128.0.0/12" } });
  const found = predict({
    platform: platform({ subnets: [bothFamilies] }),
    cluster,
    pools: [{ pool: nodePool("user"), now: 10, predicted: 10, max: 10 }],
  });
  expect(found.filter(({ name }) => name.startsWith("pod_cidr")).map(({ usable }) => usable)).toEqual([200 * 256, 200]);
});

test("a subnet without an IPv6 range has no row of that family, and neither has a cluster of one family", () => {
  const use = { pools: [{ pool: nodePool("user"), now: 1, predicted: 1, max: 1 }] };
  expect(predict({ ...use, cluster: dualStack() }).map(({ name }) => name)).not.toContain("nodes (IPv6)");
  const single = predict({ ...use, platform: platform({ subnets: [bothFamilies] }) });
  expect(single.map(({ name }) => name)).toEqual(["nodes", "pod_cidr"]);
});
