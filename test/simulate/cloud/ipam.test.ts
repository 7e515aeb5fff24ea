import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { containsIp, parseCidr, parseIp } from "../../../src/azure/cidr.ts";
import type { NetworkMode } from "../../../src/azure/network-mode.ts";
import { upgradeSurge } from "../../../src/azure/upgrade-surge.ts";
import { AddressPool } from "../../../src/simulate/cloud/address-pool.ts";
import { blocksOf, Ipam, type PoolNetwork } from "../../../src/simulate/cloud/ipam.ts";
import { predictSubnets } from "../../../src/simulate/cloud/subnets.ts";
import { aksCluster, nodePool, platform, subnet } from "../../support/platform.ts";

const range = (text: string) => {
  const found = parseCidr(text);
  if (found === undefined) throw new Error(text);
  return found;
};

const network = (mode: NetworkMode, maxPods: number, nodes = "10.0.0.0/22", pods = "10.1.0.0/20"): PoolNetwork => ({
  mode,
  maxPods,
  nodes: new AddressPool(range(nodes)),
  pods: new AddressPool(range(pods)),
  blocks: blocksOf(range(pods), mode),
});

test("the first node has the subnet's fifth address", () => {
  const ipam = new Ipam();
  const pool = network("overlay", 250);
  expect(ipam.addNode("a", pool)).toEqual({ ip: "10.0.0.4", podCidr: "10.1.0.0/24" });
  expect(ipam.addNode("b", pool)).toEqual({ ip: "10.0.0.5", podCidr: "10.1.1.0/24" });
  ipam.removeNode("a");
  expect(ipam.addNode("c", pool)).toEqual({ ip: "10.0.0.4", podCidr: "10.1.0.0/24" });
});

test("node subnet mode takes max_pods more up front and stops when they are not there", () => {
  const ipam = new Ipam();
  const pool = network("nodeSubnet", 30, "10.0.0.0/26");
  expect(ipam.addNode("a", pool)).toEqual({ ip: "10.0.0.4", podCidr: undefined });
  expect(pool.nodes.used).toBe(31);
  expect(ipam.addNode("b", pool)).toEqual({ exhausted: "node subnet" });
  expect(ipam.addPod("a", "p", false)).toBe("10.0.0.5");
  expect(ipam.addPod("a", "host", true)).toBe("10.0.0.4");
});

test("the dynamic mode takes batches as pods come and gives them back", () => {
  const ipam = new Ipam();
  const pool = network("podSubnet", 110);
  ipam.addNode("a", pool);
  expect(pool.pods?.used).toBe(16);
  for (let index = 0; index < 9; index++) ipam.addPod("a", `p${index}`, false);
  expect(pool.pods?.used).toBe(32);
  ipam.removePod("a", "p0");
  expect(pool.pods?.used).toBe(16);
});

test("overlay ends with the blocks of its range", () => {
  const ipam = new Ipam();
  const pool = network("overlay", 250, "10.0.0.0/24", "10.244.0.0/23");
  expect(["a", "b", "c"].map((name) => ipam.addNode(name, pool))[2]).toEqual({ exhausted: "pod range" });
  expect(pool.nodes.used).toBe(2);
});

const steps = fc.array(fc.tuple(fc.constantFrom("node", "drop", "pod", "unpod"), fc.nat(5), fc.nat(40)), {
  maxLength: 120,
});

const dual = (mode: "overlay" | "kubenet", nodes = "fd00:10:1::/64", pods = "fd12:3456:789a::/64"): PoolNetwork => ({
  ...network(mode, 60),
  ipv6: { nodes: new AddressPool(range(nodes)), blocks: blocksOf(range(pods), mode, 2) },
});

// "Use dual-stack networking in AKS": 10.240.0.4 and …::4 with 10.244.0.0/24 and fd12:3456:789a::/80, then …:0:1::/80.
test("a node of a dual-stack cluster has an address and a block of both families", () => {
  const ipam = new Ipam();
  const pool = dual("overlay");
  expect(ipam.addNode("a", pool)).toEqual({
    ip: "10.0.0.4",
    podCidr: "10.1.0.0/24",
    ipv6: { ip: "fd00:10:1::4", podCidr: "fd12:3456:789a::/80" },
  });
  expect(ipam.addNode("b", pool)).toMatchObject({
    ipv6: { ip: "fd00:10:1::5", podCidr: "fd12:3456:789a:0:1::/80" },
  });
  expect([ipam.addPodIpv6("b", "p", false), ipam.addPodIpv6("b", "host", true)]).toEqual([
    "fd12:3456:789a:0:1::",
    "fd00:10:1::5",
  ]);
});

test("an IPv6 pod range ends with its blocks, and gives the IPv4 share back", () => {
  const ipam = new Ipam();
  const pool = dual("overlay", "fd00:10:1::/64", "fd12:3456:789a::/79");
  expect(["a", "b", "c"].map((name) => ipam.addNode(name, pool))[2]).toEqual({ exhausted: "pod range" });
  expect([pool.nodes.used, pool.blocks?.used, pool.ipv6?.nodes.used]).toEqual([2, 2, 2]);
  expect(blocksOf(range("fd12:3456:789a::/64"), "overlay", 2).total).toBe(65536);
  expect(blocksOf(range("fd12:3456:789a::/64"), "kubenet", 2).total).toBe(200);
  expect(blocksOf(range("10.244.0.0/12"), "kubenet", 2).total).toBe(200);
});

test("both families: no address twice, none outside its range, and used and free make usable", () => {
  fc.assert(
    fc.property(fc.constantFrom<"overlay" | "kubenet">("overlay", "kubenet"), steps, (mode, list) => {
      const ipam = new Ipam();
      const pool = dual(mode, "fd00:10:1::/125", "fd12:3456:789a::/78");
      const six = pool.ipv6;
      const nodes = new Map<string, { readonly ip: string; readonly block: string }>();
      const pods = new Map<string, string>();
      for (const [what, nodeIndex, podIndex] of list) {
        const node = `n${nodeIndex}`;
        const pod = `${node}/p${podIndex}`;
        if (what === "node" && !nodes.has(node)) {
          const given = ipam.addNode(node, pool);
          if ("ip" in given && given.ipv6 !== undefined)
            nodes.set(node, { ip: given.ipv6.ip, block: given.ipv6.podCidr });
          else expect("exhausted" in given).toBe(true);
        } else if (what === "drop") {
          ipam.removeNode(node);
          nodes.delete(node);
          for (const key of [...pods.keys()]) if (key.startsWith(`${node}/`)) pods.delete(key);
        } else if (what === "pod" && nodes.has(node)) {
          ipam.addPod(node, pod, false);
          const given = ipam.addPodIpv6(node, pod, false);
          if (typeof given === "string") {
            pods.set(pod, given);
            expect(containsIp(range(nodes.get(node)?.block ?? ""), address(given))).toBe(true);
          }
        } else if (what === "unpod") {
          ipam.removePod(node, pod);
          pods.delete(pod);
        }
        const all = [...[...nodes.values()].map(({ ip }) => ip), ...pods.values()];
        expect(new Set(all).size).toBe(all.length);
        for (const { ip, block } of nodes.values()) {
          expect(inside("fd00:10:1::/125", ip)).toBe(true);
          expect(inside("fd12:3456:789a::/78", block.slice(0, block.indexOf("/")))).toBe(true);
        }
        expect([pool.nodes.used, six?.nodes.used, six?.blocks.used]).toEqual([nodes.size, nodes.size, nodes.size]);
        expect((six?.nodes.used ?? 0) + (six?.nodes.free ?? 0)).toBe(six?.nodes.usable);
        expect((six?.blocks.used ?? 0) + (six?.blocks.free ?? 0)).toBe(six?.blocks.total);
      }
    }),
    { numRuns: 60 },
  );
});

const modes = fc.constantFrom<NetworkMode>("kubenet", "nodeSubnet", "podSubnet", "podSubnetStatic", "overlay", "none");

test("no address is handed out twice, none outside its range, and used and free make usable", () => {
  fc.assert(
    fc.property(modes, fc.integer({ min: 10, max: 60 }), steps, (mode, maxPods, list) => {
      const ipam = new Ipam();
      const pool = network(mode, maxPods);
      const nodes = new Map<string, string>();
      const pods = new Map<string, string>();
      for (const [what, nodeIndex, podIndex] of list) {
        const node = `n${nodeIndex}`;
        const pod = `${node}/p${podIndex}`;
        if (what === "node" && !nodes.has(node)) {
          const given = ipam.addNode(node, pool);
          if ("ip" in given) nodes.set(node, given.ip);
        } else if (what === "drop") {
          ipam.removeNode(node);
          nodes.delete(node);
          for (const key of [...pods.keys()]) if (key.startsWith(`${node}/`)) pods.delete(key);
        } else if (what === "pod" && nodes.has(node)) {
          const given = ipam.addPod(node, pod, false);
          if (typeof given === "string" && given !== nodes.get(node)) pods.set(pod, given);
        } else if (what === "unpod") {
          ipam.removePod(node, pod);
          pods.delete(pod);
        }
        const all = [...nodes.values(), ...pods.values()];
        expect(new Set(all).size).toBe(all.length);
        const podRange = range(mode === "nodeSubnet" ? "10.0.0.0/22" : "10.1.0.0/20");
        for (const ip of nodes.values()) expect(inside("10.0.0.0/22", ip)).toBe(true);
        for (const ip of pods.values()) expect(containsIp(podRange, address(ip))).toBe(true);
        expect(pool.nodes.used + pool.nodes.free).toBe(pool.nodes.usable);
        expect((pool.pods?.used ?? 0) + (pool.pods?.free ?? 0)).toBe(pool.pods?.usable);
      }
    }),
    { numRuns: 60 },
  );
});

const address = (text: string) => {
  const found = parseIp(text);
  if (found === undefined) throw new Error(text);
  return found;
};

const inside = (prefix: string, ip: string): boolean => containsIp(range(prefix), address(ip));

test("surge is never less than steady state, and used, reserved and free make usable", () => {
  const counts = fc.nat(60);
  fc.assert(
    fc.property(
      counts,
      counts,
      fc.option(fc.constantFrom("1", "5", "33%", "100%"), { nil: undefined }),
      fc.constantFrom("overlay", undefined),
      (now, more, maxSurge, pluginMode) => {
        const pool = nodePool("user", {
          upgrade: { maxSurge, maxUnavailable: undefined, drainTimeoutMinutes: undefined, soakMinutes: undefined },
        });
        const cluster = aksCluster({ network: { pluginMode } });
        const world = platform({ subnets: [subnet("nodes", "10.0.0.0/20")] });
        const at = (max: number) =>
          predictSubnets({ platform: world, cluster, pools: [{ pool, now, predicted: now, max }] }).value[0];
        const steady = at(now);
        const largest = at(now + more);
        if (steady === undefined || largest === undefined) throw new Error("no subnet");
        expect(largest.reserved).toBeGreaterThanOrEqual(steady.reserved);
        expect(steady.reserved).toBeGreaterThanOrEqual(0);
        for (const one of [steady, largest]) expect(one.used + one.reserved + one.free).toBe(one.usable);
        expect(upgradeSurge(now, { maxSurge, kubernetesVersion: "1.34", spot: false }).nodes).toBeLessThanOrEqual(now);
      },
    ),
    { numRuns: 60 },
  );
});
